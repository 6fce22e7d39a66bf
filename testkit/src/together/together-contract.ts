import { type BackendCase, type BackendContractOptions, BackendSubject } from '../lab/backend-subject.js';
import { declareCases } from '../runner/contract-case.js';
import { balanceCases } from './balance.js';
import { beforeCases } from './before.js';
import { chainCases } from './chain.js';
import { debuggerCases } from './debuggers.js';
import { deliveryCases } from './delivery.js';
import { entryCases } from './entry.js';
import { executionCases } from './execution.js';
import { handlerCases } from './handlers.js';
import { modifyCases } from './modify.js';
import { privilegeCases } from './privilege.js';
import { refusalCases } from './refusals.js';
import { successionCases } from './succession.js';
import { suspensionCases } from './suspension.js';
import { taskCases } from './tasks.js';

export const togetherCases: readonly BackendCase[] = [
  ...deliveryCases,
  ...executionCases,
  ...taskCases,
  ...beforeCases,
  ...chainCases,
  ...entryCases,
  ...handlerCases,
  ...suspensionCases,
  ...debuggerCases,
  ...modifyCases,
  ...privilegeCases,
  ...refusalCases,
  ...balanceCases,
  ...successionCases,
];

/** What silicon and driver promise together, in a kernel, through the breakpoint API: `together/...`. */
export function togetherContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, togetherCases, new BackendSubject(options));
}
