import { type Ppc64Cpu, ppc64 } from '@hwbp/arch-ppc64';
import { perfEvents } from '@hwbp/core';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';
import { composeInGuest } from '../kvm/compose-in-guest.js';

/* The same promises in partitions: the registers of each are set by hypercall, down to the chip. */
const LEVELS = { 'a guest': 1, "a guest's guest": 2 };
const CPUS: readonly Ppc64Cpu[] = ['power7', 'power10'];

for (const cpu of CPUS) {
  for (const [name, depth] of Object.entries(LEVELS)) {
    const compose = composeInGuest(depth, () => ppc64({ cpu }));
    const createBackend = () => ppc64({ cpu });
    backendContract({ test, name: `${cpu} in ${name}`, createBackend, compose });
    if (depth > 1) continue;
    const options = { breakpointScheduler: perfEvents() };
    backendContract({ test, name: `${cpu} with events in ${name}`, createBackend, options, compose });
  }
}
