import { declareCases } from '../runner/contract-case.js';
import { resultCases } from './results.js';
import { stepCases } from './steps.js';
import { type SystemCallCase, type SystemCallContractOptions, SystemCallSubject } from './system-call-subject.js';
import { tableCases } from './tables.js';

export const systemCallCases: readonly SystemCallCase[] = [...resultCases, ...stepCases, ...tableCases];

/** What system calls by number promise, on an architecture and with a table of yours: `system-call/...`. */
export function systemCallContract(options: SystemCallContractOptions): void {
  declareCases(options.test, options.name, systemCallCases, new SystemCallSubject(options));
}
