import type { Logger, Machine, Task } from '../../kernel/index.js';
import type { QuirkSet } from '../../quirks/index.js';
import type { OverflowHandler, PmuEvent } from './event.js';
import type { EventRecord } from './event-record.js';
import type { PmuFactory } from './pmu.js';

/** What events are made of. */
export interface EventsParts {
  readonly machine: Machine;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
  readonly pmus: readonly PmuFactory[];
  /** Nanoseconds between ticks. */
  readonly tick: number;
  /** Most overflows a second of one event. */
  readonly sampleRate: number;
  /** The kernel's error channel. */
  handlerThrew(event: EventRecord, error: unknown): void;
  /** A CPU's event that was enabled went off with its CPU. Returns what messages call it. */
  lost(event: EventRecord): string;
}

/** For whom an event counts. */
export interface EventTarget {
  /** The task that it follows; absent: whatever runs on {@link cpu}. */
  readonly task?: Task | undefined;
  /** A CPU, or -1 (only with a task): any. */
  readonly cpu: number;
}

/** How an event is opened. */
export interface OpenOptions {
  /** The leader of the group that it joins. */
  readonly leader?: PmuEvent;
  /** Called for each overflow. */
  readonly handler?: OverflowHandler;
  /** Name in refusals; default `events`. */
  readonly owner?: string;
  /** False: kernel addresses are refused with EPERM. Default true. */
  readonly privileged?: boolean;
  /** Called once the PMU accepts the event and it has what it needs; may still refuse, by throwing. */
  readonly confirm?: () => void;
}

/** What an event has counted, children included. */
export interface EventReading {
  readonly count: number;
  /**
   * Nanoseconds in which it was enabled and in which it counted. `count * enabled / running` estimates the full count.
   */
  readonly enabled: number;
  readonly running: number;
}
