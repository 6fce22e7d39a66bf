import { copyCases, requestCases } from './driver/driver-contract.js';
import { type BackendContractOptions, BackendSubject } from './lab/backend-subject.js';
import { declareCases } from './runner/contract-case.js';
import { schedulerCases } from './scheduler/scheduler-contract.js';
import { siliconCases } from './silicon/silicon-contract.js';
import { togetherCases } from './together/together-contract.js';

/** In this order the first failure is the one that tells most: later cases stand on what earlier ones look at. */
const CASES = [...requestCases, ...siliconCases, ...copyCases, ...togetherCases, ...schedulerCases];

/** Everything that a backend promises: silicon, driver, both together, and breakpoints that follow tasks and CPUs. */
export function backendContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, CASES, new BackendSubject(options));
}
