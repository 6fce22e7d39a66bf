import { type Architecture, composeKernel, type Kernel, type Machine } from '@hwbp/core';
import { Perf, perf } from '@hwbp/perf';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import type { Script } from '../format/script.js';
import { AddressBook } from './address-book.js';
import { OpenEvents } from './open-events.js';
import type { RecordedArchitecture } from './recorded-architecture.js';
import { RecorderTask } from './recorder-task.js';
import { RemoteMemory } from './remote-memory.js';
import { Tasks } from './tasks.js';
import { Workers } from './workers.js';

/** How a script is played. */
export interface ConformOptions {
  /** Without the quirks of Linux. */
  readonly strict: boolean;
  /** Names of single quirks that are left out. */
  readonly without?: readonly string[];
  /**
   * The architecture of the kernels, instead of this project's: called with the options that the recorded one would be
   * made with (`cpu`, `rangeBreakpoints`, ...). Scripts of an architecture that has another name are not played.
   */
  readonly createArchitecture?: ((options: object) => Architecture) | undefined;
}

/** Where a script is played: its kernel, the recorder that performs it, and the tasks that the recorder traces. */
export class Stage implements Disposable {
  readonly architecture: RecordedArchitecture;
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly tracer: Tracer;
  readonly perf: Perf;
  readonly self: RecorderTask;
  readonly tasks = new Tasks();
  readonly workers: Workers;
  readonly events = new OpenEvents();
  readonly addresses: AddressBook;
  readonly memory: RemoteMemory;
  #unique = 0x1111_1111_1111_1111n;

  constructor(
    architecture: RecordedArchitecture,
    script: Script,
    { strict, without = [], createArchitecture }: ConformOptions,
  ) {
    const { perf: settings, consumers = [], ...options } = architecture.kernel(script);
    const known = without.filter((name) => architecture.quirks.some((quirk) => quirk.name === name));
    this.architecture = architecture;
    const { arch } = options;
    this.kernel = composeKernel({
      ...options,
      arch: createArchitecture?.(arch.options ?? {}) ?? arch,
      plugins: [Ptrace, perf(settings), ...consumers],
      strict,
      quirks: { ...options.quirks, ...Object.fromEntries(known.map((name) => [name, false])) },
    });
    this.machine = this.kernel.machine;
    this.tracer = this.kernel.get(Ptrace).tracer('recorder');
    this.perf = this.kernel.get(Perf);
    this.self = new RecorderTask(this.machine, architecture.kernelText);
    this.workers = new Workers(this.machine, this.tracer, architecture, architecture.worker(this.kernel, script));
    this.addresses = new AddressBook(this.kernel, architecture.kernelText, this.tasks);
    this.memory = new RemoteMemory(this.machine, this.self, architecture.remoteCopy);
  }

  /** A value that differs from one access to the next. */
  unique(): bigint {
    this.#unique = BigInt.asUintN(64, this.#unique + 0x0101_0101_0101_0101n);
    return this.#unique;
  }

  [Symbol.dispose](): void {
    this.kernel.dispose();
  }
}
