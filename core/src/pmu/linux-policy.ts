import { registersOf, type SlotClass } from '../arch/index.js';
import type { Task, TaskState } from '../machine/index.js';
import type { SlotClaim } from './claim.js';
import { SlotHistogram } from './histogram.js';
import { type Admission, firstFree, GRANTED, type SlotHost, type SlotPolicy } from './slot-policy.js';

/** Claims in an array that forgets a claim in constant time. */
class ClaimSet {
  readonly claims: SlotClaim[] = [];

  add(claim: SlotClaim): void {
    claim.account = this.claims.length;
    this.claims.push(claim);
  }

  remove(claim: SlotClaim): void {
    const at = claim.account as number;
    const last = this.claims.pop() as SlotClaim;
    if (last !== claim) {
      this.claims[at] = last;
      last.account = at;
    }
    claim.account = undefined;
  }
}

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
class SlotPool {
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

  /** Slots in use as the claim would see them, itself not counted. */
  used(claim: SlotClaim): number {
    const { task, cpu } = claim;
    if (task === undefined) {
      const busiest = Math.max(this.#followers.max, this.#mixed?.[cpu]?.max ?? 0);
      return (this.#cpuWide[cpu] as number) + busiest;
    }
    const held = this.#tasks.peek(task);
    if (cpu >= 0) return (this.#cpuWide[cpu] as number) + (held?.on(cpu) ?? 0);
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

/**
 * Linux's constraint accounting (kernel/events/hw_breakpoint.c): first come, first served; a claim is refused if it could
 * ever find no free register. Every claim counts, enabled or not; a dead task's claims count until they are released.
 *
 * A claim is admitted iff `used + weight <= slots`, where `used` is, for
 * - a task on any CPU: the task's claims, plus the most CPU-wide claims of any CPU (with claims bound to a CPU, the CPU
 *   where the sum is largest);
 * - a task on one CPU: that CPU's CPU-wide claims plus the task's claims there;
 * - a CPU: its CPU-wide claims plus the claims of the task that has most there.
 */
export class LinuxSlotPolicy implements SlotPolicy {
  readonly name = 'linux';
  readonly #pools: Readonly<Record<SlotClass, SlotPool>>;
  readonly #claims = new ClaimSet();
  readonly #registers: Readonly<Record<SlotClass, ReturnType<typeof registersOf>>>;

  constructor(host: SlotHost) {
    const { manifest } = host;
    const { slots } = manifest;
    this.#registers = { data: registersOf(manifest, 'data'), instruction: registersOf(manifest, 'instruction') };
    const makePool = (limit: number): SlotPool => {
      const tasks = host.machine.defineTaskState(() => new TaskSlots());
      return new SlotPool(limit, host.machine.cpus.length, tasks);
    };
    const data = makePool(slots.data);
    this.#pools = { data, instruction: slots.shared ? data : makePool(slots.instruction) };
  }

  reserve(claim: SlotClaim): Admission {
    const pool = this.#pools[claim.slotClass];
    const used = pool.used(claim);
    if (used + claim.weight > pool.limit) return this.#refuse(claim, pool, used);
    pool.count(claim, 1);
    this.#claims.add(claim);
    return GRANTED;
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const from = this.#pools[claim.slotClass];
    const to = this.#pools[slotClass];
    if (from !== to) {
      from.count(claim, -1);
      const used = to.used(claim);
      if (used + claim.weight > to.limit) {
        from.count(claim, 1);
        return this.#refuse({ ...claim, slotClass }, to, used);
      }
      to.count(claim, 1);
    }
    claim.slotClass = slotClass;
    return GRANTED;
  }

  release(claim: SlotClaim): void {
    this.#pools[claim.slotClass].count(claim, -1);
    this.#claims.remove(claim);
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    const { first, end } = this.#registers[claim.slotClass];
    return firstFree(occupied, first, end);
  }

  get isUsed(): boolean {
    return this.#claims.claims.length > 0;
  }

  #refuse(claim: SlotClaim, pool: SlotPool, used: number): Admission {
    return { outcome: 'refused', used, limit: pool.limit, holders: this.#holders(claim, pool) };
  }

  /** The claims that add up to `used`: those of the tightest CPU, and of the task (or of the busiest task) there. */
  #holders(claim: SlotClaim, pool: SlotPool): readonly SlotClaim[] {
    const cpu = pool.tightestCpu(claim);
    const rivals = this.#claims.claims.filter(
      (other) => this.#pools[other.slotClass] === pool && (other.cpu < 0 || other.cpu === cpu),
    );
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
}

/** The default slot policy. */
export function linuxSlotPolicy(host: SlotHost): SlotPolicy {
  return new LinuxSlotPolicy(host);
}
