import { declareCases } from '../runner/contract-case.js';
import { displacing } from './displacing.js';
import { displacingInAKernel } from './displacing-in-a-kernel.js';
import { linuxAccounting } from './linux-accounting.js';
import { linuxVectors } from './linux-vectors.js';
import { type PolicyCase, PolicySubject, type SlotPolicyContractOptions } from './policy-subject.js';
import { policyPromises } from './promises.js';

export const slotPolicyCases: readonly PolicyCase[] = [
  ...policyPromises,
  ...displacing,
  ...displacingInAKernel,
  ...linuxVectors,
  ...linuxAccounting,
];

/**
 * What a slot policy promises: `policy/...`, `policy/displaces-...` for those that take registers away, and
 * `policy/linux-...` for those that account as Linux does.
 */
export function slotPolicyContract(options: SlotPolicyContractOptions): void {
  declareCases(options.test, options.name, slotPolicyCases, new PolicySubject(options));
}
