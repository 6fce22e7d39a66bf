import type { Alarm, AlarmHandler } from '../../hardware/index.js';
import type { CpuState } from '../cpu-state.js';

/** The timer tick of one CPU: an alarm that is set again and again. */
export class Tick implements AlarmHandler {
  readonly #state: CpuState;
  readonly #ticked: (state: CpuState) => void;
  readonly #interval: number;
  readonly #alarm: Alarm;
  #next: number;

  /** `interval`: nanoseconds. */
  constructor(state: CpuState, interval: number, ticked: (state: CpuState) => void) {
    const { alarms, clock } = state.cpu;
    this.#state = state;
    this.#ticked = ticked;
    this.#interval = interval;
    this.#alarm = alarms.create(this, { stays: true });
    this.#next = (Math.floor(clock.now / interval) + 1) * interval;
    alarms.set(this.#alarm, this.#next);
  }

  expired(): void {
    const { cpu } = this.#state;
    while (this.#next <= cpu.clock.now) this.#next += this.#interval;
    cpu.alarms.set(this.#alarm, this.#next);
    this.#ticked(this.#state);
  }

  cancel(): void {
    this.#state.cpu.alarms.cancel(this.#alarm);
  }

  /** When it is due, in nanoseconds of its CPU's clock. @settable */
  get due(): number {
    return this.#next;
  }

  set due(at: number) {
    this.#next = at;
    this.#state.cpu.alarms.set(this.#alarm, at);
  }
}
