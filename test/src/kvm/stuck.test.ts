import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Instruction, NoProgress, program, RingLogger, type Task } from '@hwbp/core';
import test from 'ava';
import { nops, type Pair, pair, store, TEXT } from './support.js';

const MISSING = 0x6000_0000n;

/** A task of the guest that faults on one store for good: its handler has nothing to execute, and mends nothing. */
function stuckIn({ guest }: Pair, before: readonly Instruction[] = []): Task {
  const task = guest.machine.spawn(program([...before, store(MISSING)]), { demandZero: false });
  task.handlers.set('SIGSEGV', program([]));
  return task;
}

const WHY = 'CPU 0 takes one exception after the other at 0x400000 and gets nowhere';

test('a guest that takes one exception after the other is noticed by its host: the run ends, and says so', (t) => {
  const logger = new RingLogger();
  using both = pair({ host: { logger }, vm: { name: 'inner' } });
  const stuck = stuckIn(both);
  const { machine } = both.host;
  const { instructions: _, ...result } = machine.run();
  t.deepEqual(result, {
    reason: 'stopped',
    message: `inner: ${WHY}`,
    detail: new NoProgress(0, TEXT, undefined),
  });
  t.deepEqual(
    logger.entries.map(({ level, message }) => `${level}: ${message}`),
    [`warn: inner: ${WHY}`],
  );
  t.is(machine.run().reason, 'stopped', 'and again, if it is let go on');
  t.is(logger.entries.length, 1, 'the log has it once');
  stuck.memory.map(MISSING, 8);
  t.is(machine.run().reason, 'idle', 'what was missing was mapped');
  t.deepEqual(stuck.exit, { code: 0 });
});

test('whoever runs the guest’s kernel is told so as well', (t) => {
  using both = pair();
  const stuck = stuckIn(both, [{ pc: TEXT, length: 4 }]);
  const { reason, message } = both.guest.machine.run();
  t.is(reason, 'stopped');
  t.is(message, WHY);
  stuck.memory.map(MISSING, 8);
  t.is(both.guest.machine.run().reason, 'idle');
});

test('a guest that gets nowhere keeps nobody on another CPU of its host from getting on', (t) => {
  using both = pair({ host: { cpus: 2 }, vm: { affinity: [0] } });
  stuckIn(both);
  const worker = both.host.machine.spawn(nops(20_000), { affinity: [1] });
  const { reason, message } = both.host.machine.run();
  t.deepEqual(worker.exit, { code: 0 });
  t.is(reason, 'stopped');
  t.regex(message ?? '', /gets nowhere/);
});

test('of two guests the one that gets on is not stopped with the other', (t) => {
  using both = pair({ host: { cpus: 2 }, vm: { name: 'first', affinity: [0] } });
  stuckIn(both);
  const vm = both.kvm.createVm({ name: 'second', affinity: [1] });
  using second = composeKernel({ arch: x86(), strict: true, hardware: vm.hardware });
  const worker = second.machine.spawn(nops(20_000));
  t.is(both.host.machine.run().message, `first: ${WHY}`);
  t.deepEqual(worker.exit, { code: 0 });
});

test('exceptions between which a guest gets on are nobody’s business', (t) => {
  using both = pair();
  const task = both.guest.machine.spawn(
    program(Array.from({ length: 3000 }, (_, i) => store(MISSING + BigInt(i) * 4096n))),
    { demandZero: true },
  );
  t.is(both.host.machine.run().reason, 'idle');
  t.deepEqual(task.exit, { code: 0 });
});
