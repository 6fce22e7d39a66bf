import {
  type Admission,
  defineManifest,
  firstFree,
  GRANTED,
  LinuxSlotPolicy,
  type Occupant,
  type PlacementChanges,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
  UNCHANGED,
} from '@hwbp/core';
import { type Mutant, policyMutant } from './mutant.js';

/** The limit is compared for equality after counting: the last register is never given. */
function equalityLimit(host: SlotHost): SlotPolicy {
  const { slots } = host.manifest;
  const fewer = {
    data: Math.max(0, slots.data - 1),
    instruction: Math.max(0, slots.instruction - 1),
    shared: slots.shared,
  };
  return new LinuxSlotPolicy({ ...host, manifest: defineManifest({ ...host.manifest, slots: fewer }) });
}

/** One counter for the whole machine. */
class GlobalCounter extends LinuxSlotPolicy {
  readonly #limit: number;
  #used = 0;

  constructor(host: SlotHost) {
    super(host);
    this.#limit = host.manifest.slots.data;
  }

  override reserve(claim: SlotClaim): Admission {
    if (this.#used >= this.#limit) return { outcome: 'refused', used: this.#used, limit: this.#limit, holders: [] };
    const admission = super.reserve(claim);
    if (admission.outcome === 'granted') this.#used++;
    return admission;
  }

  override release(claim: SlotClaim): PlacementChanges {
    this.#used--;
    return super.release(claim);
  }
}

/** Tasks and CPUs are counted apart, as if they had registers of their own. */
class IgnoresTasks extends LinuxSlotPolicy {
  readonly #wide: LinuxSlotPolicy;

  constructor(host: SlotHost) {
    super(host);
    this.#wide = new LinuxSlotPolicy(host);
  }

  override reserve(claim: SlotClaim): Admission {
    return claim.task === undefined ? this.#wide.reserve(claim) : super.reserve(claim);
  }

  override release(claim: SlotClaim): PlacementChanges {
    return claim.task === undefined ? this.#wide.release(claim) : super.release(claim);
  }

  override change(claim: SlotClaim, slotClass: SlotClass): Admission {
    return claim.task === undefined ? this.#wide.change(claim, slotClass) : super.change(claim, slotClass);
  }

  override get isUsed(): boolean {
    return super.isUsed || this.#wide.isUsed;
  }
}

/** What a dead task holds is given away. */
class FreesTheDead extends LinuxSlotPolicy {
  readonly #held = new Set<SlotClaim>();

  constructor(host: SlotHost) {
    super(host);
    host.machine.hooks.exit.add((task) => {
      for (const claim of [...this.#held]) if (claim.task === task) this.release(claim);
    });
  }

  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome === 'granted') this.#held.add(claim);
    return admission;
  }

  override release(claim: SlotClaim): PlacementChanges {
    return this.#held.delete(claim) ? super.release(claim) : UNCHANGED;
  }
}

/** A claim that never became a breakpoint is not given back. */
class LeaksFailures extends LinuxSlotPolicy {
  override release(claim: SlotClaim & Partial<Occupant>): PlacementChanges {
    return claim.info?.length === 0 ? UNCHANGED : super.release(claim);
  }
}

/** A change takes the new slot and keeps the old one. */
class ChangeKeepsBoth extends LinuxSlotPolicy {
  override change(claim: SlotClaim, slotClass: SlotClass): Admission {
    if (slotClass !== claim.slotClass) {
      const admission = this.reserve({ ...claim, slotClass });
      if (admission.outcome !== 'granted') return admission;
    }
    claim.slotClass = slotClass;
    return GRANTED;
  }
}

/** A refused change has given the old slot up already. */
class ChangeReleasesFirst extends LinuxSlotPolicy {
  readonly #lost = new Set<SlotClaim>();

  override change(claim: SlotClaim, slotClass: SlotClass): Admission {
    if (slotClass === claim.slotClass) return GRANTED;
    const old = claim.slotClass;
    super.release(claim);
    claim.slotClass = slotClass;
    const admission = super.reserve(claim);
    if (admission.outcome === 'granted') return admission;
    claim.slotClass = old;
    this.#lost.add(claim);
    return admission;
  }

  override release(claim: SlotClaim): PlacementChanges {
    return this.#lost.delete(claim) ? UNCHANGED : super.release(claim);
  }
}

/** A refused claim is counted all the same. */
class CountsTheRefused extends LinuxSlotPolicy {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome === 'refused') super.reserve({ ...claim, task: undefined, cpu: claim.cpu === 0 ? 1 : 0 });
    return admission;
  }
}

class IgnoresTheClass extends LinuxSlotPolicy {
  override place(_claim: SlotClaim, occupied: readonly unknown[]): number {
    return firstFree(occupied);
  }
}

export const policyMutants: readonly Mutant[] = [
  policyMutant(
    '#1: the limit is compared for equality, 3 of 4 registers are usable',
    ['policy/linux-1-one-cpu', 'together/every-register-can-be-used'],
    equalityLimit,
  ),
  policyMutant(
    '#3: one counter for the whole machine',
    ['policy/linux-4-two-tasks-all-cpus', 'scheduler/every-task-has-all-registers'],
    (host) => new GlobalCounter(host),
  ),
  policyMutant(
    'policy: CPUs do not see what tasks hold',
    ['policy/linux-3-one-task-all-cpus', 'policy/granted-claims-find-a-register-together'],
    (host) => new IgnoresTasks(host),
  ),
  policyMutant(
    "policy: a dead task's slots are freed",
    ['policy/linux-a-dead-task-keeps-its-slots', 'scheduler/exit-frees-the-registers-and-keeps-the-breakpoint'],
    (host) => new FreesTheDead(host),
  ),
  policyMutant(
    'V6 b: a failed registration keeps its slot',
    ['together/failed-registrations-leak-nothing'],
    (host) => new LeaksFailures(host),
  ),
  policyMutant(
    'policy: a change of class keeps both slots',
    ['policy/linux-change-of-class-frees-the-old-one', 'policy/is-used-while-anything-is-held'],
    (host) => new ChangeKeepsBoth(host),
  ),
  policyMutant(
    'policy: a refused change of class has lost the old slot',
    ['policy/a-refusal-changes-nothing'],
    (host) => new ChangeReleasesFirst(host),
  ),
  policyMutant(
    'policy: a refused claim is counted',
    ['policy/a-refusal-changes-nothing'],
    (host) => new CountsTheRefused(host),
  ),
  policyMutant(
    'policy: any free register will do',
    ['policy/granted-claims-find-a-register-together', 'policy/linux-places-in-the-lowest-free-register'],
    (host) => new IgnoresTheClass(host),
  ),
];
