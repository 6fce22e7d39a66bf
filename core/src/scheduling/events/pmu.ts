import type { Cpu } from '../../hardware/index.js';
import type { Logger, Machine } from '../../kernel/index.js';
import type { BreakpointChange, ModifyOptions } from '../../registers/index.js';
import type { EventAttr } from './attr.js';
import type { PmuEvent } from './event.js';
import type { Occurrence } from './occurrence.js';

/** What a PMU works with. */
export interface PmuHost {
  readonly machine: Machine;
  readonly logger: Logger;
  /**
   * An event that is being counted occurred `n` times: counts, and overflows by its period. Dropped while it is
   * stopped.
   */
  occur(event: PmuEvent, n: number, occurrence: Occurrence): void;
  /**
   * For PMUs that keep periods themselves, such as timers: the event overflowed. `period`: occurrences that it stands
   * for.
   */
  overflow(event: PmuEvent, occurrence: Occurrence, period: number): void;
  /**
   * For PMUs whose events may have to wait: this one, whose `init` answered false or that was withdrawn, can count now.
   */
  install(event: PmuEvent): void;
  /** What this event counts with was taken away: it is off when this returns, and waits. */
  withdraw(event: PmuEvent): void;
  /** This event cannot be counted any more: it is disabled, and may be enabled again. */
  disable(event: PmuEvent): void;
  /** Takes an event off, lets `change` rewrite it, and enables it if it is then `wanted`. */
  pause(event: PmuEvent, change: () => void, wanted: () => boolean): void;
}

/** Makes a PMU for a kernel. */
export type PmuFactory = (host: PmuHost) => EventPmu;

/** How an event is opened. */
export interface EventRequest {
  readonly attr: EventAttr;
  /** Name in refusals. */
  readonly owner: string;
  /** True: the caller may do what root may. */
  readonly privileged: boolean;
  /**
   * A PMU must call this once the request is valid and it has what the event needs; it may still refuse, by throwing.
   */
  confirm(): void;
}

/**
 * Something that counts: the abstraction under which debug registers are one of several (Linux: struct pmu).
 *
 * For consumers: you never see one; events are opened, enabled and read through `Events`.
 *
 * For PMU authors: `init` comes once for every event, also for those that children inherit, and must throw a
 * `KernelError` and take nothing if it cannot serve the request. `destroy` comes once for every event whose `init`
 * returned, after the last `remove`. `add` and `remove` come in pairs, only while the event's context is on `cpu`;
 * `add` must answer false (or throw, if that should not have happened), and leave the hardware as it was, if there is
 * no room. Report occurrences with `host.occur` between `add` and `remove`, or bring `event.count` up to date in `read`
 * and `remove`; never touch another field of the event but `data`.
 */
export interface EventPmu {
  readonly name: string;
  /** `type` of the events that it serves. */
  readonly type: number;
  /**
   * `hardware`: counters are scarce. A group that does not fit keeps the ones behind it off in that pass, and
   * `exclusive` means something. `software`: there is always room, or each group is tried by itself (Linux counts debug
   * registers here).
   */
  readonly kind: 'software' | 'hardware';
  /** False: the event has to wait. It is installed once the PMU says so. */
  init(event: PmuEvent, request: EventRequest): boolean;
  destroy(event: PmuEvent): void;
  add(event: PmuEvent, cpu: Cpu): boolean;
  remove(event: PmuEvent): void;
  /** Brings `event.count` up to date. */
  read(event: PmuEvent): void;
  /** Changes what it watches. Throws EOPNOTSUPP for a PMU whose events stay as they are. */
  modify(event: PmuEvent, change: BreakpointChange, options: ModifyOptions): void;
  /** Several changes follow on a CPU, up to {@link enable}; nothing executes in between. */
  disable(cpu: Cpu): void;
  enable(cpu: Cpu): void;
  /** The event's state has changed: off, on or in error, for instance. */
  stateChanged(event: PmuEvent): void;
  /** The kernel ends: gives back its hooks. */
  dispose(): void;
}
