import type { Scenario } from '../model/scenario.js';
import { BASE, type Example, watch } from './example.js';

const TEXT = `; One store. What does whoever is told of it see: what was there, or what is there now?
value:  .u64 0

main:   mov   r0, 5
.again: load  r1, [value]
        add   r1, r1, 1
        store [value], r1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`;

type Told = Pick<Example, 'id' | 'title' | 'idea'> & Required<Pick<Scenario, 'model' | 'notes'>>;

const timing = ({ id, title, idea, model, notes }: Told): Example => ({
  id,
  title,
  idea,
  scenario: {
    ...BASE,
    cpus: 1,
    model,
    space: 'user',
    text: TEXT,
    tasks: [{ comm: 'storing', entry: 'main' }],
    watches: [watch('ptrace', 'value', { task: 'storing' })],
    notes,
  },
});

/** The same program and the same watch where the silicon tells at another time. */
export const TIMINGS: readonly Example[] = [
  timing({
    id: 'after-x86',
    model: 'x86',
    title: 'After the access: x86',
    idea: 'The store has happened when the debugger is told: the DR6 that it reads says which register, pc stands behind the instruction, and memory has the new value.',
    notes: [
      {
        at: 3,
        text: 'gdb has set its watch: DR0 holds the address of value. Three instructions have executed, and the next one, at main+0xc, is the store of 1 to value, which is 0.',
      },
      {
        at: 4,
        text: 'The store has executed: value is 1. The hit was told behind it: the trace says 0 -> 1. DR6 of the CPU holds 0xffff0ff0 again, for the kernel has noted what it said, and cleared it.',
      },
      {
        at: 5,
        text: 'On its way back to the program the kernel stopped it for gdb. The trace has what gdb saw: DR6 with B0, so register 0 was hit; pc main+0x10, which is behind the store; and value is 1.',
      },
      { at: 10, text: 'The second time round: 1 -> 2, and gdb sees 2.' },
    ],
  }),
  timing({
    id: 'before-power',
    model: 'power10',
    title: 'Before the access: POWER10',
    idea: 'The debugger is told before the store, which has not happened: it sees what was there. So it takes its watch out of the way, steps over the instruction, and sets it again.',
    notes: [
      {
        at: 3,
        text: 'gdb has set its watch: DAWR0 holds the address of value. The next instruction, at main+0xc, is the store of 1 to value, which is 0.',
      },
      {
        at: 4,
        text: 'The trace says it in its order: hit, told before the access, still 0; then gdb sees 0, with pc at the store. It has taken its watch out, so DAWR0 is free, and let this one instruction execute: now value is 1.',
      },
      {
        at: 5,
        text: 'gdb was told that the instruction has executed, saw 1, and has set its watch again: it is in DAWR0. DAR still holds the address of the data.',
      },
      { at: 10, text: 'The second time round: told while value is still 1, and 2 behind the step.' },
    ],
  }),
  timing({
    id: 'before-arm',
    model: 'arm64',
    title: 'Before the access: arm64',
    idea: 'The same with DBGWVR and DBGWCR: told before the store. FAR_EL1 holds the address of the data, and the debugger gets it as si_addr.',
    notes: [
      {
        at: 3,
        text: 'gdb has set its watch: DBGWVR0 holds the address of value. The next instruction, at main+0xc, is the store of 1 to value, which is 0.',
      },
      {
        at: 4,
        text: 'Told before the access: gdb sees 0, si_addr is the address of value, which FAR_EL1 holds, and pc is at the store. The watch is out of the way, and the instruction has executed: value is 1. ESR_EL1 speaks of the step by now.',
      },
      { at: 5, text: 'gdb has seen 1, and its watch is in DBGWVR0 again.' },
      { at: 10, text: 'The second time round: told while value is still 1, and 2 behind the step.' },
    ],
  }),
  timing({
    id: 'before-riscv',
    model: 'riscv64',
    title: 'Before the access: riscv64',
    idea: 'The same with a trigger, whose address is in tdata2. There are CPUs of this architecture that tell before an access, as this one does, and others that tell behind it: choose the model “told after the access”.',
    notes: [
      {
        at: 3,
        text: 'gdb has set its watch: it is in trigger 0. The next instruction, at main+0xc, is the store of 1 to value, which is 0.',
      },
      {
        at: 4,
        text: 'Told before the access: gdb sees 0, and pc is at the store. The watch is out of the way, and the instruction has executed: value is 1.',
      },
      {
        at: 5,
        text: 'gdb has seen 1, and its watch is in trigger 0 again. With the model that tells after the access there is no step: gdb sees 1 at once.',
      },
      { at: 10, text: 'The second time round: told while value is still 1, and 2 behind the step.' },
    ],
  }),
];
