import type { Cpu } from '../../hardware/index.js';
import type { Task } from '../../kernel/index.js';
import type { EventAttr } from './attr.js';
import type { Occurrence } from './occurrence.js';
import type { EventState } from './state.js';

/** Called for each overflow. `period`: occurrences that it stands for. */
export type OverflowHandler = (event: PmuEvent, occurrence: Occurrence, period: number) => void;

/**
 * Told once for each occurrence that overflowed, and for each `Events.wake`: data can be read (`in`), or this was the
 * last overflow (`hup`: see `refresh`).
 */
export type WakeupHandler = (event: PmuEvent, kind: 'in' | 'hup') => void;

/** What happens to an event beside its overflows. */
export interface EventListener {
  /**
   * Overflows come too fast: the event is throttled until the next tick (true), and then counts again (false). `cpu`:
   * where it is.
   */
  throttled(event: PmuEvent, on: boolean, cpu: Cpu | undefined): void;
  /** A child has inherited the event, or such a child has ended. */
  child(event: PmuEvent, child: PmuEvent, born: boolean): void;
}

/** The PMU of an event, as far as everybody may know it. */
export interface EventSource {
  readonly name: string;
  /** `type` of the events that it serves. */
  readonly type: number;
  readonly kind: 'software' | 'hardware';
}

/** One counter of a PMU, for a task or a CPU (Linux: struct perf_event). It changes through `Events` only. */
export interface PmuEvent {
  /** Unique in its kernel, from 1. */
  readonly id: number;
  readonly pmu: EventSource;
  /** The task that it follows; `undefined`: whatever runs on {@link cpu}. */
  readonly task: Task | undefined;
  /** The CPU that it is bound to; -1: any. */
  readonly cpu: number;
  /** For a child that inherited: the event that was opened. */
  readonly parent: PmuEvent | undefined;
  readonly attr: EventAttr;
  readonly pinned: boolean;
  readonly exclusive: boolean;
  readonly state: EventState;
  /** The leader of its group: itself, if it is alone or leads one. */
  readonly leader: PmuEvent;
  /** Members of the group that it leads, in the order of joining. */
  readonly siblings: readonly PmuEvent[];
  /**
   * Counts the changes of the group that it leads: one that was inherited has its parent's as long as both are alike.
   */
  readonly generation: number;
  readonly children: readonly PmuEvent[];
  /** Overflow every N; 0: never. */
  readonly samplePeriod: number;
  /** True if it has a period, so that it overflows. */
  readonly sampling: boolean;
  /** Overflows that are left before it turns itself off; 0: no limit. */
  readonly limit: number;
  /** It does not count, wherever it is: a limit of overflows is used up. */
  readonly stopped: boolean;
  readonly throttled: boolean;
  /** Nanoseconds of its context's time in which it was enabled, and in which it counted, without those of children. */
  readonly enabled: number;
  readonly running: number;
  /** Occurrences since it was opened or reset, without those of children: for its PMU. See `Events.read`. @settable */
  count: number;
  /** The PMU's own. @settable */
  data: unknown;
  /** Free for whoever opened it. @settable */
  owner: unknown;
  /** @settable */
  handler: OverflowHandler;
  /** @settable */
  wakeup: WakeupHandler | undefined;
  /** @settable */
  listener: EventListener | undefined;
  toString(): string;
}
