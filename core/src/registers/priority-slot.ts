import type { Task } from '../kernel/index.js';
import { type CountingMethod, LevelCounts, NO_USERS } from './level-counts.js';
import type { PriorityRequest } from './priority-request.js';

/** One register, on all CPUs: who is in it, and how many users of each level. */
export class PrioritySlot {
  readonly counts: LevelCounts;
  readonly #kernels = new Set<PriorityRequest>();
  readonly #users = new Map<Task, Set<PriorityRequest>>();

  constructor(method: CountingMethod) {
    this.counts = new LevelCounts(method);
  }

  /** Everybody who is in it. */
  get requests(): readonly PriorityRequest[] {
    return [...this.#kernels, ...[...this.#users.values()].flatMap((own) => [...own])];
  }

  enter(request: PriorityRequest): void {
    const { task, level } = request;
    if (task === undefined) {
      this.#kernels.add(request);
      return;
    }
    const own = this.#users.get(task);
    if (own === undefined) this.#users.set(task, new Set([request]));
    else own.add(request);
    if (request.present) this.counts.count(level, 1);
  }

  leave(request: PriorityRequest): void {
    const { task, level } = request;
    if (task === undefined) {
      this.#kernels.delete(request);
      return;
    }
    const own = this.#users.get(task);
    own?.delete(request);
    if (own?.size === 0) this.#users.delete(task);
    if (request.present) this.counts.count(level, -1);
  }

  /** The priority that a request has to exceed to be here: that of the highest whom it would displace. */
  priceFor(request: PriorityRequest): number {
    const { task } = request;
    let price = task === undefined ? this.counts.effective : NO_USERS;
    for (const kernel of this.#kernels) if (kernel.level > price && kernel.meets(request)) price = kernel.level;
    const own = task === undefined ? undefined : this.#users.get(task);
    if (own !== undefined) for (const user of own) if (user.level > price && user.meets(request)) price = user.level;
    return price;
  }

  /** Those who cannot be here together with a request. */
  rivalsOf(request: PriorityRequest): readonly PriorityRequest[] {
    const { task } = request;
    const users = task === undefined ? [...this.#users.values()].flatMap((own) => [...own]) : this.#users.get(task);
    return [...this.#kernels, ...(users ?? [])].filter((other) => other !== request && other.meets(request));
  }
}
