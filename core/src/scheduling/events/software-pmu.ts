import { coreError } from '../../errors/index.js';
import type { Alarm, Cpu } from '../../hardware/index.js';
import { Disposables, type Task } from '../../kernel/index.js';
import { EVENT_TYPE } from './attr.js';
import type { PmuEvent } from './event.js';
import { KernelOccurrence } from './kernel-occurrence.js';
import type { Occurrence } from './occurrence.js';
import type { EventPmu, EventRequest, PmuHost } from './pmu.js';

/** `config` of software events (include/uapi/linux/perf_event.h). */
export const SOFTWARE_EVENT = Object.freeze({
  /** Nanoseconds of its CPU's clock while it counts. */
  CPU_CLOCK: 0,
  /** Nanoseconds that its task runs. */
  TASK_CLOCK: 1,
  /** The task left a CPU. */
  CONTEXT_SWITCHES: 3,
  /** Nothing: it holds a place. */
  DUMMY: 9,
});

const KNOWN: ReadonlySet<number> = new Set(Object.values(SOFTWARE_EVENT));

/** What one event has in this PMU. */
interface Counting {
  readonly config: number;
  /** Of a clock: its latest reading. */
  since: number;
  /** Of a clock that overflows: when it does next, while it counts. */
  next: number;
  /** Nanoseconds that are left of its period, while it does not; `undefined`: a whole one. */
  left: number | undefined;
  /** Of a clock that overflows, on the CPU where it counts. */
  alarm: Alarm | undefined;
  cpu: Cpu | undefined;
}

function dropped({ attr }: PmuEvent, mode: Occurrence['mode']): boolean {
  return mode === 'user' ? attr.exclude_user === true : attr.exclude_kernel === true;
}

/**
 * Counters that need no hardware: clocks and context switches (Linux: perf_swevent, perf_cpu_clock, perf_task_clock). A
 * clock that overflows has a timer of its own, as Linux gives it an hrtimer: it fires behind the instruction in which
 * its period ends, or as soon as its CPU can be interrupted, and stands still while the event does not count.
 */
export class SoftwarePmu implements EventPmu {
  readonly name = 'software';
  readonly type = EVENT_TYPE.SOFTWARE;
  readonly kind = 'software';
  readonly #host: PmuHost;
  /** Events that count now, by CPU. */
  readonly #active: Set<PmuEvent>[];
  readonly #hooks = new Disposables();
  /** Events that are open. */
  #events = 0;

  constructor(host: PmuHost) {
    this.#host = host;
    this.#active = host.machine.cpus.map(() => new Set());
  }

  init(event: PmuEvent, request: EventRequest): boolean {
    const config = Number(request.attr.config ?? 0);
    if (!KNOWN.has(config)) {
      const known = Object.entries(SOFTWARE_EVENT).map(([name, number]) => `${name} ${number}`);
      const message = `the software PMU does not count config ${config}; it counts ${known.join(', ')}`;
      throw coreError('EVENT_NO_PMU', message, { config });
    }
    event.data = {
      config,
      since: 0,
      next: 0,
      left: undefined,
      alarm: undefined,
      cpu: undefined,
    } satisfies Counting;
    request.confirm();
    if (this.#events++ === 0) this.#follow();
    return true;
  }

  destroy(): void {
    if (--this.#events === 0) this.dispose();
  }

  add(event: PmuEvent, cpu: Cpu): boolean {
    const counting = event.data as Counting;
    counting.cpu = cpu;
    counting.since = cpu.clock.now;
    this.#active[cpu.index]?.add(event);
    if (!isClock(counting) || !event.sampling) return true;
    counting.alarm = cpu.alarms.create({ expired: () => this.#expired(event, counting, cpu) }, { stays: true });
    this.#wind(counting, cpu, cpu.clock.now + (counting.left ?? this.#interval(event)));
    return true;
  }

  remove(event: PmuEvent): void {
    this.read(event);
    const counting = event.data as Counting;
    const { cpu, alarm } = counting;
    if (cpu === undefined) return;
    this.#active[cpu.index]?.delete(event);
    counting.cpu = undefined;
    if (alarm === undefined) return;
    cpu.alarms.cancel(alarm);
    counting.alarm = undefined;
    counting.left = Math.max(0, counting.next - cpu.clock.now);
  }

  read(event: PmuEvent): void {
    const counting = event.data as Counting;
    if (counting.cpu === undefined || !isClock(counting)) return;
    const { now } = counting.cpu.clock;
    event.count += now - counting.since;
    counting.since = now;
  }

  modify(event: PmuEvent): void {
    throw coreError('EVENT_NOT_MODIFIABLE', `${event} cannot be changed: close it and open another`);
  }

  disable(): void {}

  enable(): void {}

  stateChanged(): void {}

  dispose(): void {
    this.#hooks[Symbol.dispose]();
  }

  /** While there is any event: a kernel without pays nothing at its context switches. */
  #follow(): void {
    const { contextSwitch } = this.#host.machine.hooks;
    // Before the engine's own hook: the events of the task that leaves still count.
    this.#hooks.add(
      contextSwitch.add((cpu, previous) => this.#atOnce(cpu, () => this.#switched(cpu, previous)), { first: true }),
    );
  }

  /** Everything that counts what happens counts it, before any of that turns an event off. */
  #atOnce(cpu: Cpu, count: () => void): void {
    if (this.#active[cpu.index]?.size !== 0) this.#host.machine.uninterrupted(cpu, count);
  }

  #switched(cpu: Cpu, previous: Task | undefined): void {
    if (previous === undefined) return;
    const occurrence = new KernelOccurrence(cpu, previous, 'kernel', this.#host.machine.interrupts);
    for (const event of this.#active[cpu.index] ?? []) {
      const { config } = event.data as Counting;
      if (config === SOFTWARE_EVENT.CONTEXT_SWITCHES && !dropped(event, 'kernel'))
        this.#host.occur(event, 1, occurrence);
    }
  }

  #wind(counting: Counting, cpu: Cpu, at: number): void {
    counting.next = at;
    if (counting.alarm !== undefined) cpu.alarms.set(counting.alarm, at);
  }

  /** What the clock has missed with interrupts off is not made up for (Linux: hrtimer_forward_now). */
  #expired(event: PmuEvent, counting: Counting, cpu: Cpu): void {
    const interval = this.#interval(event);
    const { now } = cpu.clock;
    const missed = Math.floor((now - counting.next) / interval);
    this.#wind(counting, cpu, counting.next + (missed + 1) * interval);
    const { mode } = cpu.context;
    if (dropped(event, mode)) return;
    const { machine } = this.#host;
    machine.uninterrupted(cpu, () => {
      this.#host.overflow(event, new KernelOccurrence(cpu, machine.current(cpu), mode, machine.interrupts), interval);
    });
  }

  /** Nanoseconds between two overflows of a clock: 10,000 at least (Linux: perf_swevent_start_hrtimer). */
  #interval({ attr }: PmuEvent): number {
    const period = Number(attr.sample_period ?? 0);
    return Math.max(LEAST_PERIOD, attr.freq === true && period > 0 ? Math.round(1e9 / period) : period);
  }
}

const LEAST_PERIOD = 10_000;

function isClock({ config }: Counting): boolean {
  return config === SOFTWARE_EVENT.CPU_CLOCK || config === SOFTWARE_EVENT.TASK_CLOCK;
}
