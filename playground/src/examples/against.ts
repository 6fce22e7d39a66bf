import { BASE, type Example, FIVE, watch } from './example.js';

export const AGAINST: Example = {
  id: 'ptrace-perf',
  title: 'ptrace against perf',
  idea: 'Both watch the same task. perf asks first and gets three registers; gdb, which asks through ptrace, gets the last one, and its next request is refused: registers are counted for everybody.',
  scenario: {
    ...BASE,
    breakpoints: 'events',
    space: 'user',
    text: FIVE.replace('two tasks count up in turns', 'two tasks count up, each in its own memory'),
    tasks: [
      { comm: 'victim', entry: 'main', cpu: 0 },
      { comm: 'other', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three'].map((symbol) => watch('perf', symbol, { task: 'victim', pinned: true })),
      watch('ptrace', 'four', { task: 'victim', from: 20 }),
      watch('ptrace', 'five', { task: 'victim', from: 40 }),
    ],
    notes: [
      {
        at: 0,
        text: 'Nothing runs yet. The three watches of perf are for the task victim alone, which is not on a CPU: so they are in no register.',
      },
      {
        at: 12,
        text: 'victim-1 is on CPU 0, and its three watches are in DR0 to DR2 there. other-2, on CPU 1, executes the same text, and the registers of CPU 1 are free.',
      },
      {
        at: 21,
        text: 'gdb has stopped victim-1 for a moment and set its watch of four. It is in DR3, the last register that was free, and its holder is ptrace.',
      },
      {
        at: 23,
        text: 'The store of instruction 22 has stopped victim-1, and gdb was told: the DR6 that it reads says B0. It has written DR0 of the task; that this is DR3 of the CPU is for the kernel to know.',
      },
      {
        at: 41,
        text: 'gdb has asked for five, and was refused with ENOSPC: no space, every register is taken. The refusal names perf three times and ptrace once.',
      },
      {
        at: 284,
        text: 'victim-1 has exited, and every register is free. perf has counted 20 hits of each variable; gdb 19, as the first store to four came before it was there.',
      },
    ],
  },
};
