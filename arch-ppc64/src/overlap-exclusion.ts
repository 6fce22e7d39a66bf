import {
  type Admission,
  linuxSlotPolicy,
  type PlacementChanges,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
  type SlotPolicyPlugin,
  wrapSlotPolicy,
} from '@hwbp/core';
import { KERNEL_START } from './driver/parse.js';
import { OVERLAP_IGNORES_TASK } from './quirks.js';

const REASON =
  'a debugger is told before the access and all others after it, and one access cannot be both; these watch the same doublewords';

/** Debuggers in user space: told as the silicon reports. */
const isDebuggers = ({ delivery, task }: SlotClaim): boolean => delivery === 'silicon' && task !== undefined;

/** In whole doublewords. */
function overlap(a: SlotClaim, b: SlotClaim): boolean {
  const start = ({ address }: SlotClaim): bigint => address & ~7n;
  const end = ({ address, length }: SlotClaim): bigint => (address + BigInt(length) + 7n) & ~7n;
  return start(a) < end(b) && end(a) > start(b);
}

/** Linux's accounting on ppc64 before 6.6: debuggers' breakpoints and all others may not overlap. */
class OverlapExclusion implements SlotPolicy {
  readonly name: string;
  readonly #inner: SlotPolicy;
  readonly #limit: number;
  readonly #ignoresTask: boolean;
  readonly #claims = new Set<SlotClaim>();

  constructor(inner: SlotPolicy, host: SlotHost) {
    this.name = `${inner.name}, without overlaps`;
    this.#inner = inner;
    this.#limit = host.manifest.slots.data;
    this.#ignoresTask = host.quirks.isOn(OVERLAP_IGNORES_TASK);
  }

  reserve(claim: SlotClaim): Admission {
    const admission = this.#inner.reserve(claim);
    if (admission.outcome === 'refused') return admission;
    const holders = [...this.#claims].filter((other) => this.#excludes(claim, other));
    if (holders.length === 0) {
      this.#claims.add(claim);
      return admission;
    }
    // What the inner policy did to others has happened to nobody yet.
    this.#inner.release(claim);
    return { outcome: 'refused', used: holders.length, limit: this.#limit, holders, reason: REASON };
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    return this.#inner.change(claim, slotClass);
  }

  release(claim: SlotClaim): PlacementChanges {
    this.#claims.delete(claim);
    return this.#inner.release(claim);
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    return this.#inner.place(claim, occupied);
  }

  get isUsed(): boolean {
    return this.#inner.isUsed;
  }

  follow(apply: (changes: PlacementChanges) => void): void {
    this.#inner.follow?.(apply);
  }

  #excludes(claim: SlotClaim, other: SlotClaim): boolean {
    if (isDebuggers(claim) === isDebuggers(other)) return false;
    const [debuggers, others] = isDebuggers(claim) ? [claim, other] : [other, claim];
    if (others.address >= KERNEL_START || !overlap(debuggers, others)) return false;
    // Whatever runs on a CPU may be the debugger's task.
    if (others.task === undefined || others.task === debuggers.task) return true;
    return this.#ignoresTask && isDebuggers(claim) && others.cpu >= 0;
  }
}

/**
 * The slot policy of Linux 5.8 to 6.5 on ppc64, for `composeKernel({ slotPolicy: overlapExclusion() })`: a breakpoint
 * of a debugger and one of anybody else that could meet in one doubleword are refused with ENOSPC
 * (arch_reserve_bp_slot). `inner` decides the rest.
 */
export function overlapExclusion(inner: SlotPolicyPlugin = linuxSlotPolicy()): SlotPolicyPlugin {
  return wrapSlotPolicy(inner, `${inner.name}, without overlaps`, (policy, host) => new OverlapExclusion(policy, host));
}
