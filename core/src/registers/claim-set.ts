import type { SlotClaim } from './claim.js';

/** Claims in an array that forgets a claim in constant time. */
export class ClaimSet {
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
