import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, program, syscalls } from '@hwbp/core';
import { inLoads, unit } from './access-path.js';
import { alternate, beside, ratio } from './measure.js';
import type { Row } from './row.js';

const ROUNDS = 500;
const SLEEPERS = 10_000;
const LINE = 4;

/** A kernel with one task that executes for ever, and a handler of one instruction. */
function spinning(): Kernel {
  const kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  machine.interrupts.handle(LINE, { name: 'device', program: program([{ pc: 0xffff_ffff_8100_0000n, length: 4 }]) });
  machine.spawn(
    program(function* () {
      for (;;) yield { pc: 0x1000n, length: 4 };
    }),
  );
  return kernel;
}

/** Two instructions as often as said: of the task, or one of them of the handler that comes between. */
function rounds(interrupts: boolean): () => void {
  const { machine } = spinning();
  const [cpu] = machine.cpus;
  return () => {
    for (let i = 0; i < ROUNDS; i++) {
      if (interrupts) machine.interrupts.raise(LINE, cpu);
      machine.run(2);
    }
  };
}

/** Instructions of a task, beside so many that sleep. */
function beneath(sleepers: number): () => void {
  const { machine } = spinning();
  const asleep = program(function* () {
    yield { pc: 0x1000n, length: 4, wait: machine.timers.sleep(1e15) };
  });
  for (let i = 0; i < sleepers; i++) machine.spawn(asleep);
  machine.run(3 * sleepers);
  return () => void machine.run(ROUNDS);
}

/** System calls by number, of which each is the same number of instructions. */
function calling(): () => void {
  let calls = 0;
  const call = (): bigint => BigInt(++calls);
  const { machine } = composeKernel({ arch: x86(), plugins: [syscalls({ 39: call })] });
  machine.spawn(
    program(function* () {
      for (;;) yield { pc: 0x1000n, length: 2, registers: { rax: 39n }, syscall: true };
    }),
  );
  machine.run(ROUNDS);
  const each = Math.round(ROUNDS / calls);
  return () => void machine.run(each * ROUNDS);
}

/** What an interrupt and a system call cost, and what sleeping tasks do. */
export function interrupts(): readonly Row[] {
  const loops = { unit, taken: rounds(true), quiet: rounds(false), calling: calling(), task: beneath(0) };
  const times = alternate(ROUNDS, loops, 400);
  const idle = alternate(ROUNDS, { alone: beneath(0), crowd: beneath(SLEEPERS) }, 400);
  return [
    {
      what: 'interrupt taken and returned',
      figure: beside(times.taken, times.quiet, inLoads(times.unit, ROUNDS)),
      unit: 'U',
      bound: 'most',
      target: 600,
      note: `${beside(times.taken, times.quiet).median.toFixed(0)} ns, over two instructions without`,
    },
    {
      what: 'numbered system call, over an instruction',
      figure: beside(times.calling, times.task, inLoads(times.unit, ROUNDS)),
      unit: 'U',
      bound: 'most',
      note: `${beside(times.calling, times.task).median.toFixed(0)} ns`,
    },
    {
      what: `instructions beside ${SLEEPERS} sleeping tasks / alone`,
      figure: ratio(idle.crowd, idle.alone),
      unit: 'x',
      bound: 'most',
      target: 1.05,
    },
  ];
}
