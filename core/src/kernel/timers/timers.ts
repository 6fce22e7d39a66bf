import {
  checkOptions,
  coreError,
  FUNCTION,
  type Kind,
  kind,
  requireKind,
  TEXT,
  wholeNumber,
} from '../../errors/index.js';
import type { Alarm, AlarmHandler, Alarms, Cpu, Hardware } from '../../hardware/index.js';
import type { Sleep, Waiting } from '../../programs/index.js';
import type { ErrorChannel } from '../error-channel.js';
import { sleeper, type WaitHost } from '../waits/index.js';
import type { Timer, TimerAction, TimerOptions } from './timer.js';

/** What timers need of the machine. */
export interface TimersParts {
  readonly hardware: Hardware;
  readonly waits: WaitHost;
  readonly errors: ErrorChannel;
}

const TIMER_OPTIONS = { name: TEXT, cpu: wholeNumber(0) };
const DELAY: Kind = kind(
  'a number of nanoseconds from 0',
  (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
);
const PERIOD: Kind = kind(
  'a number of nanoseconds above 0',
  (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
);

/** A timer on an alarm of its CPU; it moves with that to another one. */
class AlarmTimer implements Timer, AlarmHandler {
  readonly name: string;
  readonly period: number | undefined;
  overruns = 0;
  readonly #alarm: Alarm;
  readonly #expire: (timer: AlarmTimer, cpu: Cpu) => void;
  readonly #cpuOf: ReadonlyMap<Alarms, Cpu>;
  #cpu: Cpu;
  /** What it was set to, on the clock of its CPU. */
  #at = 0;

  constructor(
    { name, cpu, period }: { readonly name: string; readonly cpu: Cpu; readonly period?: number | undefined },
    cpuOf: ReadonlyMap<Alarms, Cpu>,
    expire: (timer: AlarmTimer, cpu: Cpu) => void,
  ) {
    this.name = name;
    this.period = period;
    this.#cpu = cpu;
    this.#cpuOf = cpuOf;
    this.#expire = expire;
    this.#alarm = cpu.alarms.create(this);
  }

  get due(): number {
    return this.#alarm.at;
  }

  set(at: number): void {
    this.#at = at;
    this.#cpu.alarms.set(this.#alarm, at);
  }

  cancel(): void {
    this.#cpu.alarms.cancel(this.#alarm);
  }

  expired(_alarm: Alarm, where: Alarms): void {
    const cpu = this.#cpuOf.get(where) ?? this.#cpu;
    const { now } = cpu.clock;
    // On another clock it begins anew.
    if (cpu !== this.#cpu) this.#at = now;
    this.#cpu = cpu;
    if (this.period !== undefined) {
      let next = this.#at + this.period;
      if (next <= now) {
        const missed = Math.floor((now - next) / this.period) + 1;
        this.overruns += missed;
        next += missed * this.period;
      }
      this.set(next);
    }
    this.#expire(this, cpu);
  }
}

/**
 * Timers of a kernel, on the alarms of its CPUs. What they call is part of an interrupt: between two instructions,
 * never with interrupts off. A machine on which nobody executes anything goes straight to the next of them.
 */
export class Timers {
  readonly #parts: TimersParts;
  readonly #cpuOf: ReadonlyMap<Alarms, Cpu>;

  /** Use `machine.timers`. */
  constructor(parts: TimersParts) {
    this.#parts = parts;
    this.#cpuOf = new Map(parts.hardware.cpus.map((cpu) => [cpu.alarms, cpu]));
  }

  /** Calls `action` once, so many nanoseconds from now: not before, and as soon as its CPU can be interrupted. */
  after(ns: number, action: TimerAction, options: TimerOptions = {}): Timer {
    requireKind('ns', ns, DELAY);
    return this.#set(ns, undefined, action, options);
  }

  /** Calls `action` every so many nanoseconds, for the first time when they have passed once. */
  every(ns: number, action: TimerAction, options: TimerOptions = {}): Timer {
    requireKind('ns', ns, PERIOD);
    return this.#set(ns, ns, action, options);
  }

  /** For an instruction's `wait`: a task sleeps for so many nanoseconds of its CPU's clock. A signal ends it. */
  sleep(ns: number): Waiting {
    requireKind('ns', ns, DELAY);
    return { begin: (cpu) => (ns === 0 ? undefined : this.#sleep(cpu, ns)) };
  }

  #sleep(cpu: Cpu, ns: number): Sleep {
    const { waits } = this.#parts;
    const what = `${ns} ns to pass`;
    const task = sleeper(waits, cpu, what);
    let over = false;
    const timer = this.after(
      ns,
      () => {
        over = true;
        if (task.state === 'waiting') waits.wake(task);
      },
      { name: `the sleep of ${task}`, cpu: cpu.index },
    );
    const sleep: Sleep = {
      what,
      get over() {
        return over || waits.hasSignal(task);
      },
      end: () => {
        timer.cancel();
        task.sleeps.splice(task.sleeps.indexOf(sleep), 1);
        return over ? 0n : 1n;
      },
    };
    task.sleeps.push(sleep);
    return sleep;
  }

  #set(ns: number, period: number | undefined, action: TimerAction, options: TimerOptions): Timer {
    requireKind('action', action, FUNCTION);
    checkOptions('a timer', options, TIMER_OPTIONS);
    const { hardware, errors } = this.#parts;
    const cpu = options.cpu === undefined ? this.#here() : hardware.cpu(options.cpu);
    if (!cpu.online) {
      const message = `CPU ${cpu.index} is offline, and its clock stands still; set the timer on another one`;
      throw coreError('HWBP_CPU_OFFLINE', message, { cpu: cpu.index });
    }
    const name = options.name ?? 'a timer';
    const timer = new AlarmTimer({ name, cpu, period }, this.#cpuOf, (_timer, on) => {
      errors.guard(name, () => action(on), on);
    });
    timer.set(cpu.clock.now + ns);
    return timer;
  }

  /** The CPU that executes; else the lowest that is online. */
  #here(): Cpu {
    const { online } = this.#parts.hardware;
    return online.find(({ busy }) => busy) ?? (online[0] as Cpu);
  }
}
