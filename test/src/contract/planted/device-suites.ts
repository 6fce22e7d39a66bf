import { deviceContract, type TestFunction } from '@hwbp/testkit';
import { DEVICES } from '../device-uses.js';
import { FACET_USES } from '../facet-uses.js';

function devices(of: string, test: TestFunction, name?: string): void {
  const { createArchitecture } = FACET_USES[of] ?? {};
  if (createArchitecture === undefined) throw new TypeError(`no devices of ${of} are under test`);
  deviceContract({ test, name: 'planted', createArchitecture, ...(name === undefined ? {} : DEVICES[name]) });
}

/** Devices: what their kernel does for them, and each of ours. */
export const SUITES = {
  x86: (test: TestFunction) => devices('x86', test),
  power8: (test: TestFunction) => devices('power8', test),
  uart16550: (test: TestFunction) => devices('x86', test, 'uart16550'),
  'interval timer': (test: TestFunction) => devices('x86', test, 'interval timer'),
} as const;
