import { flexible, linuxSlotPolicy } from '@hwbp/core';
import { slotPolicyContract } from '@hwbp/testkit';
import test from 'ava';
import { priorities } from '../policies/priority-policy.js';

slotPolicyContract({ test, name: 'linux', createPolicy: linuxSlotPolicy().create, honours: 'linux' });
// Pinned claims are accounted as Linux does, so that the same vectors hold.
slotPolicyContract({ test, name: 'flexible', createPolicy: flexible().create, honours: 'linux' });
slotPolicyContract({ test, name: 'priority', createPolicy: priorities().create });
