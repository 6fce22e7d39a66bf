import { x86 } from '@hwbp/arch-x86';
import { perfEvents } from '@hwbp/core';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';
import { composeInGuest } from '../kvm/compose-in-guest.js';

/*
 * Every promise of a kernel, kept by one that runs as a guest of another, with the hosts' own breakpoints armed around
 * it.
 */
const LEVELS = { 'a guest': 1, "a guest's guest": 2 };

for (const [name, depth] of Object.entries(LEVELS)) {
  const compose = composeInGuest(depth, () => x86());
  backendContract({ test, name: `x86 in ${name}`, createBackend: () => x86(), compose });
  backendContract({
    test,
    name: `x86 with events in ${name}`,
    createBackend: () => x86(),
    options: { breakpointScheduler: perfEvents() },
    compose,
  });
}
