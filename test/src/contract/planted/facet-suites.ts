import { facetContract, type TestFunction } from '@hwbp/testkit';
import { FACET_USES } from '../facet-uses.js';

function facets(of: string, test: TestFunction): void {
  const use = FACET_USES[of];
  if (use === undefined) throw new TypeError(`no facets of ${of} are under test`);
  facetContract({ test, name: 'planted', ...use });
}

/** The facets of architectures. */
export const SUITES = {
  x86: (test: TestFunction) => facets('x86', test),
  'x86 of 32 bits': (test: TestFunction) => facets('x86 of 32 bits', test),
  power10: (test: TestFunction) => facets('power10', test),
  riscv64: (test: TestFunction) => facets('riscv64', test),
} as const;
