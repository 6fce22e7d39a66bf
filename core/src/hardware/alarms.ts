/** What is told when its time has come; declared here, implemented by whoever set the alarm. */
export interface AlarmHandler {
  /** Called by the CPU's owner between two instructions, once the clock has reached `alarm.at`. It may be set again. */
  expired(alarm: Alarm): void;
}

let setAlarm: (alarm: Alarm, at: number, home?: Alarms, order?: number) => void;
let orderOf: (alarm: Alarm) => number;
let homeOf: (alarm: Alarm) => Alarms | undefined;

/** A moment on a CPU's clock at which somebody wants to be told. */
export class Alarm {
  readonly handler: AlarmHandler;
  /** True for what is its CPU's own, such as a tick: it does not move when the CPU goes. */
  readonly stays: boolean;
  /** Nanoseconds of the CPU's clock. */
  #at = Number.POSITIVE_INFINITY;
  /** How many were set before it was. */
  #order = 0;
  /** Where it is set; `undefined` while it is not. */
  #home: Alarms | undefined;

  /** Use `cpu.alarms.create`. */
  constructor(handler: AlarmHandler, stays = false) {
    this.handler = handler;
    this.stays = stays;
  }

  /** When it expires; Infinity while it is not set. */
  get at(): number {
    return this.#at;
  }

  static {
    setAlarm = (alarm, at, home, order = 0) => {
      alarm.#at = at;
      alarm.#home = home;
      alarm.#order = order;
    };
    orderOf = (alarm) => alarm.#order;
    homeOf = (alarm) => alarm.#home;
  }
}

/** Whose clock it is; declared here, implemented by the CPU. */
export interface Alarmed {
  attention: boolean;
}

/** The alarms of one CPU's clock. Few at a time: the tick, and the timers of a kernel. */
export class Alarms {
  /** Those that are set, the next one first; of one moment, the one that was set first. */
  readonly #set: Alarm[] = [];
  #next = Number.POSITIVE_INFINITY;
  #order = 0;
  readonly #cpu: Alarmed;

  /** `cpu`: what hands over whatever it executes when an alarm is set that comes before all others. */
  constructor(cpu: Alarmed = { attention: false }) {
    this.#cpu = cpu;
  }

  /** An alarm that is not set. `stays`: it is this CPU's own, and does not move when the CPU goes. */
  create(handler: AlarmHandler, options: { readonly stays?: boolean } = {}): Alarm {
    return new Alarm(handler, options.stays);
  }

  /** Sets an alarm, or sets it anew. A time that has passed expires at the next opportunity. */
  set(alarm: Alarm, at: number): void {
    if (Number.isNaN(at)) throw new TypeError('an alarm is set to a time in nanoseconds, got NaN');
    this.cancel(alarm);
    if (at === Number.POSITIVE_INFINITY) return;
    setAlarm(alarm, at, this, this.#order++);
    if (at < this.#next) this.#cpu.attention = true;
    const behind = this.#set.findIndex((other) => other.at > at);
    this.#set.splice(behind < 0 ? this.#set.length : behind, 0, alarm);
    this.#changed();
  }

  /** It will not expire, wherever it has moved. */
  cancel(alarm: Alarm): void {
    const home = homeOf(alarm);
    if (home !== undefined) home.#forget(alarm);
  }

  /**
   * Its CPU goes: what does not stay expires on another one, after the time that was left. `by`: between the clocks.
   */
  moveTo(other: Alarms, by: number): void {
    for (const alarm of [...this.#set]) if (!alarm.stays) other.set(alarm, alarm.at + by);
  }

  /** Somebody else has the CPU: nothing that was set expires. Returns what sets it again. */
  clear(): () => void {
    const before = this.#set.map((alarm) => ({ alarm, at: alarm.at }));
    for (const { alarm } of before) this.cancel(alarm);
    return () => {
      for (const { alarm, at } of before) this.set(alarm, at);
    };
  }

  /** How many are set. */
  get size(): number {
    return this.#set.length;
  }

  /** When the next one expires; Infinity if none is set. */
  get next(): number {
    return this.#next;
  }

  /**
   * Tells those whose time has come, in order. What is set meanwhile waits for the next opportunity, also for a time
   * that has passed.
   */
  expire(now: number): void {
    const order = this.#order;
    for (;;) {
      const alarm = this.#set.find((one) => one.at > now || orderOf(one) < order);
      if (alarm === undefined || alarm.at > now) return;
      this.cancel(alarm);
      alarm.handler.expired(alarm);
    }
  }

  #forget(alarm: Alarm): void {
    setAlarm(alarm, Number.POSITIVE_INFINITY);
    const at = this.#set.indexOf(alarm);
    if (at >= 0) this.#set.splice(at, 1);
    this.#changed();
  }

  /** Asked between any two instructions, so it is kept. */
  #changed(): void {
    this.#next = this.#set[0]?.at ?? Number.POSITIVE_INFINITY;
  }
}
