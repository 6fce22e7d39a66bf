import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
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
  /** Of a clock that overflows: when it does next. */
  next: number;
  cpu: Cpu | undefined;
}

function dropped({ attr }: PmuEvent, mode: Occurrence['mode']): boolean {
  return mode === 'user' ? attr.exclude_user === true : attr.exclude_kernel === true;
}

/**
 * Counters that need no hardware: clocks and context switches (Linux: perf_swevent, perf_cpu_clock, perf_task_clock). A
 * clock that overflows does so at the tick behind the end of its period: the machine's clock moves in steps, and has no
 * finer timer.
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
    event.data = { config, since: 0, next: 0, cpu: undefined } satisfies Counting;
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
    if (counting.next <= counting.since) counting.next = counting.since + this.#interval(event);
    this.#active[cpu.index]?.add(event);
    return true;
  }

  remove(event: PmuEvent): void {
    this.read(event);
    const counting = event.data as Counting;
    if (counting.cpu !== undefined) this.#active[counting.cpu.index]?.delete(event);
    counting.cpu = undefined;
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
    const { contextSwitch, tick } = this.#host.machine.hooks;
    // Before the engine's own hook: the events of the task that leaves still count.
    this.#hooks.add(
      contextSwitch.add((cpu, previous) => this.#atOnce(cpu, () => this.#switched(cpu, previous)), { first: true }),
      tick.add((cpu) => this.#atOnce(cpu, () => this.#tick(cpu))),
    );
  }

  /** Everything that counts what happens counts it, before any of that turns an event off. */
  #atOnce(cpu: Cpu, count: () => void): void {
    if (this.#active[cpu.index]?.size !== 0) this.#host.machine.uninterrupted(cpu, count);
  }

  #switched(cpu: Cpu, previous: Task | undefined): void {
    if (previous === undefined) return;
    const occurrence = new KernelOccurrence(cpu, previous, 'kernel');
    for (const event of this.#active[cpu.index] ?? []) {
      const { config } = event.data as Counting;
      if (config === SOFTWARE_EVENT.CONTEXT_SWITCHES && !dropped(event, 'kernel'))
        this.#host.occur(event, 1, occurrence);
    }
  }

  #tick(cpu: Cpu): void {
    for (const event of this.#active[cpu.index] ?? []) {
      const counting = event.data as Counting;
      if (!isClock(counting) || !event.sampling || cpu.clock.now < counting.next) continue;
      const interval = this.#interval(event);
      counting.next = cpu.clock.now + interval;
      const { mode } = cpu.context;
      if (!dropped(event, mode)) {
        this.#host.overflow(event, new KernelOccurrence(cpu, this.#host.machine.current(cpu), mode), interval);
      }
    }
  }

  /** Nanoseconds between two overflows of a clock. */
  #interval({ attr }: PmuEvent): number {
    const period = Number(attr.sample_period ?? 0);
    return attr.freq === true && period > 0 ? Math.round(1e9 / period) : period;
  }
}

function isClock({ config }: Counting): boolean {
  return config === SOFTWARE_EVENT.CPU_CLOCK || config === SOFTWARE_EVENT.TASK_CLOCK;
}
