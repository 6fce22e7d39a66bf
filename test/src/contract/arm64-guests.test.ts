import { arm64 } from '@hwbp/arch-arm64';
import { perfEvents } from '@hwbp/core';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';
import { composeInGuest } from '../kvm/compose-in-guest.js';

/* The same promises in virtual machines, whose registers are loaded while their guest is on a CPU. */
const LEVELS = { 'a guest': 1, "a guest's guest": 2 };

for (const [name, depth] of Object.entries(LEVELS)) {
  const compose = composeInGuest(depth, () => arm64());
  const createBackend = () => arm64();
  backendContract({ test, name: `arm64 in ${name}`, createBackend, compose });
  if (depth > 1) continue;
  const options = { breakpointScheduler: perfEvents() };
  backendContract({ test, name: `arm64 with events in ${name}`, createBackend, options, compose });
}
