import { x86 } from '@hwbp/arch-x86';
import { deviceContract } from '@hwbp/testkit';
import test from 'ava';
import { DEVICES } from './device-uses.js';
import { FACET_USES } from './facet-uses.js';

for (const [name, { createArchitecture }] of Object.entries(FACET_USES)) {
  deviceContract({ test, name, createArchitecture });
}

for (const [name, use] of Object.entries(DEVICES)) {
  deviceContract({ test, name, createArchitecture: () => x86(), ...use });
}
