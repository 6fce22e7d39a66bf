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
import { holdersOf, type SlotPool, slotPools } from './slot-pool.js';

/**
 * Linux's constraint accounting (kernel/events/hw_breakpoint.c): first come, first served; a claim is refused if it
 * could ever find no free register. Every claim counts, enabled or not; a dead task's claims count until they are
 * released.
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
    this.#registers = { data: registersOf(manifest, 'data'), instruction: registersOf(manifest, 'instruction') };
    this.#pools = slotPools(host);
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

  release(claim: SlotClaim): PlacementChanges {
    this.#pools[claim.slotClass].count(claim, -1);
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

  #refuse(claim: SlotClaim, pool: SlotPool, used: number): Admission {
    return { outcome: 'refused', used, limit: pool.limit, holders: this.#holders(claim, pool) };
  }

  /** The claims that add up to `used`: those of the tightest CPU, and of the task (or of the busiest task) there. */
  #holders(claim: SlotClaim, pool: SlotPool): readonly SlotClaim[] {
    const rivals = this.#claims.claims.filter(({ slotClass }) => this.#pools[slotClass] === pool);
    return holdersOf(claim, pool, pool.tightestCpu(claim), rivals);
  }
}
