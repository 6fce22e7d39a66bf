import { linuxSlotPolicy } from '@hwbp/core';
import { slotPolicyContract } from '@hwbp/testkit';
import test from 'ava';
import { PriorityPolicy } from '../policies/priority-policy.js';

slotPolicyContract({ test, name: 'linux', createPolicy: linuxSlotPolicy, honours: 'linux' });
slotPolicyContract({ test, name: 'priority', createPolicy: (host) => new PriorityPolicy(host) });
