import { type BackendCase, type BackendContractOptions, BackendSubject } from '../lab/backend-subject.js';
import { declareCases } from '../runner/contract-case.js';
import { balanceCases } from '../together/balance.js';
import { modifyCases } from '../together/modify.js';
import { capabilityCases } from './capabilities.js';
import { cpuCases } from './cpus.js';
import { displacementCases } from './displacement.js';
import { elsewhereCases } from './elsewhere.js';
import { endCases } from './end.js';
import { failureCases } from './failures.js';
import { hotplugCases } from './hotplug.js';
import { imageCases } from './images.js';
import { suspendCases } from './suspend.js';
import { taskCases } from './tasks.js';
import { timeCases } from './times.js';
import { turnCases } from './turns.js';
import { wideCases } from './wide.js';

export const schedulerCases: readonly BackendCase[] = [
  ...taskCases,
  ...cpuCases,
  ...hotplugCases,
  ...suspendCases,
  ...imageCases,
  ...wideCases,
  ...elsewhereCases,
  ...displacementCases,
  ...failureCases,
  ...capabilityCases,
  ...turnCases,
  ...timeCases,
  ...endCases,
];

/** What a backend promises together with any scheduler, and what a scheduler can break: `together/...`. */
export const sharedCases: readonly BackendCase[] = [...modifyCases, ...balanceCases];

/**
 * What a scheduler promises about tasks, CPUs and wide breakpoints: `scheduler/...`, and about changes in place:
 * `together/modify-...`. Run it with a backend of yours, or with a scheduler of yours in `options` and a backend that
 * is known to be good, such as `fakeBackend()`.
 */
export function schedulerContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, [...schedulerCases, ...sharedCases], new BackendSubject(options));
}
