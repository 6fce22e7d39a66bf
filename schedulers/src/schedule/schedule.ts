import {
  type Admits,
  EVERYBODY,
  type ImageReader,
  type ImageValue,
  type SchedulingClass,
  type SchedulingHost,
  type Task,
  Token,
  type Turn,
} from '@hwbp/core';
import type { Decisions } from './decisions.js';
import { type RecordedSchedule, write } from './recorded-schedule.js';
import { Runs } from './runs.js';

/** A schedule that is data. */
export interface Schedule {
  /** Every choice so far: `replaySchedule` makes the same ones. */
  readonly recorded: RecordedSchedule;
  /** Choices so far. */
  readonly choices: number;
  /** Recorded choices that have not come: 0 where the run that was recorded is over, and by chance always. */
  readonly left: number;
}

/** The schedule of a kernel that is data. */
export const SCHEDULE = new Token<Schedule>(
  'Schedule',
  'compose the kernel with taskScheduler: randomSchedule() or replaySchedule(recorded)',
);

/** Where a task stands among those that wait. */
interface Place {
  at: number;
}

/**
 * Makes the choices of a schedule happen, and writes them down. Ticks preempt nobody: whoever waits does so for a turn.
 */
export class ScheduleClass implements SchedulingClass, Schedule {
  readonly name: string;
  readonly #host: SchedulingHost;
  readonly #decisions: Decisions;
  /** Those that wait for each CPU, in no order: the last one fills the gap of one that leaves. */
  readonly #waiting: readonly Task[][];
  readonly #places;
  #turns = new Runs();
  #tasks = new Runs();
  /** The latest answer: who, which of how many. */
  #picked: Task | undefined;
  #index = 0;
  #count = 0;

  constructor(name: string, host: SchedulingHost, decisions: Decisions) {
    this.name = name;
    this.#host = host;
    this.#decisions = decisions;
    this.#waiting = Array.from({ length: host.cpus }, () => []);
    this.#places = host.perTask((): Place => ({ at: -1 }));
  }

  get recorded(): RecordedSchedule {
    return write({ cpus: this.#host.cpus, turns: this.#turns, tasks: this.#tasks });
  }

  get choices(): number {
    return this.#turns.length + this.#tasks.length;
  }

  get left(): number {
    return this.#decisions.left;
  }

  place(task: Task): number {
    return this.#host.idlest(task);
  }

  enqueue(task: Task, cpu: number): void {
    const waiting = this.#of(cpu);
    this.#places.get(task).at = waiting.length;
    waiting.push(task);
  }

  dequeue(task: Task, cpu: number, why: string): void {
    const waiting = this.#of(cpu);
    const place = this.#places.get(task);
    const picked = this.#picked;
    this.#picked = undefined;
    const last = waiting.pop();
    if (last !== undefined && last !== task) {
      waiting[place.at] = last;
      this.#places.get(last).at = place.at;
    }
    place.at = -1;
    if (why !== 'runs' || picked !== task || this.#count < 2) return;
    this.#tasks.push(this.#index, this.#count);
    this.#decisions.take(this.#index, this.#count);
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    const all = this.#of(cpu);
    const waiting = admits === EVERYBODY ? all : all.filter(admits);
    const { length } = waiting;
    const index = length > 1 ? this.#decisions.task(length) : 0;
    const task = waiting[index];
    this.#picked = task;
    this.#index = index;
    this.#count = length;
    return task;
  }

  exchange(previous: Task, cpu: number): Task | undefined {
    const waiting = this.#of(cpu);
    const { length } = waiting;
    if (length === 0) return previous;
    this.#picked = undefined;
    const index = this.#decisions.draw(length + 1);
    this.#tasks.push(index, length + 1);
    // The last one fills the gap. Chance is what no processor foresees: no branch says whether it is that itself.
    waiting.push(previous);
    const next = waiting[index] as Task;
    waiting[index] = previous;
    this.#places.get(previous).at = index;
    this.#places.get(next).at = -1;
    waiting.pop();
    return next;
  }

  preempts(): boolean {
    return false;
  }

  tick(): boolean {
    return false;
  }

  halt(): void {}
  exit(): void {}

  readonly turns = {
    next: (cpus: readonly number[]): Turn => this.#decisions.turn(cpus),
    begin: (turn: Turn): void => {
      this.#turns.push(turn.cpu, turn.length);
      this.#decisions.begin(turn);
    },
    ended: (cpu: number): boolean => {
      if (this.#others(cpu)) this.#decisions.preempted();
      return true;
    },
  };

  readonly image = {
    save: (): ImageValue => ({
      waiting: this.#waiting.map((tasks) => tasks.map(({ pid }) => pid)),
      turns: String(this.#turns),
      tasks: String(this.#tasks),
      decisions: this.#decisions.save(),
    }),
    restore: (from: ImageReader, taskOf: (pid: ImageReader) => Task): void => {
      for (const [cpu, pids] of from.field('waiting').list().entries()) {
        const waiting = this.#waiting[cpu];
        const tasks = pids.list().map(taskOf);
        if (waiting === undefined || tasks.length !== waiting.length || tasks.some((task) => !waiting.includes(task))) {
          throw pids.invalid('the tasks that wait for a CPU');
        }
        for (const [at, task] of tasks.entries()) {
          waiting[at] = task;
          this.#places.get(task).at = at;
        }
      }
      this.#turns = Runs.parse(from.field('turns').text(), 'turns');
      this.#tasks = Runs.parse(from.field('tasks').text(), 'tasks');
      this.#decisions.restore(from.field('decisions'));
    },
  };

  /** True if somebody else could execute. */
  #others(cpu: number): boolean {
    for (const [other, waiting] of this.#waiting.entries()) {
      if (waiting.length > 0 || (other !== cpu && this.#host.running(other) !== undefined)) return true;
    }
    return false;
  }

  #of(cpu: number): Task[] {
    return this.#waiting[cpu] as Task[];
  }
}
