import type { Task } from '@hwbp/core';

/** One claim, as the formulas of spec 3.4 see it. */
export interface Claim {
  readonly task: Task | undefined;
  /** -1: any. */
  readonly cpu: number;
  /** Data or instruction; one name for both where they share a pool. */
  pool: string;
}

/**
 * Spec 3.4 written down as it reads, looking at everything each time:
 *
 * | candidate        | used                                                                                     |
 * | ---------------- | ---------------------------------------------------------------------------------------- |
 * | task T, any CPU  | max over CPUs c of ( cpuPinned[c] + sum of T's events with cpu = -1 or c )                |
 * | task T on CPU c  | cpuPinned[c] + sum of T's events with cpu = -1 or c                                       |
 * | CPU-wide on c    | cpuPinned[c] + max over all tasks of (sum of that task's events with cpu = -1 or c)       |
 *
 * (For a task with nothing but any-CPU events the first row is sum(T) + max over CPUs of cpuPinned.)
 */
export class AccountingModel {
  readonly claims = new Set<Claim>();
  readonly #cpus: number;

  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  /** Slots in use as the candidate sees them; it must not be among the claims. */
  used({ task, cpu, pool }: Claim): number {
    if (task === undefined) {
      const held = [...this.#tasks()].map((other) => this.#held(other, cpu, pool));
      return this.#pinned(cpu, pool) + Math.max(0, ...held);
    }
    const cpus = cpu >= 0 ? [cpu] : Array.from({ length: this.#cpus }, (_, c) => c);
    return Math.max(...cpus.map((c) => this.#pinned(c, pool) + this.#held(task, c, pool)));
  }

  #tasks(): Set<Task> {
    const tasks = new Set<Task>();
    for (const { task } of this.claims) if (task !== undefined) tasks.add(task);
    return tasks;
  }

  #pinned(cpu: number, pool: string): number {
    return this.#count((claim) => claim.task === undefined && claim.cpu === cpu && claim.pool === pool);
  }

  #held(task: Task, cpu: number, pool: string): number {
    return this.#count(
      (claim) => claim.task === task && claim.pool === pool && (claim.cpu === -1 || claim.cpu === cpu),
    );
  }

  #count(wanted: (claim: Claim) => boolean): number {
    let count = 0;
    for (const claim of this.claims) if (wanted(claim)) count++;
    return count;
  }
}
