import type { SlotClaim } from './claim.js';
import { type PriorityRequest, WAITS } from './priority-request.js';
import type { PlacementChanges } from './slot-policy.js';

/** What a decision has changed: where requests were before it, and what the users of a register counted for. */
export class PriorityDecision {
  /** Of whom it is: its answer is not among what happens to others. */
  readonly claim: SlotClaim | undefined;
  /** In the order in which they were touched first. */
  readonly before = new Map<PriorityRequest, number>();
  /** By register. */
  readonly effective = new Map<number, number>();

  constructor(claim: SlotClaim | undefined) {
    this.claim = claim;
  }

  /** What happened to claims other than the one that the decision was about. Who was moved has lost one and got one. */
  get changes(): PlacementChanges {
    const displaced: SlotClaim[] = [];
    const granted: SlotClaim[] = [];
    for (const [request, before] of this.before) {
      if (request.register === before) continue;
      for (const claim of request.claims) {
        if (claim === this.claim) continue;
        if (before !== WAITS) displaced.push(claim);
        if (request.register !== WAITS) granted.push(claim);
      }
    }
    return { displaced, granted };
  }
}
