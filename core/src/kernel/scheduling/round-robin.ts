import type { Task } from '../task.js';
import { type Admits, NOTHING, type SchedulingClass, type SchedulingHost } from './scheduling-class.js';

/** Who has waited longest is next, until the next tick at which somebody else waits. Placed where there are fewest. */
export class RoundRobin implements SchedulingClass {
  readonly name = 'round robin';
  readonly #host: SchedulingHost;

  constructor(host: SchedulingHost) {
    this.#host = host;
  }

  place(task: Task): number {
    return this.#host.idlest(task);
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    return this.#host.waiting(cpu).first(admits);
  }

  tick(cpu: number): boolean {
    return this.#host.waiting(cpu).length > 0;
  }

  preempts(): boolean {
    return false;
  }

  /* The kernel's own list of those that wait says everything that there is to know. */
  readonly enqueue = NOTHING;
  readonly dequeue = NOTHING;
  halt(): void {}
  exit(): void {}
}
