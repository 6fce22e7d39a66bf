import { registersOf, type SlotClass } from '../arch/index.js';
import type { ImageValue } from '../image/index.js';
import type { SlotClaim } from './claim.js';
import { ClaimSet } from './claim-set.js';
import {
  type Admission,
  firstFree,
  GRANTED,
  type PlacementChanges,
  type SlotHost,
  type SlotPolicy,
  UNCHANGED,
} from './slot-policy.js';
import { holdersOf, type SlotPool, type SlotSeer, slotPools } from './slot-pool.js';

/** Flexible claims of one pool: how many can come to each CPU. */
class FlexibleClaims {
  /** Those that follow a task to any CPU. */
  #anywhere = 0;
  readonly #bound: Int32Array;

  constructor(cpus: number) {
    this.#bound = new Int32Array(cpus);
  }

  count({ cpu }: SlotClaim, sign: 1 | -1): void {
    if (cpu < 0) this.#anywhere += sign;
    else this.#bound[cpu] = (this.#bound[cpu] as number) + sign;
  }

  /** True if any can come to this CPU: one register there is theirs, however many they are. */
  on(cpu: number): boolean {
    return this.#anywhere > 0 || (this.#bound[cpu] as number) > 0;
  }
}

/**
 * The accounting that the 2009 rewrite documents and Linux never built: pinned claims are accounted as Linux does,
 * flexible ones share what these leave. All flexible claims of a CPU together keep one register from the pinned ones,
 * and never more; they take turns on it and on every other register that is free (the events engine rotates them), and
 * tell by their times how much they saw.
 *
 * On every CPU: the pinned claims of the CPU, plus those of the task that has most there, plus 1 if any flexible claim
 * can come there, are at most the number of registers.
 */
export class FlexibleSlotPolicy implements SlotPolicy {
  readonly name = 'flexible';
  readonly #pools: Readonly<Record<SlotClass, SlotPool>>;
  readonly #flexible: ReadonlyMap<SlotPool, FlexibleClaims>;
  readonly #claims = new ClaimSet();
  readonly #registers: Readonly<Record<SlotClass, ReturnType<typeof registersOf>>>;
  readonly #cpus: number;

  constructor(host: SlotHost) {
    const { manifest, machine } = host;
    this.#cpus = machine.cpus.length;
    this.#registers = { data: registersOf(manifest, 'data'), instruction: registersOf(manifest, 'instruction') };
    this.#pools = slotPools(host);
    const pools = new Set(Object.values(this.#pools));
    this.#flexible = new Map([...pools].map((pool) => [pool, new FlexibleClaims(this.#cpus)]));
  }

  reserve(claim: SlotClaim): Admission {
    const refusal = this.#admit(claim, claim.slotClass);
    if (refusal !== undefined) return refusal;
    this.#claims.add(claim);
    return GRANTED;
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    if (this.#pools[claim.slotClass] !== this.#pools[slotClass]) {
      const from = this.#pools[claim.slotClass];
      this.#count(claim, from, -1);
      const refusal = this.#admit(claim, slotClass);
      if (refusal !== undefined) {
        this.#count(claim, from, 1);
        return refusal;
      }
    }
    claim.slotClass = slotClass;
    return GRANTED;
  }

  release(claim: SlotClaim): PlacementChanges {
    this.#count(claim, this.#pools[claim.slotClass], -1);
    this.#claims.remove(claim);
    return UNCHANGED;
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    const { first, end } = this.#registers[claim.slotClass];
    return firstFree(occupied, first, end);
  }

  get isUsed(): boolean {
    return this.#claims.size > 0;
  }

  /** What it has decided follows from the claims. */
  save(): ImageValue {
    return null;
  }

  restore(): void {}

  /** Counts the claim in, or says why not. */
  #admit(claim: SlotClaim, slotClass: SlotClass): Admission | undefined {
    const pool = this.#pools[slotClass];
    const first = Math.max(claim.cpu, 0);
    const end = claim.cpu < 0 ? this.#cpus : claim.cpu + 1;
    for (let cpu = first; cpu < end; cpu++) {
      const used = claim.pinned ? this.#usedByPinned(claim, pool, cpu) : this.#usedForFlexible(pool, cpu);
      if (used + claim.weight <= pool.limit) continue;
      return { outcome: 'refused', used, limit: pool.limit, holders: this.#holders(claim, pool, cpu) };
    }
    this.#count(claim, pool, 1);
    return undefined;
  }

  /**
   * Who is in a claim's way on a CPU: pinned claims, of the busiest task for a flexible one, and the flexible ones that
   * keep a register.
   */
  #holders(claim: SlotClaim, pool: SlotPool, cpu: number): readonly SlotClaim[] {
    const rivals = this.#claims.claims.filter((other) => this.#pools[other.slotClass] === pool);
    const seer: SlotSeer = claim.pinned ? claim : { task: undefined };
    const pinned = holdersOf(
      seer,
      pool,
      cpu,
      rivals.filter((other) => other.pinned),
    );
    return [...pinned, ...rivals.filter((other) => !other.pinned && (other.cpu < 0 || other.cpu === cpu))];
  }

  /** What a pinned claim sees in use on a CPU. */
  #usedByPinned(claim: SlotClaim, pool: SlotPool, cpu: number): number {
    const shared = this.#flexibleOf(pool).on(cpu) ? 1 : 0;
    // Flexible claims of other tasks may come to the CPU with tasks that have pinned ones of their own: those were
    // counted then.
    return pool.usedOn(claim.task, cpu) + shared;
  }

  /** What a flexible claim sees in use: nothing, where others share a register already. */
  #usedForFlexible(pool: SlotPool, cpu: number): number {
    return this.#flexibleOf(pool).on(cpu) ? 0 : pool.usedOn(undefined, cpu);
  }

  #flexibleOf(pool: SlotPool): FlexibleClaims {
    return this.#flexible.get(pool) as FlexibleClaims;
  }

  #count(claim: SlotClaim, pool: SlotPool, sign: 1 | -1): void {
    if (claim.pinned) pool.count(claim, sign);
    else this.#flexibleOf(pool).count(claim, sign);
  }
}
