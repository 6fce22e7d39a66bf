import type { Task } from '../kernel/index.js';
import type { PriorityRequest } from './priority-request.js';

/** The requests of each task, where it matters whether that runs. */
export class TaskUsers {
  readonly #users = new Map<Task, readonly PriorityRequest[]>();

  of(task: Task): readonly PriorityRequest[] {
    return this.#users.get(task) ?? [];
  }

  /** A new one counts if its task is on a CPU. The kernel's are not known here: they count always. */
  add(request: PriorityRequest): void {
    const { task } = request;
    if (task === undefined) return;
    request.present = task.onCpu;
    this.#users.set(task, [...this.of(task), request]);
  }

  /** Whether they run may be another thing than when they were added. */
  look(requests: readonly PriorityRequest[]): void {
    for (const request of requests) if (request.task !== undefined) request.present = request.task.onCpu;
  }

  remove(request: PriorityRequest): void {
    const { task } = request;
    if (task === undefined) return;
    const others = this.of(task).filter((other) => other !== request);
    if (others.length === 0) this.#users.delete(task);
    else this.#users.set(task, others);
  }
}
