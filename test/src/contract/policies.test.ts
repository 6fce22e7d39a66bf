import { flexibleSlotPolicy, linuxSlotPolicy } from '@hwbp/core';
import { slotPolicyContract } from '@hwbp/testkit';
import test from 'ava';
import { PriorityPolicy } from '../policies/priority-policy.js';

slotPolicyContract({ test, name: 'linux', createPolicy: linuxSlotPolicy, honours: 'linux' });
// Pinned claims are accounted as Linux does, so that the same vectors hold.
slotPolicyContract({ test, name: 'flexible', createPolicy: flexibleSlotPolicy, honours: 'linux' });
slotPolicyContract({ test, name: 'priority', createPolicy: (host) => new PriorityPolicy(host) });
