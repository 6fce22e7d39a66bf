import { type BackendCase, type BackendContractOptions, BackendSubject } from '../lab/backend-subject.js';
import { declareCases } from '../runner/contract-case.js';
import { manifestCases } from './manifest.js';
import { otherCases } from './others.js';
import { parseCases } from './parse.js';
import { placeCases } from './places.js';
import { registerCases } from './registers.js';
import { successionCases } from './succession.js';

export const driverCases: readonly BackendCase[] = [
  ...manifestCases,
  ...parseCases,
  ...placeCases,
  ...registerCases,
  ...successionCases,
  ...otherCases,
];

/** What a backend's manifest, `parse` and driver promise, with its own unit and no kernel: `driver/...`. */
export function driverContract(options: BackendContractOptions): void {
  declareCases(options.test, options.name, driverCases, new BackendSubject(options));
}
