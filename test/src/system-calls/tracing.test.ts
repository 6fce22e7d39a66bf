import { SYSTEM_CALL_ABI } from '@hwbp/core';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import test from 'ava';
import { CALLING, type Calling, CallLab } from './support.js';

/** A traced task that is stopped at the entry of its first call. */
function atEntry(calling: Calling) {
  const made: string[] = [];
  const record =
    (result: number) =>
    ({ number, args: [first] }: { readonly number: number; readonly args: readonly bigint[] }): number => {
      made.push(`${number}(${first})`);
      return result;
    };
  const lab = new CallLab(calling, { 1: record(10), 2: record(20) }, { plugins: [Ptrace] });
  const { kernel } = lab;
  const tracer: Tracer = kernel.get(Ptrace).tracer();
  const task = kernel.machine.spawn(lab.caller({ number: 1, args: [5n] }), { run: false });
  tracer.attach(task);
  kernel.machine.run(1000);
  tracer.wait();
  tracer.syscall(task);
  kernel.machine.run(1000);
  const entry = tracer.wait();
  return { lab, kernel, tracer, task, made, entry };
}

/** Where a debugger changes the number: orig_rax, or the register itself. */
const numberRegister = ({ name, number }: Calling): string =>
  ({ x86: 'orig_rax', 'x86 of 32 bits': 'orig_eax' })[name] ?? number;

for (const calling of CALLING) {
  const { name } = calling;

  test(`${name}: a tracer finds a call that nobody has made yet, whose number it changes`, (t) => {
    const { lab, kernel, tracer, task, made, entry } = atEntry(calling);
    t.is(entry?.kind === 'signal' ? entry.event : undefined, 'entry');
    t.deepEqual(made, []);
    const registers = tracer.getRegs(task);
    t.is(registers[numberRegister(calling)], 1n);
    tracer.setRegs(task, { ...registers, [numberRegister(calling)]: 2n });
    tracer.syscall(task);
    kernel.machine.run(1000);
    tracer.wait();
    t.deepEqual(made, ['2(5)']);
    t.is(kernel.get(SYSTEM_CALL_ABI).result(task.context), 20n);
    tracer.detach(task);
    kernel.machine.run(1000);
    t.deepEqual(lab.results, [20n]);
  });

  test(`${name}: a number that becomes -1 skips the call, which is ENOSYS`, (t) => {
    const { lab, kernel, tracer, task, made } = atEntry(calling);
    tracer.setRegs(task, { ...tracer.getRegs(task), [numberRegister(calling)]: 0xffff_ffff_ffff_ffffn });
    tracer.detach(task);
    kernel.machine.run(1000);
    t.deepEqual([made, lab.results], [[], [-38n]]);
  });
}

test('what a tracer gives as the result of a call that it skips is its result on x86', (t) => {
  const { lab, kernel, tracer, task } = atEntry(CALLING[0] as Calling);
  t.is(tracer.getRegs(task).rax, BigInt.asUintN(64, -38n), 'until it has a result');
  tracer.setRegs(task, { ...tracer.getRegs(task), orig_rax: 0xffff_ffff_ffff_ffffn, rax: 7n });
  tracer.detach(task);
  kernel.machine.run(1000);
  t.deepEqual(lab.results, [7n]);
});

test('an emulated call is not made', (t) => {
  const { lab, kernel, tracer, task, made } = atEntry(CALLING[0] as Calling);
  tracer.kill(task);
  kernel.machine.run(1000);
  const other = kernel.machine.spawn(lab.caller({ number: 1 }, { number: 2 }), { run: false });
  tracer.attach(other);
  kernel.machine.run(1000);
  tracer.wait();
  tracer.sysemu(other);
  kernel.machine.run(1000);
  tracer.setRegs(other, { ...tracer.getRegs(other), rax: 3n });
  tracer.detach(other);
  kernel.machine.run(1000);
  t.deepEqual(made, ['2(0)']);
  t.deepEqual(lab.results, [3n, 20n]);
});
