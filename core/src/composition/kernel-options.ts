import type { Architecture } from '../facets/index.js';
import type { Clock, DebugUnit } from '../hardware/index.js';
import type { KernelSymbol, Logger, SymbolTable } from '../kernel/index.js';
import type { HandlerErrorPolicy, SchedulerFactory, SlotPolicyFactory } from '../registers/index.js';
import type { ConsumerClass } from './consumer.js';

/** A value, or a function of the kernel's parts, that consumers can have injected. */
export interface Provider {
  readonly token: symbol;
  readonly value: unknown;
}

/** What a kernel is made of. Only `arch` is required. */
export interface KernelOptions {
  /** The architecture, such as `x86()`. */
  readonly arch: Architecture;
  /** Number of CPUs, default 1. */
  readonly cpus?: number;
  /** CPUs that begin offline. */
  readonly offline?: readonly number[];
  /** A table, or a list of symbols. Default: none. */
  readonly symbols?: SymbolTable | Iterable<KernelSymbol>;
  /** Consumer classes, started in this order and stopped in reverse. */
  readonly consumers?: readonly ConsumerClass[];
  /** Who gets debug registers. Default `linuxSlotPolicy`. */
  readonly slotPolicy?: SlotPolicyFactory;
  /** When breakpoints are in registers. Default `directScheduler()`; `perfEvents()` makes them events. */
  readonly scheduler?: SchedulerFactory;
  /** The debug unit of each CPU; default the architecture's. A host may lend its own. */
  readonly createUnit?: (cpu: number) => DebugUnit;
  readonly createClock?: (cpu: number) => Clock;
  /** Default: a `RingLogger` of 1024 entries. */
  readonly logger?: Logger;
  /** Nanoseconds an instruction takes, default 1000. */
  readonly instructionTime?: number;
  /** Nanoseconds between ticks, default 4,000,000. */
  readonly tick?: number;
  /** Instructions that a CPU executes before the next has its turn, default 100. */
  readonly quantum?: number;
  /** True: no quirks of Linux. Default false. */
  readonly strict?: boolean;
  /** Single quirks by name, over what `strict` says. */
  readonly quirks?: Readonly<Record<string, boolean>>;
  /** What a handler's error does after it was logged: `continue` (default), `stop`, or a decision for each. */
  readonly handlerErrors?: 'continue' | 'stop' | HandlerErrorPolicy;
  /** Further things that consumers can have injected; a core token here replaces core's. */
  readonly providers?: readonly Provider[];
}
