import { type Ppc64Cpu, ppc64 } from '@hwbp/arch-ppc64';
import { type Kernel, type KernelOptions, perfEvents } from '@hwbp/core';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';
import { composeInGuest, hostsOf } from '../kvm/compose-in-guest.js';

/* The same promises in partitions: the registers of each are set by hypercall, down to the chip. */
const LEVELS = { 'a guest': 1, "a guest's guest": 2 };
const CPUS: readonly Ppc64Cpu[] = ['power7', 'power8', 'power10'];

/** Composes a guest that, as it ends, shows that no host has seen anything of it. */
function unseen(compose: (options: KernelOptions) => Kernel): (options: KernelOptions) => Kernel {
  return (options) => {
    const guest = compose(options);
    const { hits } = hostsOf(guest);
    const dispose = guest.dispose.bind(guest);
    guest.dispose = () => {
      dispose();
      if (hits() > 0) throw new Error(`the hosts have seen ${hits()} accesses of their guests`);
    };
    return guest;
  };
}

for (const cpu of CPUS) {
  for (const [name, depth] of Object.entries(LEVELS)) {
    const compose = unseen(composeInGuest(depth, () => ppc64({ cpu })));
    const createBackend = () => ppc64({ cpu });
    backendContract({ test, name: `${cpu} in ${name}`, createBackend, compose });
    const options = { breakpointScheduler: perfEvents() };
    backendContract({ test, name: `${cpu} with events in ${name}`, createBackend, options, compose });
  }
}
