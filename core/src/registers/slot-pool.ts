import type { SlotClass } from '../arch/index.js';
import type { Task, TaskState } from '../kernel/index.js';
import type { SlotClaim } from './claim.js';
import { SlotHistogram } from './histogram.js';
import type { SlotHost } from './slot-policy.js';

/** What one task holds of one pool. */
class TaskSlots {
  /** Sum of the weights of claims that follow the task anywhere. */
  any = 0;
  /** Sum of the weights of claims bound to a CPU, by CPU; `undefined` while there is none. */
  bound: Map<number, number> | undefined;

  /** What it holds as CPU `cpu` sees it. */
  on(cpu: number): number {
    return this.bound === undefined ? this.any : this.any + (this.bound.get(cpu) ?? 0);
  }
}

/**
 * Registers of one kind, and who holds them. Three counts answer every question without walking tasks or CPUs:
 * the CPU-wide claims of each CPU, with a histogram over CPUs; a histogram over the tasks whose claims all follow them
 * anywhere; and, for tasks with claims bound to a CPU, one histogram for each CPU.
 */
export class SlotPool {
  readonly limit: number;
  readonly #tasks: TaskState<TaskSlots>;
  readonly #cpuWide: Int32Array;
  readonly #cpuWideMax = new SlotHistogram();
  readonly #followers = new SlotHistogram();
  /** Made when the first claim is bound to a CPU; a wide machine rarely needs them. */
  #mixed: readonly SlotHistogram[] | undefined;

  constructor(limit: number, cpus: number, tasks: TaskState<TaskSlots>) {
    this.limit = limit;
    this.#tasks = tasks;
    this.#cpuWide = new Int32Array(cpus);
  }

  /** Slots in use on a CPU, as a claim for a task sees them, or one for the CPU (of the busiest task then). */
  usedOn(task: Task | undefined, cpu: number): number {
    const held =
      task === undefined
        ? Math.max(this.#followers.max, this.#mixed?.[cpu]?.max ?? 0)
        : (this.#tasks.peek(task)?.on(cpu) ?? 0);
    return (this.#cpuWide[cpu] as number) + held;
  }

  /** Slots in use as the claim would see them, itself not counted. */
  used(claim: SlotClaim): number {
    const { task, cpu } = claim;
    if (task === undefined || cpu >= 0) return this.usedOn(task, cpu);
    const held = this.#tasks.peek(task);
    if (held === undefined || held.bound === undefined) return this.#cpuWideMax.max + (held?.any ?? 0);
    let used = 0;
    for (let c = 0; c < this.#cpuWide.length; c++) used = Math.max(used, (this.#cpuWide[c] as number) + held.on(c));
    return used;
  }

  /** The CPU on which the claim sees the most slots in use. */
  tightestCpu(claim: SlotClaim): number {
    if (claim.cpu >= 0) return claim.cpu;
    const held = claim.task === undefined ? undefined : this.#tasks.peek(claim.task);
    let tightest = 0;
    let used = -1;
    for (let c = 0; c < this.#cpuWide.length; c++) {
      const here = (this.#cpuWide[c] as number) + (held?.on(c) ?? 0);
      if (here > used) {
        used = here;
        tightest = c;
      }
    }
    return tightest;
  }

  /** What a task holds on a CPU. */
  heldBy(task: Task, cpu: number): number {
    return this.#tasks.peek(task)?.on(cpu) ?? 0;
  }

  /** Enters (`sign` 1) or strikes out (-1) a claim. */
  count(claim: SlotClaim, sign: 1 | -1): void {
    const { task, cpu } = claim;
    const weight = sign * claim.weight;
    if (task === undefined) {
      const before = this.#cpuWide[cpu] as number;
      this.#cpuWide[cpu] = before + weight;
      this.#cpuWideMax.move(before, before + weight);
      return;
    }
    const held = this.#tasks.get(task);
    if (cpu >= 0) this.#countBound(held, cpu, weight);
    else this.#countFollowing(held, weight);
  }

  #countFollowing(held: TaskSlots, weight: number): void {
    if (held.bound === undefined) {
      this.#followers.move(held.any, held.any + weight);
    } else {
      const mixed = this.#mixedHistograms();
      for (let c = 0; c < mixed.length; c++) mixed[c]?.move(held.on(c), held.on(c) + weight);
    }
    held.any += weight;
  }

  #countBound(held: TaskSlots, cpu: number, weight: number): void {
    const mixed = this.#mixedHistograms();
    if (held.bound === undefined) {
      // Its first claim bound to a CPU: from now on CPUs see different sums, so it moves to the histograms by CPU.
      this.#followers.move(held.any, 0);
      for (const histogram of mixed) histogram.move(0, held.any);
      held.bound = new Map();
    }
    const before = held.bound.get(cpu) ?? 0;
    mixed[cpu]?.move(held.any + before, held.any + before + weight);
    if (before + weight > 0) held.bound.set(cpu, before + weight);
    else held.bound.delete(cpu);
    if (held.bound.size > 0) return;
    for (const histogram of mixed) histogram.move(held.any, 0);
    this.#followers.move(0, held.any);
    held.bound = undefined;
  }

  #mixedHistograms(): readonly SlotHistogram[] {
    this.#mixed ??= Array.from(this.#cpuWide, () => new SlotHistogram());
    return this.#mixed;
  }
}

/** The pools of an architecture: one for both classes where they share registers. */
export function slotPools({ manifest, machine }: SlotHost): Readonly<Record<SlotClass, SlotPool>> {
  const { slots } = manifest;
  const makePool = (limit: number): SlotPool =>
    new SlotPool(
      limit,
      machine.cpus.length,
      // It follows from the claims.
      machine.defineTaskState(() => new TaskSlots(), 'elsewhere'),
    );
  const data = makePool(slots.data);
  return { data, instruction: slots.shared ? data : makePool(slots.instruction) };
}

/** As whom the holders are looked for: a task's claim, or a CPU's. */
export type SlotSeer = Pick<SlotClaim, 'task'>;

/**
 * Of the claims in a pool, those that a refused one sees on a CPU: the CPU's own, and its task's (or those of the
 * busiest task).
 */
export function holdersOf(
  claim: SlotSeer,
  pool: SlotPool,
  cpu: number,
  claims: readonly SlotClaim[],
): readonly SlotClaim[] {
  const rivals = claims.filter((other) => other.cpu < 0 || other.cpu === cpu);
  let task = claim.task;
  if (task === undefined) {
    let most = 0;
    for (const { task: owner } of rivals) {
      const held = owner === undefined ? 0 : pool.heldBy(owner, cpu);
      if (held <= most) continue;
      most = held;
      task = owner;
    }
  }
  return rivals.filter((other) => other.task === undefined || other.task === task);
}
