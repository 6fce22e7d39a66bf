import { type BackendCase, type BackendContractOptions, BackendSubject } from '../lab/backend-subject.js';
import { declareCases } from '../runner/contract-case.js';
import { cpuCases } from './cpus.js';
import { hotplugCases } from './hotplug.js';
import { imageCases } from './images.js';
import { suspendCases } from './suspend.js';
import { taskCases } from './tasks.js';
import { wideCases } from './wide.js';

export const schedulerCases: readonly BackendCase[] = [
  ...taskCases,
  ...cpuCases,
  ...hotplugCases,
  ...suspendCases,
  ...imageCases,
  ...wideCases,
];

/**
 * What a scheduler promises about tasks, CPUs and wide breakpoints: `scheduler/...`. Run it with a backend of yours, or
 * with a scheduler of yours in `options` and a backend that is known to be good, such as `fakeBackend()`.
 */
export function schedulerContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, schedulerCases, new BackendSubject(options));
}
