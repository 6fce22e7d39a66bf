import { declareCases } from '../runner/contract-case.js';
import { displacing } from './displacing.js';
import { displacingInAKernel } from './displacing-in-a-kernel.js';
import { linuxAccounting } from './linux-accounting.js';
import { linuxVectors } from './linux-vectors.js';
import { type PolicyCase, PolicySubject, type SlotPolicyContractOptions } from './policy-subject.js';
import { policyPromises } from './promises.js';
import { sharing } from './sharing.js';
import { wideMachines } from './wide-machines.js';

export const slotPolicyCases: readonly PolicyCase[] = [
  ...policyPromises,
  ...wideMachines,
  ...displacing,
  ...displacingInAKernel,
  ...linuxVectors,
  ...linuxAccounting,
  ...sharing,
];

/**
 * What a slot policy promises: `policy/...`, `policy/displaces-...` for those that take registers away,
 * `policy/linux-...` for those that account as Linux does, and `policy/flexible-...` for those whose flexible claims
 * share.
 */
export function slotPolicyContract(options: SlotPolicyContractOptions): void {
  declareCases(options.test, options.name, slotPolicyCases, new PolicySubject(options));
}
