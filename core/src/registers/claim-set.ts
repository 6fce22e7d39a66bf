import type { SlotClaim } from './claim.js';
import { type Dense, DenseSet } from './dense-set.js';

/** A claim in a policy's set: what the claim's `account` holds. */
class Holding implements Dense {
  readonly claim: SlotClaim;
  index = -1;

  constructor(claim: SlotClaim) {
    this.claim = claim;
  }
}

/** The claims that a policy has admitted. */
export class ClaimSet {
  readonly #holdings = new DenseSet<Holding>();

  get size(): number {
    return this.#holdings.items.length;
  }

  /** A copy, for refusals. */
  get claims(): readonly SlotClaim[] {
    return this.#holdings.items.map(({ claim }) => claim);
  }

  add(claim: SlotClaim): void {
    const holding = new Holding(claim);
    claim.account = holding;
    this.#holdings.add(holding);
  }

  remove(claim: SlotClaim): void {
    this.#holdings.remove(claim.account as Holding);
    claim.account = undefined;
  }
}
