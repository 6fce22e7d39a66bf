import {
  type Admits,
  checkOptions,
  defineTaskScheduler,
  type EnqueueReason,
  type ImageReader,
  type ImageValue,
  type Kind,
  oneOf,
  type Plugin,
  type SchedulingClass,
  type SchedulingHost,
  type SchedulingParameters,
  type Task,
  wholeNumber,
} from '@hwbp/core';
import { checkFields } from './parameters.js';
import { PriorityLists } from './priority-lists.js';
import { ListEntry } from './task-list.js';

declare module '@hwbp/core' {
  interface SchedulingParameters {
    /** Of `fixedPriority()`: from 1 to 99, higher ones go first (sched(7)). Default 1. */
    readonly priority?: number;
    /**
     * Of `fixedPriority()`. `rr`, the default: takes turns with others of its priority. `fifo`: runs until it sleeps,
     * yields, or somebody of a higher priority comes.
     */
    readonly policy?: 'fifo' | 'rr';
  }
}

/** How fixed priorities are composed, all optional. */
export interface FixedPriorityOptions {
  /**
   * Nanoseconds that a task of policy `rr` has before the next one of its priority (sched_rr_get_interval(2)): counted
   * in ticks of its CPU, at least one. Default: one tick.
   */
  readonly timeslice?: number;
}

const NAME = 'fixed priority';
const LOWEST = 1;
const HIGHEST = 99;
/**
 * Tasks of a list that are looked at for one that may move: where thousands are pinned, nobody looks at all of them.
 */
const LOOKED_AT = 32;

const PARAMETERS: Readonly<Record<string, Kind>> = {
  priority: wholeNumber(LOWEST, HIGHEST),
  policy: oneOf('fifo', 'rr'),
};

/** What is known of a task. */
class Entity extends ListEntry {
  priority = LOWEST;
  /** That it had before its parameters were changed. */
  former = LOWEST;
  isRoundRobin = true;
  /** Ticks that it has left of its time. */
  left: number;

  constructor(task: Task, ticks: number) {
    super(task);
    this.left = ticks;
  }
}

/** SCHED_FIFO and SCHED_RR as POSIX describes them: the highest priority that wants to run runs. */
class FixedPriority implements SchedulingClass {
  readonly name = NAME;
  readonly #host: SchedulingHost;
  readonly #entities;
  readonly #waiting: readonly PriorityLists<Entity>[];
  /** Of a task's time. */
  readonly #ticks: number;

  constructor(host: SchedulingHost, timeslice = host.tick) {
    this.#host = host;
    this.#ticks = Math.max(1, Math.round(timeslice / host.tick));
    this.#entities = host.perTask((task) => new Entity(task, this.#ticks));
    this.#waiting = Array.from({ length: host.cpus }, () => new PriorityLists());
  }

  /**
   * Where it runs at once, if there is such a CPU: its own first, then an idle one, then that of the lowest priority.
   */
  place(task: Task): number {
    const host = this.#host;
    let best = -1;
    let lowest = this.#entities.get(task).priority;
    for (let i = 0; i < host.cpus; i++) {
      const cpu = i === 0 ? task.cpu : i - (i <= task.cpu ? 1 : 0);
      if (!host.allows(task, cpu)) continue;
      const priority = Math.max(this.#highestAt(cpu), this.#of(cpu).top);
      if (priority >= lowest) continue;
      lowest = priority;
      best = cpu;
    }
    return best < 0 ? host.idlest(task) : best;
  }

  enqueue(task: Task, cpu: number, why: EnqueueReason): void {
    const entity = this.#entities.get(task);
    const { priority, former } = entity;
    // Whoever was preempted is still the first of its priority, and whoever was lowered becomes it.
    const isFirst = why === 'preempted' || why === 'displaced' || (why === 'changed' && priority < former);
    entity.former = priority;
    if (why === 'expired' || why === 'yielded' || why === 'woken') entity.left = this.#ticks;
    this.#of(cpu).enter(entity, priority, isFirst);
  }

  dequeue(task: Task, cpu: number): void {
    const entity = this.#entities.get(task);
    this.#of(cpu).leave(entity, entity.priority);
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    return this.#of(cpu).first(admits)?.task;
  }

  exchange(previous: Task, cpu: number, why: EnqueueReason): Task | undefined {
    this.enqueue(previous, cpu, why);
    return this.#of(cpu).take()?.task;
  }

  preempts(task: Task, running: Task): boolean {
    return this.#entities.get(task).priority > this.#entities.get(running).priority;
  }

  tick(cpu: number, running: Task | undefined): boolean {
    if (running === undefined) return false;
    const entity = this.#entities.get(running);
    if (!entity.isRoundRobin || --entity.left > 0) return false;
    entity.left = this.#ticks;
    return this.#of(cpu).hasAt(entity.priority);
  }

  halt(): void {}
  exit(): void {}

  readonly parameters = {
    check: (given: SchedulingParameters): SchedulingParameters => {
      checkFields(NAME, given, PARAMETERS);
      const { priority = LOWEST, policy = 'rr' } = given;
      return { priority, policy };
    },
    set: (task: Task, { priority = LOWEST, policy }: SchedulingParameters): void => {
      const entity = this.#entities.get(task);
      entity.former = entity.priority;
      entity.priority = priority;
      entity.isRoundRobin = policy !== 'fifo';
    },
  };

  readonly balancing = {
    /** The highest priority that waits anywhere, if it goes before everybody here. */
    pull: (cpu: number, _why: 'idle' | 'tick', admits: Admits): Task | undefined => {
      const mayCome: Admits = (task) => this.#host.allows(task, cpu) && admits(task);
      let best: Task | undefined;
      let highest = Math.max(this.#highestAt(cpu), this.#of(cpu).top);
      for (const [other, lists] of this.#waiting.entries()) {
        if (other === cpu || lists.top <= highest) continue;
        const entity = lists.first(mayCome, LOOKED_AT);
        if (entity === undefined || entity.priority <= highest) continue;
        highest = entity.priority;
        best = entity.task;
      }
      return best;
    },
  };

  readonly image = {
    save: (): ImageValue => this.#waiting.map((lists) => Array.from(lists, ({ task, left }) => [task.pid, left])),
    restore: (from: ImageReader, taskOf: (pid: ImageReader) => Task): void => {
      for (const [cpu, saved] of from.list().entries()) {
        if (cpu >= this.#waiting.length) throw from.invalid(`${this.#waiting.length} CPUs`);
        for (const one of saved.list()) this.#restore(cpu, one, taskOf);
      }
    },
  };

  /** In the order of the image, each goes to the end of its list once. */
  #restore(cpu: number, from: ImageReader, taskOf: (pid: ImageReader) => Task): void {
    const [pid, left] = from.list();
    if (pid === undefined || left === undefined) throw from.invalid('a pid, and ticks that are left');
    const task = taskOf(pid);
    const entity = this.#entities.get(task);
    if (entity.list === undefined || task.cpu !== cpu) throw pid.invalid('the pid of a task that waits for this CPU');
    entity.left = left.number(0, this.#ticks);
    this.#of(cpu).leave(entity, entity.priority);
    this.#of(cpu).enter(entity, entity.priority, false);
  }

  /** The priority of the task that a CPU runs; 0: it idles. */
  #highestAt(cpu: number): number {
    const running = this.#host.running(cpu);
    return running === undefined ? 0 : this.#entities.get(running).priority;
  }

  #of(cpu: number): PriorityLists<Entity> {
    return this.#waiting[cpu] as PriorityLists<Entity>;
  }
}

/**
 * Fixed priorities, with the rules of POSIX for SCHED_FIFO and SCHED_RR: the highest priority that wants to run does,
 * and takes the CPU from a lower one as it wakes up. `scheduling: { priority, policy }` of a task says which it has.
 */
export function fixedPriority(options: FixedPriorityOptions = {}): Plugin {
  checkOptions('fixedPriority', options, { timeslice: wholeNumber(1) });
  return defineTaskScheduler(NAME, (host) => new FixedPriority(host, options.timeslice), { ...options });
}
