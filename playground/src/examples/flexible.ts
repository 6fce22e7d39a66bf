import { BASE, type Example, FIVE, watch } from './example.js';

export const FLEXIBLE: Example = {
  id: 'flexible',
  title: 'Pinned and flexible',
  idea: 'Two pinned perf events keep their registers; four flexible ones share the other two, and take turns at each tick, every 60 instructions. The trace says who leaves a register and who is in it, and the timeline shows the turns.',
  scenario: {
    ...BASE,
    cpus: 1,
    breakpoints: 'events',
    policy: 'flexible',
    tick: 60,
    text: `${FIVE.replace('Five counters, each of which two tasks count up in turns', 'Six counters')
      .replace('five:   .u64 0', 'five:   .u64 0\nsix:    .u64 0')
      .replace('mov   r0, 20', 'mov   r0, 120')
      .replace('        sub   r0', '        xadd  r1, [six], 1\n        sub   r0')}`,
    tasks: [{ comm: 'counting', entry: 'main' }],
    watches: [
      ...['one', 'two'].map((symbol) => watch('perf', symbol, { pinned: true })),
      ...['three', 'four', 'five', 'six'].map((symbol) => watch('perf', symbol, { pinned: false })),
    ],
    notes: [
      {
        at: 0,
        text: 'one and two are pinned: they have DR0 and DR1. three and four have the other two registers; five and six wait for a register. Nobody is refused.',
      },
      {
        at: 60,
        text: 'A tick, and the registers are dealt anew: the trace says that three leaves, four is in DR2 now, and five in DR3. one and two have stayed where they were.',
      },
      {
        at: 68,
        text: 'A store to three that nobody is told of: memory says 9, and its watch has counted 8 hits, for it waits. That is what sharing costs.',
      },
      { at: 120, text: 'The next tick: four leaves, five is in DR2, and six has its first turn in DR3.' },
      {
        at: 962,
        text: 'The end. Each variable was stored to 120 times. The two pinned watches have counted 120 hits, each of the four flexible ones 60.',
      },
    ],
  },
};
