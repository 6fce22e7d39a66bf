import { declareCases } from '../runner/contract-case.js';
import { busCases } from './bus.js';
import { type DeviceCase, type DeviceContractOptions, DeviceSubject } from './device-subject.js';
import { underTestCases } from './under-test.js';

export const deviceCases: readonly DeviceCase[] = [...busCases, ...underTestCases];

/** What devices are promised by their kernel, and what a device of yours promises: `device/...`. */
export function deviceContract(options: DeviceContractOptions): void {
  declareCases(options.test, options.name, deviceCases, new DeviceSubject(options));
}
