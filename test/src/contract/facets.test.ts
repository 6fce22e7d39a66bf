import { facetContract } from '@hwbp/testkit';
import test from 'ava';
import { FACET_USES } from './facet-uses.js';

for (const [name, use] of Object.entries(FACET_USES)) facetContract({ test, name, ...use });
