import type { Clock, DebugUnit, Hardware } from '../hardware/index.js';
import type { Logger, SymbolTable } from '../kernel/index.js';
import type { Assembly, Code } from '../programs/index.js';
import type { HandlerErrorPolicy } from '../registers/index.js';

/** The options of a composition that are no plugins, decided. What is `undefined` is for core to make. */
export interface Settings {
  readonly cpus: number;
  readonly offline: readonly number[];
  /** Nanoseconds between ticks. */
  readonly tick: number;
  /** Instructions of a turn. */
  readonly quantum: number;
  /** What everything random follows from. */
  readonly seed: number;
  readonly handlerErrors: HandlerErrorPolicy;
  /** How wide breakpoints get to CPUs. */
  readonly wideBy: 'instant' | 'ipi';
  readonly symbols: SymbolTable;
  readonly routines: readonly Assembly[];
  readonly code: Code;
  readonly logger: Logger | undefined;
  readonly hardware: Hardware | undefined;
  readonly createUnit: ((cpu: number) => DebugUnit) | undefined;
  readonly createClock: ((cpu: number) => Clock) | undefined;
  readonly instructionTime: number | undefined;
}
