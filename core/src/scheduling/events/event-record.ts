import type { ImageReader, ImageValue } from '../../image/index.js';
import type { Task } from '../../kernel/index.js';
import type { Dense } from '../../registers/index.js';
import { type EventAttr, SAMPLE_PERIOD_BIT } from './attr.js';
import type { EventListener, OverflowHandler, PmuEvent, WakeupHandler } from './event.js';
import type { EventContext } from './event-context.js';
import { periodNumber } from './period-number.js';
import type { EventPmu } from './pmu.js';
import { EVENT_STATE, type EventState } from './state.js';

/** How an event is made. */
export interface EventInit {
  readonly id: number;
  readonly attr: EventAttr;
  readonly pmu: EventPmu;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly handler: OverflowHandler;
  readonly parent?: EventRecord;
}

/** An event as the engine has it: the only one that writes these fields. */
export class EventRecord implements PmuEvent, Dense {
  /** Unique in its kernel, from 1. */
  id: number;
  readonly pmu: EventPmu;
  /** The task that it follows; `undefined`: whatever runs on {@link cpu}. */
  readonly task: Task | undefined;
  /** The CPU that it is bound to; -1: any. */
  readonly cpu: number;
  /** For a child that inherited: the event that was opened. */
  readonly parent: EventRecord | undefined;
  attr: EventAttr;
  readonly pinned: boolean;
  readonly exclusive: boolean;
  /** The PMU's own. */
  data: unknown = undefined;
  /** Its place in the set of all events; -1: none. */
  index = -1;
  /** Free for whoever opened it. */
  owner: unknown = undefined;
  handler: OverflowHandler;
  wakeup: WakeupHandler | undefined = undefined;
  listener: EventListener | undefined = undefined;

  state: EventState;
  context: EventContext | undefined = undefined;
  /** The leader of its group: itself, if it is alone or leads one. */
  leader: EventRecord = this;
  /** Members of the group that it leads, in the order of joining. */
  readonly siblings: EventRecord[] = [];
  /**
   * The PMU among whose groups the one that it leads is scheduled: its own, or the hardware PMU of a member that joined
   * a group of software events. The group stays there when that member goes, and so do its members when the leader
   * goes.
   */
  home: EventPmu;
  /**
   * Counts the changes of the group that it leads: one that was inherited has its parent's as long as both are alike.
   */
  generation = 0;
  readonly children: EventRecord[] = [];
  enableOnExec: boolean;

  /** Occurrences since it was opened or reset, without those of children. See `Events.read`. */
  count = 0;
  /** What children that have ended counted. */
  childCount = 0;
  childEnabled = 0;
  childRunning = 0;

  /** Overflow every N; 0: never. */
  samplePeriod: number;
  /** The period that is running out now: a new one counts from the next overflow on. */
  lastPeriod: number;
  /** Below 0: occurrences that are left until the next overflow, negated. */
  left = 0;
  readonly everyOccurrence: boolean;
  /** When the period of a frequency was last adapted, and its count then. */
  adaptedAt = 0;
  adaptedCount = 0;
  /** Overflows that are left before it turns itself off; 0: no limit. */
  limit = 0;
  /** Stopped: it does not count, wherever it is. */
  stopped = false;
  /** Overflows of this tick; see `throttled`. */
  interrupts = 0;
  interruptsTick = -1;
  throttled = false;
  /** A SIGTRAP of its own is on the way. */
  trapping = false;
  /** A wake-up of whoever opened it is on the way, and why. */
  waking: 'in' | 'hup' | undefined = undefined;

  #enabled = 0;
  #running = 0;
  #stamp = 0;

  /** Use `Events.open`. */
  constructor(init: EventInit) {
    const { attr } = init;
    this.id = init.id;
    this.pmu = init.pmu;
    this.task = init.task;
    this.cpu = init.cpu;
    this.parent = init.parent;
    this.attr = attr;
    this.pinned = attr.pinned === true;
    this.exclusive = attr.exclusive === true;
    this.handler = init.handler;
    this.state = attr.disabled === true ? EVENT_STATE.OFF : EVENT_STATE.INACTIVE;
    this.home = init.pmu;
    this.enableOnExec = attr.enable_on_exec === true;
    const period = periodNumber(attr.sample_period ?? 0);
    // A frequency begins with every occurrence, and adapts from there.
    this.samplePeriod = attr.freq === true && period > 0 ? 1 : period;
    this.lastPeriod = this.samplePeriod;
    this.left = -this.samplePeriod;
    this.everyOccurrence = attr.freq !== true && (Number(attr.sample_type ?? 0) & SAMPLE_PERIOD_BIT) !== 0;
  }

  /** True if it has a period, so that it overflows. */
  get sampling(): boolean {
    return this.samplePeriod > 0;
  }

  /** Its state as far as time is concerned: a member of a group that is off is off. */
  get effectiveState(): EventState {
    const { leader } = this;
    return leader.state <= EVENT_STATE.OFF ? leader.state : this.state;
  }

  /** Nanoseconds of its context's time in which it was enabled, without those of children. */
  get enabled(): number {
    return this.effectiveState >= EVENT_STATE.INACTIVE ? this.#enabled + this.#elapsed : this.#enabled;
  }

  /** Nanoseconds of its context's time in which it counted, without those of children. */
  get running(): number {
    return this.effectiveState >= EVENT_STATE.ACTIVE ? this.#running + this.#elapsed : this.#running;
  }

  get #elapsed(): number {
    return this.context === undefined ? 0 : this.context.now - this.#stamp;
  }

  /** @internal Its times begin to run with the context's, from here. */
  join(context: EventContext): void {
    this.context = context;
    this.#stamp = context.now;
  }

  /** @internal `now`: time of its context. */
  enter(state: EventState, now = this.context?.now ?? this.#stamp): void {
    const before = this.state;
    if (before === state) return;
    this.settle(now);
    const { siblings } = this;
    if (siblings.length > 0 && before < 0 !== state < 0) {
      // One of them may wait for a register, and be in no context.
      for (const sibling of siblings) if (sibling.context !== undefined) sibling.settle(sibling.context.now);
    }
    this.state = state;
    this.pmu.stateChanged(this);
  }

  /** @internal Adds up its times until now. */
  settle(now: number): void {
    const state = this.effectiveState;
    const elapsed = now - this.#stamp;
    if (state >= EVENT_STATE.INACTIVE) this.#enabled += elapsed;
    if (state >= EVENT_STATE.ACTIVE) this.#running += elapsed;
    this.#stamp = now;
  }

  /** @internal Its counts and times, for an image. */
  save(): { readonly [field: string]: ImageValue } {
    const { state, count, samplePeriod, lastPeriod, left, limit, stopped, interrupts, interruptsTick } = this;
    const { id } = this;
    const overflows = { id, samplePeriod, lastPeriod, left, limit, stopped, interrupts, interruptsTick };
    return { state, count, ...overflows, enabled: this.#enabled, running: this.#running, stamp: this.#stamp };
  }

  /** @internal The way back. Nobody is told: what it counts with is as it was. */
  restore(from: ImageReader): void {
    const number = (name: string): number => from.field(name).number(Number.MIN_SAFE_INTEGER);
    const state = number('state');
    if (!Object.values<number>(EVENT_STATE).includes(state)) throw from.field('state').invalid('the state of an event');
    this.state = state as EventState;
    this.id = from.field('id').number(1);
    this.count = number('count');
    this.samplePeriod = number('samplePeriod');
    this.lastPeriod = number('lastPeriod');
    this.left = number('left');
    this.limit = number('limit');
    this.stopped = from.field('stopped').flag();
    this.interrupts = number('interrupts');
    this.interruptsTick = number('interruptsTick');
    this.#enabled = number('enabled');
    this.#running = number('running');
    this.#stamp = number('stamp');
  }

  toString(): string {
    const where = this.task === undefined ? `CPU ${this.cpu}` : `task ${this.task}`;
    return `event ${this.id} of ${this.pmu.name} for ${where}`;
  }
}
