import { systemCallContract } from '@hwbp/testkit';
import test from 'ava';
import { FACET_USES } from './facet-uses.js';

for (const [name, { createArchitecture, systemCalls }] of Object.entries(FACET_USES)) {
  if (systemCalls !== undefined) systemCallContract({ test, name, createArchitecture, systemCalls });
}
