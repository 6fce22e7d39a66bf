import {
  type Admits,
  checkOptions,
  defineTaskScheduler,
  type EnqueueReason,
  type ImageReader,
  type ImageValue,
  type Plugin,
  type SchedulingClass,
  type SchedulingHost,
  type SchedulingParameters,
  type Task,
} from '@hwbp/core';
import { DeadlineEntity, DeadlineQueue } from './deadline-queue.js';
import { Admission, complete, reservationOf, UTILISATION } from './reservation.js';

declare module '@hwbp/core' {
  interface SchedulingParameters {
    /**
     * Of `earliestDeadline()`: nanoseconds of each period that the task may run, from 1024 on; `undefined`: it has no
     * reservation any more.
     */
    readonly runtime?: number | undefined;
    /** Nanoseconds from the beginning of a period by which it has had them. Default: the period. */
    readonly deadline?: number | undefined;
    /** Nanoseconds of a period. Default: the deadline. */
    readonly period?: number | undefined;
  }
}

/** How deadlines are composed, all optional. */
export interface EarliestDeadlineOptions {
  /** Of each CPU, how much may be promised. Default 0.95 (Linux: sched_rt_runtime_us). */
  readonly utilisation?: number;
}

const NAME = 'earliest deadline';
/** Tasks of a CPU that are looked at for one that may move. */
const LOOKED_AT = 32;

class EarliestDeadline implements SchedulingClass {
  readonly name = NAME;
  readonly #host: SchedulingHost;
  readonly #admission: Admission;
  readonly #entities;
  readonly #queues: readonly DeadlineQueue[];

  constructor(host: SchedulingHost, utilisation: number) {
    this.#host = host;
    this.#admission = new Admission(utilisation * host.cpus);
    this.#entities = host.perTask((task) => new DeadlineEntity(task));
    this.#queues = Array.from({ length: host.cpus }, () => new DeadlineQueue());
  }

  place(task: Task): number {
    return this.#host.idlest(task);
  }

  enqueue(task: Task, cpu: number, why: EnqueueReason): void {
    this.#putBack(this.#entities.get(task), cpu, this.#host.now(cpu), why);
  }

  #putBack(entity: DeadlineEntity, cpu: number, now: number, why: EnqueueReason): void {
    const queue = this.#of(cpu);
    if (queue.running === entity) queue.stop(now);
    if (entity.cpu !== cpu) this.#move(entity, cpu);
    if (why === 'new' || why === 'woken' || why === 'changed') entity.wakeUp(now);
    // Whoever yields wants nothing more of this period (sched(7)).
    if (why === 'yielded' && entity.reservation !== undefined) entity.budget = Math.min(entity.budget, 0);
    if (why === 'preempted' || why === 'displaced') queue.waitFirst(entity);
    else queue.wait(entity);
  }

  dequeue(task: Task, cpu: number, why: string): void {
    const entity = this.#entities.get(task);
    const queue = this.#of(cpu);
    queue.leave(entity);
    if (why === 'runs') queue.run(entity, this.#host.now(cpu));
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    const queue = this.#of(cpu);
    queue.refresh(this.#host.now(cpu));
    return queue.first(admits)?.task;
  }

  exchange(previous: Task, cpu: number, why: EnqueueReason): Task | undefined {
    const queue = this.#of(cpu);
    const now = this.#host.now(cpu);
    const entity = this.#entities.get(previous);
    if (entity.reservation === undefined && queue.isBackground) {
      return queue.rotate(entity, now, why === 'preempted').task;
    }
    this.#putBack(entity, cpu, now, why);
    queue.refresh(now);
    const next = queue.take();
    if (next !== undefined) queue.run(next, now);
    return next?.task;
  }

  halt(_task: Task, cpu: number): void {
    this.#of(cpu).stop(this.#host.now(cpu));
  }

  preempts(task: Task, running: Task, cpu: number): boolean {
    this.#of(cpu).count(this.#host.now(cpu));
    const [one, other] = [this.#entities.get(task), this.#entities.get(running)];
    if (one.isThrottled) return false;
    if (one.reservation === undefined) return other.isThrottled;
    return other.reservation === undefined || other.isThrottled || one.deadline < other.deadline;
  }

  tick(cpu: number): boolean {
    const queue = this.#of(cpu);
    const now = this.#host.now(cpu);
    queue.count(now);
    queue.refresh(now);
    const { running, earliest } = queue;
    if (running === undefined) return false;
    if (running.isThrottled) {
      // From here on it is charged nothing, or has a budget again.
      if (queue.charged || running.replenishedAt <= now) return true;
      return earliest !== undefined || queue.hasBackground;
    }
    if (running.reservation === undefined) return earliest !== undefined || queue.hasBackground;
    return earliest !== undefined && earliest.deadline < running.deadline;
  }

  exit(task: Task): void {
    this.#admission.set(task, undefined);
  }

  readonly parameters = {
    check: (given: SchedulingParameters, of: Task | undefined): SchedulingParameters => {
      const parameters = complete(NAME, given);
      const reservation = reservationOf(parameters);
      if (reservation !== undefined) this.#admission.check(reservation, of);
      return parameters;
    },
    set: (task: Task, parameters: SchedulingParameters): void => {
      const entity = this.#entities.get(task);
      const reservation = reservationOf(parameters);
      entity.reservation = reservation;
      entity.budget = 0;
      // In the past: as it next wants to run, a period begins.
      entity.deadline = Number.NEGATIVE_INFINITY;
      this.#admission.set(task, reservation);
    },
  };

  readonly balancing = {
    /** For a CPU that has nobody, one that waits elsewhere. */
    pull: (cpu: number, why: 'idle' | 'tick', admits: Admits): Task | undefined => {
      if (why !== 'idle') return undefined;
      const may: Admits = (task) => this.#host.allows(task, cpu) && admits(task);
      let best: Task | undefined;
      let hasDeadline = false;
      for (const [other, queue] of this.#queues.entries()) {
        if (other === cpu || queue.length === 0 || hasDeadline) continue;
        const task = queue.movable(may, LOOKED_AT);
        if (task === undefined) continue;
        hasDeadline = this.#entities.get(task).reservation !== undefined;
        if (best === undefined || hasDeadline) best = task;
      }
      return best;
    },
  };

  readonly image = {
    save: (tasks: readonly Task[]): ImageValue => ({
      arrivals: this.#queues.map(({ arrivals }) => arrivals),
      tasks: tasks.map((task) => {
        const { budget, deadline, order, cpu } = this.#entities.get(task);
        return [task.pid, String(budget), String(deadline), order, cpu];
      }),
    }),
    restore: (from: ImageReader, taskOf: (pid: ImageReader) => Task): void => {
      const waiting: DeadlineEntity[] = [];
      for (const one of from.field('tasks').list()) this.#restore(one, taskOf, waiting);
      waiting.sort((a, b) => a.order - b.order);
      for (const entity of waiting) this.#of(entity.task.cpu).reenter(entity);
      for (const [cpu, arrivals] of from.field('arrivals').list().entries()) {
        const queue = this.#queues[cpu];
        if (queue === undefined) throw arrivals.invalid(`that of one of ${this.#queues.length} CPUs`);
        queue.arrivals = arrivals.number();
      }
    },
  };

  /** What is known of a task; `waiting`: gets it, if it has to be put back to where it stood. */
  #restore(from: ImageReader, taskOf: (pid: ImageReader) => Task, waiting: DeadlineEntity[]): void {
    const [pid, budget, deadline, order, cpu] = from.list();
    if (!pid || !budget || !deadline || !order || !cpu) throw from.invalid('a pid, and where that task stands');
    const entity = this.#entities.get(taskOf(pid));
    if (entity.waits) {
      this.#of(entity.task.cpu).leave(entity);
      waiting.push(entity);
    }
    entity.budget = numberOf(budget);
    entity.deadline = numberOf(deadline);
    entity.order = order.number(Number.MIN_SAFE_INTEGER);
    entity.cpu = cpu.number(0, this.#queues.length - 1);
  }

  /** Deadlines are times of a CPU's clock. */
  #move(entity: DeadlineEntity, cpu: number): void {
    entity.deadline += this.#host.now(cpu) - this.#host.now(entity.cpu);
    entity.cpu = cpu;
  }

  #of(cpu: number): DeadlineQueue {
    return this.#queues[cpu] as DeadlineQueue;
  }
}

function numberOf(from: ImageReader): number {
  const value = Number(from.text());
  if (!Number.isNaN(value) && value !== Number.POSITIVE_INFINITY) return value;
  throw from.invalid('a time, as text');
}

/**
 * Earliest deadline first, each task in a constant bandwidth server as in Linux's SCHED_DEADLINE (sched(7)): a task
 * with `scheduling: { runtime, deadline, period }` has that run time in every period, whatever the others do, and no
 * more as long as somebody else wants the CPU. No more is promised than there is. Tasks without parameters have the
 * rest, in turns.
 */
export function earliestDeadline(options: EarliestDeadlineOptions = {}): Plugin {
  checkOptions('earliestDeadline', options, { utilisation: UTILISATION });
  return defineTaskScheduler(NAME, (host) => new EarliestDeadline(host, options.utilisation ?? 0.95), { ...options });
}
