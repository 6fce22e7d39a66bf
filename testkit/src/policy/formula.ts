import type { SlotClaim, SlotClass } from '@hwbp/core';
import type { PolicyLab, Target } from './policy-lab.js';

/** What the rule of an accounting says of a claim that is asked for now. */
export interface Verdict {
  readonly used: number;
  readonly limit: number;
  readonly fits: boolean;
}

const inPool = (lab: PolicyLab, claim: SlotClaim, slotClass: SlotClass): boolean =>
  lab.manifest.slots.shared || claim.slotClass === slotClass;

const weightOf = (claims: readonly SlotClaim[]): number => claims.reduce((sum, { weight }) => sum + weight, 0);

/** Claims of a pool, by whose they are, as the rules speak of them. */
class PoolOfClaims {
  readonly #lab: PolicyLab;
  readonly #pinned: readonly SlotClaim[];
  readonly #flexible: readonly SlotClaim[];

  /** `shares`: claims that are not pinned take turns. `without`: as if that claim were not there. */
  constructor(lab: PolicyLab, slotClass: SlotClass, shares: boolean, without?: SlotClaim) {
    this.#lab = lab;
    const all = lab.claims.filter((claim) => claim !== without && inPool(lab, claim, slotClass));
    this.#pinned = all.filter(({ pinned }) => pinned || !shares);
    this.#flexible = all.filter(({ pinned }) => !pinned && shares);
  }

  get cpus(): readonly number[] {
    return this.#lab.machine.cpus.map(({ index }) => index);
  }

  /** In use on a CPU as the task sees it; without one as the CPU itself does: beside its busiest task. */
  on(cpu: number, task: Target['task']): number {
    const wide = this.#pinned.filter((claim) => claim.task === undefined && claim.cpu === cpu);
    const owners = task === undefined ? new Set(this.#pinned.map((claim) => claim.task)) : new Set([task]);
    const held = [...owners].map((owner) =>
      owner === undefined
        ? 0
        : weightOf(this.#pinned.filter((claim) => claim.task === owner && (claim.cpu < 0 || claim.cpu === cpu))),
    );
    return weightOf(wide) + Math.max(0, ...held);
  }

  /** True if a flexible claim can come to the CPU. */
  isShared(cpu: number): boolean {
    return this.#flexible.some((claim) => claim.cpu < 0 || claim.cpu === cpu);
  }
}

/** What a claim is, as far as accounting goes. */
export type Wanted = Pick<SlotClaim, 'task' | 'cpu' | 'weight' | 'pinned'>;

function verdictOf(
  lab: PolicyLab,
  slotClass: SlotClass,
  { cpu, weight }: Wanted,
  on: (cpu: number) => number,
): Verdict {
  const limit = lab.manifest.slots[slotClass];
  const cpus = cpu >= 0 ? [cpu] : lab.machine.cpus.map(({ index }) => index);
  const used = Math.max(0, ...cpus.map(on));
  return { used, limit, fits: used + weight <= limit };
}

/** Linux's rule (spec: "slots used as the candidate sees them"), by walking everything. */
export function linuxRule(lab: PolicyLab, slotClass: SlotClass, wanted: Wanted, without?: SlotClaim): Verdict {
  const pool = new PoolOfClaims(lab, slotClass, false, without);
  return verdictOf(lab, slotClass, wanted, (cpu) => pool.on(cpu, wanted.task));
}

/**
 * The rule of claims that share: pinned ones as Linux counts them, and on every CPU to which any flexible one can come
 * one register for all of these together.
 */
export function sharingRule(lab: PolicyLab, slotClass: SlotClass, wanted: Wanted, without?: SlotClaim): Verdict {
  const pool = new PoolOfClaims(lab, slotClass, true, without);
  return verdictOf(lab, slotClass, wanted, (cpu) => {
    if (wanted.pinned) return pool.on(cpu, wanted.task) + (pool.isShared(cpu) ? 1 : 0);
    return pool.isShared(cpu) ? 0 : pool.on(cpu, undefined);
  });
}
