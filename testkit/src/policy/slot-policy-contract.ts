import { declareCases } from '../runner/contract-case.js';
import { linuxAccounting } from './linux-accounting.js';
import { linuxVectors } from './linux-vectors.js';
import { type PolicyCase, PolicySubject, type SlotPolicyContractOptions } from './policy-subject.js';
import { policyPromises } from './promises.js';

export const slotPolicyCases: readonly PolicyCase[] = [...policyPromises, ...linuxVectors, ...linuxAccounting];

/** What a slot policy promises: `policy/...`, and `policy/linux-...` for those that account as Linux does. */
export function slotPolicyContract(options: SlotPolicyContractOptions): void {
  declareCases(options.test, options.name, slotPolicyCases, new PolicySubject(options));
}
