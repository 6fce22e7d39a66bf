import { BASE, type Example, watch } from './example.js';

export const RACE: Example = {
  id: 'race',
  title: 'The race that a schedule decides',
  idea: 'Two tasks of the kernel count to twenty together, ten each, without a lock. The seed decides the schedule: with some, counts are lost. The trace shows at which store.',
  scenario: {
    ...BASE,
    tasksBy: 'random',
    quantum: 20,
    tick: 4000,
    seed: 2,
    text: `; load, add, store: another CPU may come in between.
counter: .u64 0

count:   mov   r0, 10
.again:  load  r1, [counter]
         add   r1, r1, 1
         store [counter], r1
         sub   r0, r0, 1
         bne   r0, 0, .again
         ret
`,
    tasks: [
      { comm: 'left', entry: 'count', cpu: 0 },
      { comm: 'right', entry: 'count', cpu: 1 },
    ],
    watches: [watch('kernel', 'counter')],
    notes: [
      {
        at: 4,
        text: 'left-1 has loaded 0, added 1 and stored 1: the trace says 0 -> 1, on CPU 0. Press “To next hit” to follow the counter.',
      },
      {
        at: 16,
        text: 'right-2 has counted to 3 on CPU 1. But left-1 has loaded the counter before that: its register r1 holds 1, and it is about to add 1 and store.',
      },
      {
        at: 20,
        text: 'left-1 has stored 2: the trace says 3 -> 2. The two counts of right-2 are lost, and the hit says which task, which CPU and which instruction did it.',
      },
      {
        at: 104,
        text: 'The end: twenty stores, and the counter is 18. With seed 2 two counts are lost. Now set the seed to 1 and run again: the schedule is another one, each store adds 1, and the counter is 20.',
      },
    ],
  },
};
