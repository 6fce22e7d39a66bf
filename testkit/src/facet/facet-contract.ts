import { declareCases } from '../runner/contract-case.js';
import { debugRegisterCases } from './debug-registers.js';
import { debugRequestCases } from './debug-requests.js';
import { type FacetCase, type FacetContractOptions, FacetSubject } from './facet-subject.js';
import { guestDebugCases } from './guest-debug.js';
import { otherFacetCases } from './others.js';
import { registerSetCases } from './register-sets.js';
import { systemCallCases } from './system-calls.js';
import { targetCases } from './target-description.js';
import { userAreaCases } from './user-area.js';

export const facetCases: readonly FacetCase[] = [
  ...targetCases,
  ...userAreaCases,
  ...debugRegisterCases,
  ...debugRequestCases,
  ...guestDebugCases,
  ...systemCallCases,
  ...registerSetCases,
  ...otherFacetCases,
];

/** What the facets of an architecture promise, for those that it offers: `facet/...`. */
export function facetContract(options: FacetContractOptions): void {
  declareCases(options.test, options.name, facetCases, new FacetSubject(options));
}
