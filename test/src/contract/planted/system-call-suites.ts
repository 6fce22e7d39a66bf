import { systemCallContract, type TestFunction } from '@hwbp/testkit';
import { FACET_USES } from '../facet-uses.js';

function systemCalls(of: string, test: TestFunction): void {
  const { createArchitecture, systemCalls: use } = FACET_USES[of] ?? {};
  if (createArchitecture === undefined || use === undefined) throw new TypeError(`no calls of ${of} are under test`);
  systemCallContract({ test, name: 'planted', createArchitecture, systemCalls: use });
}

/** System calls by number. */
export const SUITES = {
  x86: (test: TestFunction) => systemCalls('x86', test),
  ppc64: (test: TestFunction) => systemCalls('power8', test),
} as const;
