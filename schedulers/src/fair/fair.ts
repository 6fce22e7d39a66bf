import {
  type Admits,
  checkOptions,
  defineTaskScheduler,
  type EnqueueReason,
  type ImageReader,
  type ImageValue,
  type Kind,
  kind,
  type Plugin,
  type SchedulingClass,
  type SchedulingHost,
  type SchedulingParameters,
  type Task,
  wholeNumber,
} from '@hwbp/core';
import { checkFields } from '../parameters.js';
import { FairEntity, FairQueue } from './fair-queue.js';
import { LEAST_NICE, MOST_NICE, NICE_0, weightOf } from './weights.js';

declare module '@hwbp/core' {
  interface SchedulingParameters {
    /** Of `fair()`: from -20, the largest share of a CPU, to 19, the smallest (sched(7)). Default 0. */
    readonly nice?: number;
  }
}

/** How fair scheduling is tuned, all optional. Time is looked at in ticks: what is shorter than one is as one. */
export interface FairOptions {
  /** Nanoseconds in which everybody who wants to run is to have a turn. Default 6,000,000. */
  readonly latency?: number;
  /** Nanoseconds of the shortest turn, where there are many. Default 750,000. */
  readonly granularity?: number;
  /** Nanoseconds of virtual time that one who wakes up has to be behind to take the CPU at once. Default 1,000,000. */
  readonly wakeupGranularity?: number;
}

const NAME = 'fair';
const PARAMETERS: Readonly<Record<string, Kind>> = {
  nice: kind(
    `a whole number from ${LEAST_NICE} to ${MOST_NICE}`,
    (value) => Number.isInteger(value) && (value as number) >= LEAST_NICE && (value as number) <= MOST_NICE,
  ),
};
/** Tasks of a CPU that are looked at for one that may move. */
const LOOKED_AT = 32;

class Fair implements SchedulingClass {
  readonly name = NAME;
  readonly #host: SchedulingHost;
  readonly #options: Required<FairOptions>;
  readonly #entities;
  readonly #queues: readonly FairQueue[];

  constructor(host: SchedulingHost, options: Required<FairOptions>) {
    this.#host = host;
    this.#options = options;
    this.#entities = host.perTask((task) => new FairEntity(task));
    this.#queues = Array.from({ length: host.cpus }, () => new FairQueue());
  }

  /** Its own CPU if that has nothing to do, else another one like that, else where the least weight is. */
  place(task: Task): number {
    const host = this.#host;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < host.cpus; i++) {
      const cpu = i === 0 ? task.cpu : i - (i <= task.cpu ? 1 : 0);
      const { load } = this.#of(cpu);
      if (load >= least || !host.allows(task, cpu)) continue;
      least = load;
      best = cpu;
    }
    return best < 0 ? host.idlest(task) : best;
  }

  enqueue(task: Task, cpu: number, why: EnqueueReason): void {
    const entity = this.#entities.get(task);
    const queue = this.#of(cpu);
    if (queue.running === entity) queue.stop(this.#host.now(cpu));
    else queue.count(this.#host.now(cpu));
    if (entity.cpu !== cpu) this.#move(entity, cpu);
    const { virtualTime } = queue;
    // A new one has to wait for its turn; a sleeper has a little credit, and not all that it has slept.
    if (why === 'new') entity.key = virtualTime + this.#slice(queue);
    else if (why === 'woken') entity.key = Math.max(entity.key, virtualTime - this.#options.latency / 2);
    else if (why === 'yielded') entity.key = Math.max(entity.key, queue.waiting.first?.key ?? entity.key);
    queue.wait(entity);
  }

  dequeue(task: Task, cpu: number, why: string): void {
    const entity = this.#entities.get(task);
    const queue = this.#of(cpu);
    const now = this.#host.now(cpu);
    queue.count(now);
    queue.leave(entity);
    if (why === 'runs') queue.run(entity, now);
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    return this.#of(cpu).waiting.firstOf(admits)?.task;
  }

  halt(_task: Task, cpu: number): void {
    this.#of(cpu).stop(this.#host.now(cpu));
  }

  exchange(previous: Task, cpu: number, why: EnqueueReason): Task {
    const entity = this.#entities.get(previous);
    return this.#of(cpu).exchange(entity, this.#host.now(cpu), why === 'yielded').task;
  }

  preempts(task: Task, running: Task, cpu: number): boolean {
    this.#of(cpu).count(this.#host.now(cpu));
    const entity = this.#entities.get(task);
    const behind = this.#entities.get(running).key - entity.key;
    return behind > (this.#options.wakeupGranularity * NICE_0) / entity.weight;
  }

  tick(cpu: number): boolean {
    const queue = this.#of(cpu);
    queue.count(this.#host.now(cpu));
    const { running, waiting } = queue;
    if (running === undefined || waiting.first === undefined) return false;
    const slice = this.#slice(queue);
    if (running.ran >= (slice * running.weight) / NICE_0) return true;
    return running.ran >= this.#options.granularity && running.key - waiting.first.key > slice;
  }

  exit(): void {}

  readonly parameters = {
    check: (given: SchedulingParameters): SchedulingParameters => {
      checkFields(NAME, given, PARAMETERS);
      return { nice: given.nice ?? 0 };
    },
    set: (task: Task, { nice = 0 }: SchedulingParameters): void => {
      const entity = this.#entities.get(task);
      const queue = this.#of(entity.cpu);
      const runs = queue.running === entity;
      if (runs) queue.count(this.#host.now(entity.cpu));
      const before = entity.weight;
      entity.nice = nice;
      entity.weight = weightOf(nice);
      if (runs) queue.load += entity.weight - before;
    },
  };

  readonly balancing = {
    /** From the CPU with the greatest load, if that is then not lighter than this one is. */
    pull: (cpu: number, _why: 'idle' | 'tick', admits: Admits): Task | undefined => {
      const here = this.#of(cpu);
      let from: FairQueue | undefined;
      for (const other of this.#queues) {
        if (other !== here && other.waiting.length > 0 && other.load > (from?.load ?? here.load)) from = other;
      }
      if (from === undefined) return undefined;
      const surplus = from.load - here.load;
      const may = (task: Task): boolean =>
        this.#entities.get(task).weight < surplus && this.#host.allows(task, cpu) && admits(task);
      return from.waiting.anyOf(may, LOOKED_AT)?.task;
    },
  };

  readonly image = {
    save: (tasks: readonly Task[]): ImageValue => ({
      queues: this.#queues.map(({ virtualTime, arrivals }) => [String(virtualTime), arrivals]),
      tasks: tasks.map((task) => {
        const { key, order, cpu } = this.#entities.get(task);
        return [task.pid, String(key), order, cpu];
      }),
    }),
    restore: (from: ImageReader, taskOf: (pid: ImageReader) => Task): void => {
      for (const one of from.field('tasks').list()) this.#restore(one, taskOf);
      for (const [cpu, one] of from.field('queues').list().entries()) {
        const [virtualTime, arrivals] = one.list();
        const queue = this.#queues[cpu];
        if (queue === undefined || virtualTime === undefined || arrivals === undefined) {
          throw one.invalid(`the virtual time of one of ${this.#queues.length} CPUs, and how many came`);
        }
        queue.restore(numberOf(virtualTime), arrivals.number());
      }
    },
  };

  #restore(from: ImageReader, taskOf: (pid: ImageReader) => Task): void {
    const [pid, key, order, cpu] = from.list();
    if (pid === undefined || key === undefined || order === undefined || cpu === undefined) {
      throw from.invalid('a pid, and where that task stands');
    }
    const entity = this.#entities.get(taskOf(pid));
    const queue = entity.at < 0 ? undefined : this.#of(entity.cpu);
    queue?.waiting.remove(entity);
    entity.key = numberOf(key);
    entity.order = order.number();
    entity.cpu = cpu.number(0, this.#queues.length - 1);
    queue?.waiting.push(entity);
  }

  /** Its virtual run time was that of another CPU: what it has had there more or less than others it has here. */
  #move(entity: FairEntity, cpu: number): void {
    entity.key += this.#of(cpu).virtualTime - this.#of(entity.cpu).virtualTime;
    entity.cpu = cpu;
  }

  /** Virtual nanoseconds of one turn: of the same length for everybody, in which those of more weight get more done. */
  #slice({ length, load }: FairQueue): number {
    const { latency, granularity } = this.#options;
    const period = Math.max(latency, length * granularity);
    return load === 0 ? period : (period * NICE_0) / load;
  }

  #of(cpu: number): FairQueue {
    return this.#queues[cpu] as FairQueue;
  }
}

function numberOf(from: ImageReader): number {
  const value = Number(from.text());
  if (Number.isFinite(value)) return value;
  throw from.invalid('a number, as text');
}

/**
 * A fair share of the CPU for everybody, by weights: who has had least of its share is next (Linux:
 * sched-design-CFS.rst). `scheduling: { nice }` of a task says how much it gets.
 */
export function fair(options: FairOptions = {}): Plugin {
  const time = wholeNumber(1);
  checkOptions('fair', options, { latency: time, granularity: time, wakeupGranularity: time });
  const { latency = 6_000_000, granularity = 750_000, wakeupGranularity = 1_000_000 } = options;
  const all = { latency, granularity, wakeupGranularity };
  return defineTaskScheduler(NAME, (host) => new Fair(host, all), { ...options });
}
