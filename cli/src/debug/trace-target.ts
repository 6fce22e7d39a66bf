import path from 'node:path';
import { composeKernel, type Kernel, type Task } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { LackeyReplay } from '@hwbp/lackey';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { runError } from '../errors.js';
import { conclude } from '../replay/conclude.js';
import type { OpenedTrace, OpenedTraces } from '../replay/open-traces.js';
import type { LoadedProgram } from '../replay/place-program.js';
import type { TraceEvidence } from '../replay/trace-evidence.js';
import type { TraceInput } from '../replay/trace-input.js';
import type { DebugTarget } from './target.js';

/** The address in the first instruction line of a trace. */
const FIRST_INSTRUCTION = /^I\s+([0-9a-f]{1,16}),/im;

/** How a trace is debugged. */
export interface TraceTargetOptions {
  readonly trace: string;
  readonly arch: KnownArchitecture;
  readonly opened: OpenedTraces;
  readonly strict: boolean;
}

/** A task that replays a trace, in the memory that its program began with. */
export class TraceTarget implements DebugTarget {
  readonly kernel: Kernel;
  readonly program: LoadedProgram | undefined;
  readonly debuggable: Kgdb;
  readonly code: DebugTarget['code'];
  readonly threads = undefined;
  readonly systemCalls = false;
  readonly #replay: LackeyReplay;
  readonly #task: Task;
  readonly #input: TraceInput;
  readonly #evidence: TraceEvidence;
  readonly #blocks: AsyncGenerator<Uint8Array>;
  #ended = false;

  private constructor({ arch, opened, strict, trace }: TraceTargetOptions) {
    const { program, symbols } = opened;
    const [{ input, evidence }] = opened.traces as readonly [OpenedTrace];
    this.program = program;
    this.code = arch.code;
    this.#input = input;
    this.#evidence = evidence;
    this.#blocks = input.blocks();
    this.kernel = composeKernel({ arch: arch.create(), symbols, plugins: [Kgdb] });
    this.debuggable = this.kernel.get(Kgdb);
    this.#replay = new LackeyReplay(program === undefined ? { strict } : { strict, repeats: program.repeats });
    const comm = path.basename(program?.path ?? (trace === '-' ? 'task' : trace));
    this.#task = this.kernel.machine.spawn(() => this.#replay, { comm });
    if (program === undefined || program.unplaced !== undefined) return;
    for (const { address, bytes } of program.segments) if (bytes.length > 0) this.#task.memory.write(address, bytes);
  }

  /** Opens the trace and reads its beginning. Throws a usage error if there is none. */
  static async open(options: TraceTargetOptions): Promise<TraceTarget> {
    const target = new TraceTarget(options);
    await target.feed();
    return target;
  }

  get banner(): DebugTarget['banner'] {
    const { name, gzip, size } = this.#input;
    const bytes = size === undefined ? '' : `${size.toLocaleString('en')} bytes`;
    const executes = this.kernel.breakpoints.manifest.access.includes('x');
    const stops = `${executes ? 'hbreak, ' : ''}break, awatch and rwatch`;
    const about = [gzip ? 'gzip' : '', bytes].filter((part) => part !== '').join(', ');
    return [
      ['trace', about === '' ? name : `${name} (${about})`],
      [
        'memory',
        `${this.program === undefined ? 'zeroes' : "the program's initial image"}, for good: a trace carries no values, and no registers but the program counter.`,
      ],
      ['', `${stops} work; watch waits for a change, and nothing ever changes.`],
      [
        '',
        'bt, up, finish, next and step into functions do not: there is no stack pointer. Use tbreak, advance, stepi.',
      ],
    ];
  }

  async feed(): Promise<boolean> {
    if (this.#ended) return false;
    const first = this.#replay.lines === 0;
    const { done, value } = await this.#blocks.next();
    if (done === true) {
      this.#ended = true;
      this.#replay.end();
    } else {
      this.#evidence.see(value);
      if (first) this.#showBeginning(value);
      this.#replay.feed(value);
    }
    this.kernel.machine.wake(this.#task);
    return true;
  }

  report(): string | undefined {
    const { steps, skipped } = this.#replay;
    const other = skipped === 0 ? '' : `, ${skipped.toLocaleString('en')} other lines`;
    return `${steps.toLocaleString('en')} instructions${other}`;
  }

  /** Of a program that the debugger ended before its trace did nothing is missing. */
  conclude(): void {
    if (this.#ended) conclude([{ evidence: this.#evidence }], true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kernel.dispose();
    await this.#blocks.return(undefined);
  }

  /** The program counter of a program that has not begun: where it will. */
  #showBeginning(block: Uint8Array): void {
    const head = String.fromCharCode(...block.subarray(0, 64 * 1024));
    const address = FIRST_INSTRUCTION.exec(head)?.[1];
    if (address === undefined) {
      throw runError(
        `there is no Lackey trace in ${this.#input.name}: no instruction in its first 64 KiB`,
        'record one with: valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM',
      );
    }
    this.#task.context.pc = BigInt(`0x${address}`);
  }
}
