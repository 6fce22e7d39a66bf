import { type BackendCase, type BackendContractOptions, BackendSubject } from '../lab/backend-subject.js';
import { declareCases } from '../runner/contract-case.js';
import { exactnessCases } from './exactness.js';
import { filterCases } from './filter.js';
import { matchingCases } from './matching.js';
import { reportingCases } from './reporting.js';

export const siliconCases: readonly BackendCase[] = [
  ...exactnessCases,
  ...matchingCases,
  ...filterCases,
  ...reportingCases,
];

/** What a debug unit promises, armed by its backend's own driver: `silicon/...`. */
export function siliconContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, siliconCases, new BackendSubject(options));
}
