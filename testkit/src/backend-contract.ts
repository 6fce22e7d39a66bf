import { driverContract } from './driver/driver-contract.js';
import { type BackendContractOptions, BackendSubject } from './lab/backend-subject.js';
import { declareCases } from './runner/contract-case.js';
import { schedulerCases } from './scheduler/scheduler-contract.js';
import { siliconContract } from './silicon/silicon-contract.js';
import { togetherContract } from './together/together-contract.js';

/** Everything that a backend promises: silicon, driver, both together, and breakpoints that follow tasks and CPUs. */
export function backendContract(options: BackendContractOptions): void {
  siliconContract(options);
  driverContract(options);
  togetherContract(options);
  declareCases(options.test, options.name, schedulerCases, new BackendSubject(options));
}
