import { AlarmHeap } from './alarm-heap.js';

/** What is told when its time has come; declared here, implemented by whoever set the alarm. */
export interface AlarmHandler {
  /**
   * Called by the CPU's owner between two instructions, once the clock has reached the time. It may be set again.
   * `where`: the alarms of the CPU that it was on, which is another one if its own has gone.
   */
  expired(alarm: Alarm, where: Alarms): void;
}

/** What an alarm is like. */
export interface AlarmOptions {
  /** It is its CPU's own, and does not move when the CPU goes. Default false. */
  readonly stays?: boolean;
  /** An idle machine waits for it. Default: if it does not stay. */
  readonly wakes?: boolean;
}

/** What an alarm is where it is set. */
interface Setting {
  readonly alarm: Alarm;
  readonly home: Alarms;
  readonly at: number;
  readonly order: number;
  place: number;
}

/** The place of what is in no heap for now. */
const ASIDE = -1;

let settingOf: (alarm: Alarm) => Setting | undefined;
let set: (alarm: Alarm, setting: Setting | undefined) => void;

/** A moment on a CPU's clock at which somebody wants to be told. */
export class Alarm {
  readonly handler: AlarmHandler;
  /** True for what is its CPU's own, such as a tick: it does not move when the CPU goes. */
  readonly stays: boolean;
  /** True for what an idle machine waits for; false: it comes if somebody executes meanwhile, as ticks do. */
  readonly wakes: boolean;
  /** Where and when; `undefined` while it is not set. */
  #setting: Setting | undefined;

  /** Use `cpu.alarms.create`. */
  constructor(handler: AlarmHandler, { stays = false, wakes = !stays }: AlarmOptions = {}) {
    this.handler = handler;
    this.stays = stays;
    this.wakes = wakes;
  }

  /** When it expires, in nanoseconds of its CPU's clock; Infinity while it is not set. */
  get at(): number {
    return this.#setting?.at ?? Number.POSITIVE_INFINITY;
  }

  static {
    settingOf = (alarm) => alarm.#setting;
    set = (alarm, setting) => {
      alarm.#setting = setting;
    };
  }
}

/** Whose clock it is; declared here, implemented by the CPU. */
export interface Alarmed {
  attention: boolean;
}

/** The alarms of one CPU's clock: those that an idle machine waits for, and others, such as ticks. */
export class Alarms {
  readonly #waking = new AlarmHeap<Setting>();
  readonly #others = new AlarmHeap<Setting>();
  /** Set while others are told, to a time that has passed: out of the way until that is over. */
  readonly #aside = new Set<Setting>();
  #next = Number.POSITIVE_INFINITY;
  #order = 0;
  readonly #cpu: Alarmed;

  /** `cpu`: what hands over whatever it executes when an alarm is set that comes before all others. */
  constructor(cpu: Alarmed = { attention: false }) {
    this.#cpu = cpu;
  }

  /** An alarm that is not set. */
  create(handler: AlarmHandler, options: AlarmOptions = {}): Alarm {
    return new Alarm(handler, options);
  }

  /** Sets an alarm, or sets it anew. A time that has passed expires at the next opportunity. */
  set(alarm: Alarm, at: number): void {
    if (Number.isNaN(at)) throw new TypeError('an alarm is set to a time in nanoseconds, got NaN');
    this.cancel(alarm);
    if (at === Number.POSITIVE_INFINITY) return;
    const setting: Setting = { alarm, home: this, at, order: this.#order++, place: 0 };
    set(alarm, setting);
    if (at < this.#next) this.#cpu.attention = true;
    this.#heapOf(alarm).add(setting);
    this.#changed();
  }

  /** It will not expire, wherever it has moved. */
  cancel(alarm: Alarm): void {
    const setting = settingOf(alarm);
    if (setting !== undefined) setting.home.#forget(setting);
  }

  /**
   * Its CPU goes: what does not stay expires on another one, after the time that was left. `by`: between the clocks.
   */
  moveTo(other: Alarms, by: number): void {
    for (const { alarm, at } of this.#all()) if (!alarm.stays) other.set(alarm, at + by);
  }

  /** Somebody else has the CPU: nothing that was set expires. Returns what sets it again. */
  clear(): () => void {
    const before = this.#all();
    for (const { alarm } of before) this.cancel(alarm);
    return () => {
      for (const { alarm, at } of before) this.set(alarm, at);
    };
  }

  /** How many are set. */
  get size(): number {
    return this.#waking.size + this.#others.size + this.#aside.size;
  }

  /** When the next one expires; Infinity if none is set. */
  get next(): number {
    return this.#next;
  }

  /** The same of those that an idle machine waits for. */
  get nextEvent(): number {
    return this.#waking.top?.at ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Tells those whose time has come, in order. What is set meanwhile waits for the next opportunity, also for a time
   * that has passed.
   */
  expire(now: number): void {
    const order = this.#order;
    try {
      for (let first = this.#first(); first !== undefined && first.at <= now; first = this.#first()) {
        this.#heapOf(first.alarm).remove(first);
        if (first.order >= order) {
          first.place = ASIDE;
          this.#aside.add(first);
        } else {
          set(first.alarm, undefined);
          this.#changed();
          first.alarm.handler.expired(first.alarm, this);
        }
      }
    } finally {
      for (const setting of this.#aside) this.#heapOf(setting.alarm).add(setting);
      this.#aside.clear();
      this.#changed();
    }
  }

  /** In the order in which they expire. */
  #all(): readonly Setting[] {
    const all = [...this.#waking.entries, ...this.#others.entries, ...this.#aside];
    return all.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  #first(): Setting | undefined {
    const [own, other] = [this.#waking.top, this.#others.top];
    if (own === undefined || other === undefined) return own ?? other;
    return other.at < own.at || (other.at === own.at && other.order < own.order) ? other : own;
  }

  #heapOf({ wakes }: Alarm): AlarmHeap<Setting> {
    return wakes ? this.#waking : this.#others;
  }

  #forget(setting: Setting): void {
    set(setting.alarm, undefined);
    if (setting.place === ASIDE) this.#aside.delete(setting);
    else this.#heapOf(setting.alarm).remove(setting);
    this.#changed();
  }

  /** Asked between any two instructions, so it is kept. */
  #changed(): void {
    this.#next = this.#first()?.at ?? Number.POSITIVE_INFINITY;
  }
}
