import { BASE, type Example, FIVE, watch } from './example.js';

export const FULL: Example = {
  id: 'full',
  title: 'A full set of registers',
  idea: 'x86 has four. The fifth watch is refused with ENOSPC (no space: every register is taken), and the refusal says who holds the four. One is given back later, and a sixth request gets it.',
  scenario: {
    ...BASE,
    text: FIVE,
    tasks: [
      { comm: 'left', entry: 'main', cpu: 0 },
      { comm: 'right', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three', 'four'].map((symbol, i) => watch('kernel', symbol, i === 3 ? { until: 60 } : {})),
      watch('kernel', 'five'),
      watch('kernel', 'five', { from: 100 }),
    ],
    notes: [
      {
        at: 0,
        text: 'Four watches of the kernel are in DR0 to DR3, on both CPUs. The fifth, for the variable five, is refused with ENOSPC: no space, every register is taken. The refusal lists who has them.',
      },
      {
        at: 2,
        text: 'The first hit: left-1 has stored to one on CPU 0, 0 -> 1. Nobody is told of stores to five: its watch was refused.',
      },
      {
        at: 60,
        text: 'The fourth watch is given back: DR3 is free on both CPUs, and in DR7 its bit G3 is 0. The watch that was refused does not get it by itself: nobody has asked again.',
      },
      { at: 100, text: 'Somebody asks for five again, and gets DR3, on both CPUs.' },
      {
        at: 105,
        text: 'The first hit of the sixth watch: a store to five, by left-1. The refused watch 5 still has none.',
      },
    ],
  },
};
