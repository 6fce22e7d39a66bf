import { HW_BREAKPOINT_W, program } from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { counter, data, lines, spawnCounters, store, text } from './programs.js';

const at = (address: bigint): string => address.toString(16);

test('a step alone executes one instruction of one thread, and nobody else executes anything', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  t.is(gdb.stop('vCont;s:1'), 'T05thread:1;');
  t.is(gdb.pc(), text() + 4n);
  t.is(gdb.stop('vCont;s:1'), 'T05thread:1;');
  t.is(gdb.pc(), text() + 8n);
  t.deepEqual(
    kernel.machine.cpus.map(({ instructions }) => instructions),
    [2, 0],
  );
  gdb.ok('Hc2');
  t.is(gdb.stop('s'), 'T05thread:2;');
  t.deepEqual(
    kernel.machine.cpus.map(({ instructions }) => instructions),
    [2, 1],
  );
});

test('a range step goes on until the program counter has left the range, in one answer', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.go('s');
  t.is(gdb.stop(`vCont;r${at(text())},${at(text() + 12n)}:1`), 'T05thread:1;');
  t.is(gdb.pc(), text() + 12n);
});

test('a breakpoint inside the range ends a range step', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.go('s');
  gdb.ok(`Z1,${at(text() + 8n)},1`);
  t.is(gdb.stop(`vCont;r${at(text())},${at(text() + 16n)}:1`), 'T05hwbreak:;thread:1;');
  t.is(gdb.pc(), text() + 8n);
});

test('a step from a hardware breakpoint that stays inserted goes over it; one of software has to be taken away', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok(`Z1,${at(text() + 4n)},1`);
  t.is(gdb.stop(), 'T05hwbreak:;thread:1;');
  t.is(gdb.pc(), text() + 4n);
  t.is(gdb.stop('s'), 'T05thread:1;');
  t.is(gdb.pc(), text() + 8n);
  gdb.ok(`z1,${at(text() + 4n)},1`, `Z0,${at(text() + 4n)},1`);
  t.is(gdb.stop(), 'T05swbreak:;thread:1;');
  t.is(gdb.pc(), text() + 4n, 'the program counter is at the breakpoint');
  t.is(gdb.stop('s'), 'T05swbreak:;thread:1;', 'the trap is taken again');
  gdb.ok(`z0,${at(text() + 4n)},1`);
  t.is(gdb.stop('s'), 'T05thread:1;');
  t.is(gdb.pc(), text() + 8n);
});

test('a step onto a breakpoint stops there once, as a step', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.go('s');
  gdb.ok(`Z1,${at(text() + 8n)},1`);
  t.is(gdb.stop('s'), 'T05thread:1;');
  t.is(gdb.pc(), text() + 8n);
  t.is(gdb.stop('s'), 'T05hwbreak:;thread:1;', 'it has not been executed');
  t.is(gdb.stop('s'), 'T05thread:1;');
});

test('a watch that a step hits is what the stop says', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.go('s');
  gdb.go('s');
  gdb.ok(`Z2,${at(data())},4`);
  t.is(gdb.stop('s'), `T05watch:${at(data())};thread:1;`);
  t.is(gdb.pc(), text() + 12n, 'behind the store');
});

test('a step goes over a system call into the kernel, and out of it again', (t) => {
  using kernel = kernelWith();
  const call = lines([{ pc: 0xffff_ffff_8100_0000n }, { pc: 0xffff_ffff_8100_0004n }]);
  const task = kernel.machine.spawn(lines([{ syscall: call }, {}, {}]));
  const gdb = new Client(kernel);
  gdb.go('s');
  t.is(task.context.mode, 'kernel');
  gdb.go('s');
  t.is(gdb.pc(), 0xffff_ffff_8100_0004n);
  gdb.go('s');
  gdb.go('s');
  t.deepEqual([task.context.mode, gdb.pc()], ['user', text() + 8n]);
  t.deepEqual(task.pending, [], 'no SIGTRAP of a step is left for the program');
});

test('a step does not disturb a program that single-steps itself', (t) => {
  using kernel = kernelWith();
  const task = kernel.machine.spawn(lines([{}, {}, {}]));
  task.context.singleStep = true;
  // Ignored, the SIGTRAP of an exception would kill (Linux: force_sig_fault).
  task.handlers.set('SIGTRAP', program([]));
  const gdb = new Client(kernel);
  for (const expected of [4n, 8n]) {
    t.is(gdb.stop('s'), 'T05thread:1;');
    t.is(gdb.pc(), text() + expected);
  }
  t.true(task.context.singleStep);
});

test('a step over an instruction that faults goes on in the handler of the signal', (t) => {
  using kernel = kernelWith();
  const task = kernel.machine.spawn(lines([{ accesses: [store(0x1000n)] }, {}]), { demandZero: false });
  task.handlers.set('SIGSEGV', () => program([{ pc: 0x7000n, length: 4 }])());
  const gdb = new Client(kernel);
  t.is(gdb.stop('s'), 'T05thread:1;');
  t.is(gdb.pc(), 0x7004n);
});

test('a CPU that idles cannot step: it says so at once, and its registers cannot be written', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  t.is(gdb.stop('vCont;s:2'), 'T05thread:2;', 'the thread that was resumed: gdb dies of any other');
  gdb.ok('Hg2');
  t.regex(gdb.send('g'), /^0+$/);
  t.is(gdb.send('P0=0000000000000001'), 'E16');
  t.regex(gdb.monitor('why'), /idles/);
  t.is(kernel.machine.cpu(0).instructions, 0);
});

test('threads that a debugger does not let go on stay where they are', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${at(data(1))},4`);
  t.is(gdb.stop('vCont;c:2'), `T05watch:${at(data(1))};thread:2;`);
  t.is(kernel.machine.cpu(0).instructions, 0);
});

test('tasks as threads: a step lets only that task execute, though another one is on its CPU', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const [first, second] = [0, 1].map((n) =>
    kernel.machine.spawn(
      program(() => counter(n)),
      { pid: 10 + n },
    ),
  );
  const gdb = new Client(kernel, { threads: 'tasks' });
  t.is(kernel.machine.upcoming(kernel.machine.cpu(0)), first);
  t.is(gdb.stop('vCont;s:b'), 'T05thread:b;');
  t.is(second?.context.pc, text(1) + 4n);
  t.is(first?.context.pc, 0n);
  t.is(gdb.stop('vCont;s:a'), 'T05thread:a;');
  t.deepEqual([first?.context.pc, second?.context.pc], [text() + 4n, text(1) + 4n]);
});

test('what others watch is delivered during a step, exactly once', (t) => {
  using kernel = kernelWith();
  const [task] = spawnCounters(kernel, 1);
  if (task === undefined) return t.fail();
  let hits = 0;
  kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: data(), bp_len: 4 }, () => hits++, task);
  const gdb = new Client(kernel);
  for (let i = 0; i < 8; i++) gdb.go('s');
  t.is(hits, 2);
});
