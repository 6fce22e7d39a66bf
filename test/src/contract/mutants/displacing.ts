import {
  type Admission,
  type Keeper,
  type PlacementChanges,
  PriorityPolicy,
  type PriorityRules,
  type Registration,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
} from '@hwbp/core';
import { displacingMutant, type Mutant } from './mutant.js';

const RULES: PriorityRules = { owners: {}, counts: 'exact', users: 'all' };

/** The policy of priorities, with what mutants need to know of it. */
class Priority extends PriorityPolicy {
  constructor(host: SlotHost, counts: PriorityRules['counts'] = 'exact') {
    super(host, { ...RULES, counts });
  }
}

/** The lower priority wins, as was proposed in the same thread. */
class LowerWins extends Priority {
  override levelOf(owner: string, priority: number): number {
    return -super.levelOf(owner, priority);
  }
}

/** Of equals the later one wins. */
class LaterWins extends Priority {
  #asked = 0;

  override levelOf(owner: string, priority: number): number {
    this.#asked++;
    return super.levelOf(owner, priority) + this.#asked / 1e6;
  }
}

/** What is released is free, and nobody hears of it. */
class TellsNobodyOfReleases extends Priority {
  override release(claim: SlotClaim): PlacementChanges {
    const { displaced = [] } = super.release(claim);
    return { displaced };
  }
}

/** Only one of those who have to make room is told. */
class TellsTheFirst extends Priority {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome === 'refused') return admission;
    return { ...admission, displaced: admission.displaced?.slice(0, 1) ?? [] };
  }
}

class TellsNobody extends Priority {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    return admission.outcome === 'refused' ? admission : { ...admission, displaced: [] };
  }
}

/** Whoever is displaced queues up again, at the end. */
class LosesTheirPlaces extends Priority {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome === 'refused') return admission;
    for (const one of admission.displaced ?? []) {
      super.release(one);
      super.reserve(one);
    }
    return admission;
  }
}

/** A claim that turns out to be invalid is released as one that was there: others may stay where they had to go. */
class CannotUndo extends Priority {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome !== 'refused') super.change(claim, claim.slotClass);
    return admission;
  }
}

/** Everybody may wait. */
class LetsEverybodyWait extends Priority {
  override reserve(claim: SlotClaim): Admission {
    return super.reserve(Object.assign(claim, { waits: true }));
  }
}

/** The register of the old class is not handed on. */
class ChangeHandsNothingOn extends Priority {
  override change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const admission = super.change(claim, slotClass);
    return admission.outcome === 'refused' ? admission : { ...admission, granted: [] };
  }
}

/** A change of class hands the register on, also where both classes share it. */
class ChangeHandsEverythingOn extends Priority {
  readonly #all = new Set<SlotClaim>();

  override reserve(claim: SlotClaim): Admission {
    this.#all.add(claim);
    return super.reserve(claim);
  }

  override change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const admission = super.change(claim, slotClass);
    const others = [...this.#all].filter((one) => one !== claim);
    return admission.outcome === 'refused' ? admission : { ...admission, granted: others };
  }
}

/** Takes the register away itself, before it is known whether the request is valid. */
class CallsIn extends Priority {
  override reserve(claim: SlotClaim): Admission {
    const admission = super.reserve(claim);
    if (admission.outcome === 'refused') return admission;
    for (const one of admission.displaced ?? []) {
      const { keeper } = one as SlotClaim & { readonly keeper?: Keeper };
      keeper?.displaced(one as unknown as Registration);
    }
    return admission;
  }
}

export const faithfulPriorities: Mutant = displacingMutant(
  'priorities: nothing planted',
  [],
  (host) => new Priority(host),
);

interface Planted {
  readonly name: string;
  readonly kills: readonly string[];
  readonly create: (host: SlotHost) => PriorityPolicy;
}

/** The policies, for other suites than the contract's. */
export const plantedPriorities: readonly Planted[] = [
  {
    name: 'priorities: the lower one wins',
    kills: [
      'policy/displaces-the-weakest',
      'policy/displaces-with-notice-direct',
      'policy/displaces-with-notice-events',
    ],
    create: (host) => new LowerWins(host),
  },
  {
    name: 'priorities: of equals the later one wins',
    kills: ['policy/displaces-nobody-of-its-own-priority', 'policy/displaces-who-cannot-wait-is-refused'],
    create: (host) => new LaterWins(host),
  },
  {
    name: 'priorities: nobody hears that a register is free',
    kills: ['policy/displaces-and-gives-back', 'policy/displaces-with-notice-direct'],
    create: (host) => new TellsNobodyOfReleases(host),
  },
  {
    name: 'priorities: only the first of those who are displaced is told',
    kills: ['policy/displaces-from-all-who-are-in-the-way'],
    create: (host) => new TellsTheFirst(host),
  },
  {
    name: 'priorities: nobody hears that a register is taken away',
    kills: [
      'policy/displaces-the-weakest',
      'policy/displaces-with-notice-direct',
      'policy/displaces-and-owners-may-call-in-direct',
      'policy/displaces-and-owners-may-call-in-events',
    ],
    create: (host) => new TellsNobody(host),
  },
  {
    name: 'priorities: whoever is displaced loses its place',
    kills: ['policy/displaces-in-places-that-are-kept'],
    create: (host) => new LosesTheirPlaces(host),
  },
  {
    name: 'priorities: what came to nothing leaves others where it put them',
    kills: ['policy/displaces-nothing-for-what-comes-to-nothing'],
    create: (host) => new CannotUndo(host),
  },
  {
    name: 'priorities: a maximum, where exact counts are promised',
    kills: ['policy/displaces-nobody-waits-for-weaker-ones'],
    create: (host) => new Priority(host, 'maximum'),
  },
  {
    name: 'priorities: who cannot wait has to',
    kills: ['policy/displaces-who-cannot-wait-is-refused'],
    create: (host) => new LetsEverybodyWait(host),
  },
  {
    name: 'priorities: a change of class hands nothing on',
    kills: ['policy/displaces-over-a-change-of-class'],
    create: (host) => new ChangeHandsNothingOn(host),
  },
  {
    name: 'priorities: a change of class in a shared pool hands the register on',
    kills: [
      'policy/displaces-by-a-modification-to-another-class-direct',
      'policy/displaces-by-a-modification-to-another-class-events',
    ],
    create: (host) => new ChangeHandsEverythingOn(host),
  },
  {
    name: 'priorities: takes registers away before the request is known to be valid',
    kills: [
      'policy/displaces-only-for-what-is-valid-direct',
      'policy/displaces-only-for-what-is-valid-events',
      'policy/displaces-for-a-wide-request-once-every-cpu-accepts-direct',
      'policy/displaces-for-a-wide-request-once-every-cpu-accepts-events',
    ],
    create: (host) => new CallsIn(host),
  },
];

export const displacingMutants: readonly Mutant[] = plantedPriorities.map(({ name, kills, create }) =>
  displacingMutant(name, kills, create),
);
