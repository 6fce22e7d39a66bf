import { BASE, type Example, FIVE, watch } from './example.js';

export const CLAIMS: Example = {
  id: 'kgdb',
  title: 'kgdb claims registers',
  idea: 'kgdb, the kernel’s own debugger, goes past every scheduler. With priorities it takes registers from those who are less important: they wait, and get them back when it lets go.',
  scenario: {
    ...BASE,
    policy: 'priorities',
    text: FIVE,
    tasks: [
      { comm: 'left', entry: 'main', cpu: 0 },
      { comm: 'right', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three', 'four'].map((symbol, i) => watch('kwatch', symbol, { priority: i + 1 })),
      watch('debugger', 'five', { from: 50, until: 180 }),
      watch('debugger', 'one', { from: 80, until: 150 }),
    ],
    notes: [
      {
        at: 0,
        text: 'kwatch, a kernel service, watches four variables, from one with the lowest priority to four with the highest. All four are in registers, on both CPUs, and none is free.',
      },
      {
        at: 50,
        text: 'kgdb asks for five. It has the highest priority of all, so one, which has the lowest, loses its register DR3 and waits. The trace says to whom it was lost.',
      },
      { at: 80, text: 'kgdb asks for one, too, and two loses DR2.' },
      {
        at: 150,
        text: 'kgdb gives back its watch of one: two, which has waited, is granted a register, and is in DR2 again.',
      },
      {
        at: 180,
        text: 'kgdb gives back the other: one is in DR3 again. It has counted 8 hits of 26 stores, for it was not told of the others.',
      },
    ],
  },
};
