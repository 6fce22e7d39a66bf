import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import { BreakpointRecord } from './breakpoint-record.js';
import type { SlotClaim } from './claim.js';
import type { Registration } from './registration.js';
import type { SlotPolicy } from './slot-policy.js';

function recordOf(claim: SlotClaim | Registration): BreakpointRecord {
  if (claim instanceof BreakpointRecord) return claim;
  throw notWritable(`a claim of ${claim.owner} is of no breakpoint: give it back first`);
}

/** What a slot policy has decided of breakpoints. Throws EBUSY for one that cannot say. */
export function savePolicy(policy: SlotPolicy, numberOf: (registration: Registration) => number): ImageValue {
  if (policy.save !== undefined && policy.restore !== undefined) {
    return policy.save((claim) => numberOf(recordOf(claim)));
  }
  throw notWritable(`the slot policy '${policy.name}' cannot write down what it has decided`);
}

/** The way back. */
export function restorePolicy(
  policy: SlotPolicy,
  from: ImageReader,
  registrationOf: (number: ImageReader) => Registration,
): void {
  policy.restore?.(from, (number) => recordOf(registrationOf(number)));
}
