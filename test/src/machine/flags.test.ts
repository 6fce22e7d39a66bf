import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Instruction, program } from '@hwbp/core';
import test from 'ava';

const TEXT = 0x40_0000n;
const TF = 0x100n;

/** Where single steps of a program stop that executes these, one byte each. */
function steps(...code: readonly Partial<Instruction>[]): number[] {
  using kernel = composeKernel({ arch: x86() });
  const task = kernel.machine.spawn(program(code.map((one, i) => ({ pc: TEXT + BigInt(i), length: 1, ...one }))));
  const stops: number[] = [];
  task.handlers.set('SIGTRAP', ({ si_addr = 0n }) => {
    stops.push(Number(si_addr - TEXT));
    return program([])();
  });
  kernel.machine.run();
  return stops;
}

test('an instruction sets its own trap flag: the next one is the first that traps (Intel SDM vol. 3, 18.3.1.4)', (t) => {
  t.deepEqual(steps({}, { registers: { eflags: TF } }, {}, {}), [3, 4]);
});

test('an instruction that clears the trap flag traps itself, for the last time', (t) => {
  t.deepEqual(steps({ registers: { eflags: TF } }, {}, { registers: { eflags: 0n } }, {}), [2, 3]);
});

test('the flags behind it read as they were written; RF is not for user mode', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const task = kernel.machine.spawn(program([{ pc: TEXT, length: 1, registers: { eflags: 0x1_0141n, rax: 7n } }]));
  kernel.machine.run(1);
  const { singleStep, resume } = task.context;
  t.deepEqual(
    [singleStep, resume, task.context.get('eflags') & 0x1_0141n, task.context.get('rax')],
    [true, false, 0x41n, 7n],
  );
});

test('ppc64: the kernel sets MSR[SE], a program cannot', (t) => {
  for (const mode of ['user', 'kernel'] as const) {
    using kernel = composeKernel({ arch: ppc64() });
    const task = kernel.machine.spawn(program([{ pc: TEXT, length: 4, registers: { msr: 0x400n } }]), { mode });
    kernel.machine.run(1);
    t.is(task.context.singleStep, mode === 'kernel');
  }
});
