import { BASE, type Example, watch } from './example.js';

export const GUEST: Example = {
  id: 'guest',
  title: 'A guest',
  idea: 'A kernel inside a virtual machine has debug registers of its own. From an entry to the next exit the silicon holds the guest’s; the host’s watch at the same address is set aside, and is not hit by the guest.',
  scenario: {
    ...BASE,
    cpus: 1,
    tick: 50,
    text: `; Host and guest execute the same text, each in its own memory.
shared: .u64 0

main:   mov   r0, 30
.again: xadd  r1, [shared], 1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`,
    tasks: [
      { comm: 'on-host', entry: 'main' },
      { comm: 'in-guest', entry: 'main', guest: true },
    ],
    watches: [watch('kernel', 'shared'), watch('kernel', 'shared', { guest: true, access: 'rw' })],
    notes: [
      {
        at: 2,
        text: 'Two instructions of the host have executed, of the thread guest/0-1 that runs the virtual machine. The silicon holds the host’s registers: the kernel’s watch for stores is in DR0. The guest’s watch is set aside.',
      },
      {
        at: 3,
        text: 'The guest has entered, and one instruction of its has executed. The silicon holds its registers: in DR0 there is the watch of the guest’s kernel, for reads and writes. Now the host’s is set aside.',
      },
      {
        at: 4,
        text: 'The guest has stored to shared: a hit of its own watch, 0 -> 1. Then it left, and the silicon holds the host’s again. The host’s shared is another variable at the same address: still 0, and its watch has no hit.',
      },
      {
        at: 30,
        text: 'CPU 0 runs guest/0-1, but outside of the guest: this is the host’s program between two entries. So the registers are the host’s, and the task in-guest-1 waits.',
      },
      {
        at: 52,
        text: 'A task of the host stores to its own shared, 0 -> 1, and hits the host’s watch. The guest’s shared is 10, and its watch has 10 hits.',
      },
      {
        at: 247,
        text: 'The end: each has counted to 30 in its own memory, and each watch has 30 hits, all of them of its own kernel.',
      },
    ],
  },
};
