import { type CpuDriver, patchText } from '../arch/index.js';
import type { Breakpoints } from '../breakpoint/index.js';
import { Token } from '../facets/index.js';
import type { Hardware } from '../hardware/index.js';
import type { Machine, SymbolTable } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import { CompositionError } from './composition-error.js';
import type { KernelContainer } from './container.js';
import type { KernelDescription } from './describe.js';
import { hibernate, type KernelImage } from './image.js';
import type { SuccessorOptions } from './kernel-options.js';
import type { Consumer, ConsumerClass } from './plugin.js';
import { BREAKPOINTS, DRIVERS, HARDWARE, MACHINE, QUIRKS, REGISTERS, SYMBOLS } from './tokens.js';

/** What the composition hands over. */
export interface KernelParts {
  readonly container: KernelContainer;
  /** In the order in which they were started. */
  readonly consumers: ReadonlyMap<ConsumerClass, Consumer>;
  readonly describe: () => KernelDescription;
  /** What the architecture offers. */
  readonly facets: readonly Token<unknown>[];
  /** Has another kernel take the hardware. */
  readonly succeed: (options: SuccessorOptions, how: 'kexec' | 'crash', from: Kernel) => Kernel;
}

/** A composed kernel. `using` and `await using` dispose it. */
export class Kernel {
  readonly hardware: Hardware;
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly #parts: KernelParts;
  #disposed = false;
  #over = false;

  /** Use `composeKernel`. */
  constructor(parts: KernelParts) {
    this.#parts = parts;
    this.hardware = parts.container.get(HARDWARE);
    this.machine = parts.container.get(MACHINE);
    this.breakpoints = parts.container.get(BREAKPOINTS);
  }

  get symbols(): SymbolTable {
    return this.#parts.container.get(SYMBOLS);
  }

  get quirks(): QuirkSet {
    return this.#parts.container.get(QUIRKS);
  }

  /** The consumer of a class that this kernel was composed with, or what is provided under a token. */
  get<T extends Consumer>(consumer: ConsumerClass<T>): T;
  get<T>(token: Token<T>): T;
  get(wanted: ConsumerClass | Token<unknown>): unknown {
    this.#requireLive();
    const { container, consumers } = this.#parts;
    if (wanted instanceof Token) return container.services.get(wanted);
    const instance = consumers.get(wanted);
    if (instance !== undefined) return instance;
    const have = [...consumers.keys()].map((other) => other.plugin.name).join(', ') || 'none';
    throw new CompositionError(
      'COMPOSE_NOT_COMPOSED',
      `the consumer '${wanted.plugin?.name ?? wanted.name}' is not part of this kernel (it has: ${have}); add it to the plugins option`,
    );
  }

  /** What is under a token, such as a facet of the architecture; `undefined` if nobody provides it. */
  facet<T>(token: Token<T>): T | undefined {
    this.#requireLive();
    return this.#parts.container.services.find(token);
  }

  /** What was composed, as data; `String()` of it is a readable report. */
  describe(): KernelDescription {
    return this.#parts.describe();
  }

  /**
   * Patches the kernel's text, on a CPU, under an address of user space that is there for the time: that of a page,
   * `alias`. Nobody's watch on it fires. Throws EFAULT where no text is mapped.
   */
  patchText(
    address: bigint,
    bytes: Uint8Array,
    options: { readonly cpu?: number; readonly alias?: bigint } = {},
  ): void {
    this.#requireLive();
    const { machine } = this;
    const cpu = machine.cpu(options.cpu ?? machine.onlineCpus[0]?.index ?? 0);
    const driver = this.#parts.container.get(DRIVERS)[cpu.index] as CpuDriver;
    patchText({ machine, driver, cpu, manifest: this.breakpoints.manifest, address, bytes, alias: options.alias });
  }

  /**
   * Suspends the machine: every CPU loses its power, and its debug registers what is in them. Throws EBUSY for a CPU
   * that cannot go now, and what somebody throws who refuses: then everything goes on. See `machine.power`.
   */
  suspend(): void {
    this.#requireLive();
    this.machine.power.suspend();
  }

  /** Comes back from a suspend: what was armed is armed. Throws EINVAL if it is not suspended. */
  resume(): void {
    this.#requireLive();
    this.machine.power.resume();
  }

  /**
   * Suspends the machine, and returns what it takes to go on from there on another one, with {@link resumeKernel}: data
   * that JSON can hold. This one can go on too, with {@link resume}. Throws EBUSY, and changes nothing, if something
   * cannot be written down: a program that is a generator, a function that the composition has not named, a debugger
   * that is connected.
   */
  hibernate(): KernelImage {
    this.makeAll();
    return hibernate(this);
  }

  /** @internal Makes every facet: what it has of the kernel belongs into an image, asked for or not. */
  makeAll(): void {
    this.#requireLive();
    for (const facet of this.#parts.facets) this.#parts.container.get(facet);
  }

  /**
   * Ends this kernel, and lets another one have its hardware: every CPU is online, with its registers as after a reset,
   * no interrupt pending and no alarm set (Linux: kexec -e). Throws what is wrong with the options, and EBUSY for a CPU
   * that is in the middle of something: then this kernel goes on. After that there is no way back: if the other one
   * does not start, the hardware is nobody's.
   */
  kexec(options: SuccessorOptions): Kernel {
    this.#requireLive();
    return this.#parts.succeed(options, 'kexec', this);
  }

  /**
   * This kernel has crashed: it does nothing any more, not even end, and another one has its hardware as it is, with
   * what is armed, pending and offline. Nothing of that reaches the other one's first instruction but interrupt lines.
   * Throws as {@link kexec}; a CPU may be inside an exception. `dispose` of this one closes what its consumers have
   * outside of it, such as sockets.
   */
  crash(options: SuccessorOptions): Kernel {
    this.#requireLive();
    return this.#parts.succeed(options, 'crash', this);
  }

  /** @internal It has crashed: it can be disposed, and nothing else. */
  crashed(): void {
    this.#over = true;
    this.#parts.container.get(REGISTERS).close();
    this.machine.abandon();
  }

  /** Stops the consumers, last first, and ends every part. An error of one does not keep the others. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const consumer of [...this.#parts.consumers.values()].reverse()) {
      try {
        consumer.stop();
      } catch (error) {
        errors.push(error);
      }
    }
    errors.push(...this.#parts.container.end());
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} part(s) of the kernel failed to end`);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  #requireLive(): void {
    if (this.#over)
      throw new CompositionError('COMPOSE_DISPOSED', 'this kernel has crashed; another one has taken over');
    if (this.#disposed) throw new CompositionError('COMPOSE_DISPOSED', 'this kernel was disposed; compose a new one');
  }
}
