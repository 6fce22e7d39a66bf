import { BASE, type Example, watch } from './example.js';

export const ONE: Example = {
  id: 'one',
  title: 'One watch',
  idea: 'A debug register holds an address. The CPU compares it with the address of every access, and where they match it raises an exception: a hit. x86 has four of them, DR0 to DR3; DR7 says of each whether it is on, for which accesses, and for how many bytes.',
  scenario: {
    ...BASE,
    cpus: 1,
    text: `; One variable, and one store to it.
value:  .u64 0

main:   mov   r1, 5
        store [value], r1
        load  r2, [value]
        ret
`,
    tasks: [{ comm: 'storing', entry: 'main' }],
    watches: [watch('kernel', 'value', { from: 1 })],
    notes: [
      {
        at: 0,
        text: 'Nothing has executed. Every register of CPU 0 is free: DR0 to DR3 hold 0, and in DR7 no G bit is set. Memory says that value is 0.',
      },
      {
        at: 1,
        text: 'One instruction later the kernel has set a watch. DR0 holds the address of value; in DR7, G0=1 switches it on, R/W0=1 means stores, and LEN0=2 means 8 bytes.',
      },
      {
        at: 2,
        text: 'The store was a hit: the trace says who stored, which instruction did, and what became of the variable (0 -> 5). Watch 1 counts one hit.',
      },
      {
        at: 3,
        text: 'The load of the same variable is no hit, for the watch is for stores: there is still one hit. Change its access to “reads, writes”, and there will be two.',
      },
    ],
  },
};
