import { architecture, HW_BREAKPOINT_R, HW_BREAKPOINT_W, type Instruction, nullBackend, program } from '@hwbp/core';
import test from 'ava';
import { readingArch } from './reading-arch.js';
import { armed, refusal, registered, touch, touches, traced, tracing } from './support.js';

test('it passes: one read and one read-modify-write of an RW watch (row 50) are two records', (t) => {
  t.notThrows(() => traced().ksym.selfTest());
  t.notThrows(() => traced({ cpus: 4, offline: [0] }).ksym.selfTest());
  t.notThrows(() => traced({ arch: readingArch() }).ksym.selfTest());
  t.notThrows(() => traced({ symbols: [] }).ksym.selfTest());
});

for (const [what, deafTo] of [
  ['reads', HW_BREAKPOINT_R],
  ['writes and reads', HW_BREAKPOINT_R | HW_BREAKPOINT_W],
] as const) {
  test(`it fails on silicon that misses ${what}: EIO`, (t) => {
    const { ksym, kernel } = traced({ arch: readingArch({ deafTo }) });
    const error = refusal(t, () => ksym.selfTest());
    t.is(error.code, 'KSYM_SELF_TEST_FAILED');
    t.is(error.errno, 'EIO');
    t.regex(error.message, deafTo === HW_BREAKPOINT_R ? /made 1 records, not 2/ : /made 0 records, not 2/);
    t.false(kernel.breakpoints.isUsed);
    t.is(kernel.machine.tasks.size, 0);
  });
}

test('it leaves tracer, filter, records, listeners, tasks and registers as they were; its two instructions take their time', (t) => {
  const { ksym, files, kernel } = tracing(['pid_max:-w-', 'jiffies:rw-'], { cpus: 2 });
  touch(kernel, [['pid_max', 'write']]);
  let told = 0;
  ksym.subscribe(() => told++);
  let executed = 0;
  function* busy(): Generator<Instruction, void, readonly bigint[]> {
    for (;;) {
      yield { pc: 0x40_0000n, length: 4 };
      executed++;
    }
  }
  for (const comm of ['one', 'two', 'three']) kernel.machine.spawn(program(busy), { comm });
  kernel.machine.run(1000);
  const state = () => ({
    files: ['current_tracer', 'tracing_on', 'trace', 'ksym_trace_filter', 'ksym_profile'].map((path) =>
      files.read(path),
    ),
    registered: registered(kernel),
    armed: armed(kernel),
    tasks: [...kernel.machine.tasks.values()].map((task) => [String(task), task.state, task.onCpu, task.context.pc]),
    cpus: kernel.machine.cpus.map((cpu) => [kernel.machine.current(cpu)?.pid, cpu.pc]),
    executed,
    told,
  });
  const before = state();
  const now = kernel.machine.cpus.map(({ clock }) => clock.now);
  ksym.selfTest();
  ksym.selfTest();
  t.deepEqual(state(), before);
  t.deepEqual(
    kernel.machine.cpus.map(({ clock }, cpu) => clock.now - (now[cpu] ?? 0)),
    [4000, 0],
  );
  const { pid } = kernel.machine.spawn(program([]));
  t.is(pid, 5);
});

test('it does not depend on what the user selected or on tracing_on', (t) => {
  const { ksym, files } = traced();
  files.write('tracing_on', '0');
  t.notThrows(() => ksym.selfTest());
  t.deepEqual([files.read('tracing_on'), files.read('current_tracer')], ['0\n', 'nop\n']);
});

test('without a free register it cannot run: ENOSPC with the holders, and nothing changes', (t) => {
  const { ksym, kernel } = tracing(['jiffies:-w-', 'pid_max:-w-', 'nr_threads:-w-', 'max_threads:-w-']);
  const before = registered(kernel);
  t.regex(refusal(t, () => ksym.selfTest()).message, /^ENOSPC: .*4 of 4 are taken by ksym_tracer/);
  t.deepEqual(registered(kernel), before);
  t.is(kernel.machine.tasks.size, 0);
});

test('without a CPU that is free it cannot run: EBUSY', (t) => {
  const { ksym, kernel } = tracing(['pid_max:-w-']);
  ksym.subscribe((_record, hit) => hit.suspend('stop'));
  kernel.machine.spawn(program(touches([['pid_max', 'write']])), { mode: 'kernel' });
  t.is(kernel.machine.run().reason, 'suspended');
  t.is(refusal(t, () => ksym.selfTest()).code, 'KSYM_SELF_TEST_NO_CPU');
  t.is(kernel.machine.run().reason, 'idle');
  t.notThrows(() => ksym.selfTest());
});

test('it works inside a handler on its only CPU, which knows its own instruction and task afterwards', (t) => {
  // A hit from user mode: while the kernel's own are handled, its registers are quiet.
  const address = 0x1000n;
  const { ksym, kernel } = tracing(['shared:-w-'], { symbols: [{ name: 'shared', address, size: 4 }] });
  const hits: unknown[] = [];
  ksym.subscribe((record, hit) => {
    ksym.selfTest();
    hits.push([hit.pc === record.pc, hit.ip === record.ip, hit.task?.pid === record.pid]);
  });
  const write = (pc: bigint): Instruction => ({ pc, length: 4, accesses: [{ kind: 'write', address, size: 4 }] });
  kernel.machine.spawn(program([write(0x40_0000n), write(0x40_0004n)]));
  kernel.machine.run();
  t.deepEqual(hits, [
    [true, true, true],
    [true, true, true],
  ]);
  t.is(ksym.records.length, 2);
  t.is(registered(kernel).length, 1);
});

test('inside the kernel’s own exception nothing is seen on that CPU: it takes another, and without one it is EBUSY', (t) => {
  for (const cpus of [1, 2]) {
    const { ksym, kernel } = tracing(['pid_max:-w-'], { cpus });
    let code = 'not called';
    ksym.subscribe(() => {
      code = 'it passed';
      if (cpus === 1) ({ code } = refusal(t, () => ksym.selfTest()));
      else ksym.selfTest();
    });
    touch(kernel, [['pid_max', 'write']]);
    t.is(code, cpus === 1 ? 'KSYM_SELF_TEST_NO_CPU' : 'it passed');
    t.is(ksym.records.length, 1);
    t.is(registered(kernel).length, cpus);
  }
});

test('while a debugger has stopped the machine no CPU can be lent: EBUSY', (t) => {
  const { ksym, kernel } = traced({ cpus: 2 });
  kernel.breakpoints.debugger.enter('gdb');
  t.is(refusal(t, () => ksym.selfTest()).code, 'KSYM_SELF_TEST_NO_CPU');
  kernel.breakpoints.debugger.leave();
  t.notThrows(() => ksym.selfTest());
});

test('an architecture without registers says so', (t) => {
  const { ksym, files } = traced({ arch: architecture(nullBackend()) });
  t.regex(refusal(t, () => ksym.selfTest()).errno, /^ENOSYS$/);
  t.regex(refusal(t, () => files.write('ksym_trace_filter', 'pid_max:-w-')).errno, /^ENOSYS$/);
});
