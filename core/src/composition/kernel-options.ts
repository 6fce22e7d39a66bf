import type { Clock, DebugUnit, Hardware } from '../hardware/index.js';
import type { KernelSymbol, Logger, SymbolTable } from '../kernel/index.js';
import type { Assembly, NamedFunction } from '../programs/index.js';
import type { HandlerErrorPolicy } from '../registers/index.js';
import type { Architecture } from './architecture.js';
import type { ConsumerClass, Plugin } from './plugin.js';

/** What a kernel is made of. Only `arch` is required. */
export interface KernelOptions {
  /** The architecture, such as `x86()`. */
  readonly arch: Architecture;
  /**
   * Parts and consumers, started in this order and stopped in reverse: what a package exports for it, or a class of a
   * consumer.
   */
  readonly plugins?: readonly (Plugin | ConsumerClass)[];
  /** When breakpoints are in registers. Default `directScheduler()`; `perfEvents()` makes them events. */
  readonly breakpointScheduler?: Plugin;
  /** Who gets debug registers. Default `linuxSlotPolicy()`. */
  readonly slotPolicy?: Plugin;
  /** Which task runs next, for how long, and where. Default `roundRobin()`. */
  readonly taskScheduler?: Plugin;
  /**
   * A computer that there is: a virtual machine's, or one that another kernel has left. Default: a new one, of the
   * options below.
   */
  readonly hardware?: Hardware;
  /** Number of CPUs of new hardware, default 1. */
  readonly cpus?: number;
  /** The debug unit of each CPU of new hardware; default the architecture's. */
  readonly createUnit?: (cpu: number) => DebugUnit;
  /** The clock of each CPU of new hardware; default {@link instructionTime} nanoseconds an instruction. */
  readonly createClock?: (cpu: number) => Clock;
  /** Nanoseconds that an instruction takes on new hardware, default 1000. */
  readonly instructionTime?: number;
  /** CPUs that begin offline. */
  readonly offline?: readonly number[];
  /** A table, or a list of symbols. Default: none. */
  readonly symbols?: SymbolTable | Iterable<KernelSymbol>;
  /**
   * Assemblies, made by `assemble`: their symbols are the kernel's, too, those of the kernel's space have their data in
   * its memory, and debuggers know their text. Default: none.
   */
  readonly routines?: readonly Assembly[];
  /** Default: a `RingLogger` of 1024 entries. */
  readonly logger?: Logger;
  /** Nanoseconds between ticks, default 4,000,000. */
  readonly tick?: number;
  /** Instructions that a CPU executes before the next has its turn, default 100. */
  readonly quantum?: number;
  /**
   * Whatever is random in the kernel follows from this number, such as `randomSchedule()` of @hwbp/schedulers, and what
   * others draw from `kernel.get(RANDOM)`: a whole number from 0 to 2 ** 32 - 1. Default 0.
   */
  readonly seed?: number;
  /**
   * Functions by name, for images to refer to: handlers of breakpoints and signals, system calls, and what makes a
   * program of its state. Default: none.
   */
  readonly code?: Readonly<Record<string, NamedFunction>>;
  /** True: no quirks of Linux. Default false. */
  readonly strict?: boolean;
  /** Single quirks by name, over what `strict` says. */
  readonly quirks?: Readonly<Record<string, boolean>>;
  /**
   * How wide breakpoints get to the other CPUs: `instant` (the default), or `ipi`: as on a computer, each CPU installs,
   * changes or removes its own when it takes an interrupt, and until then some have it and some have not.
   */
  readonly wideBy?: 'instant' | 'ipi';
  /** What a handler's error does after it was logged: `continue` (default), `stop`, or a decision for each. */
  readonly handlerErrors?: 'continue' | 'stop' | HandlerErrorPolicy;
}

/** What a kernel is made of that takes the hardware of another one. */
export type SuccessorOptions = Omit<
  KernelOptions,
  'hardware' | 'cpus' | 'createUnit' | 'createClock' | 'instructionTime'
>;
