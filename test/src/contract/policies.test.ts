import { flexible, linuxSlotPolicy, priorities } from '@hwbp/core';
import { slotPolicyContract } from '@hwbp/testkit';
import test from 'ava';

slotPolicyContract({ test, name: 'linux', createPolicy: linuxSlotPolicy().create, honours: 'linux' });
// Pinned claims are accounted as Linux does, so that the same vectors hold.
slotPolicyContract({ test, name: 'flexible', createPolicy: flexible().create, honours: 'linux', shares: true });
slotPolicyContract({ test, name: 'priorities', createPolicy: priorities().create, displaces: 'exact' });
slotPolicyContract({
  test,
  name: 'priorities that remember a maximum',
  createPolicy: priorities({ counts: 'maximum' }).create,
  displaces: 'maximum',
});
