import { x86 } from '@hwbp/arch-x86';
import { type Instruction, program, SA_NOCLDWAIT, SA_RESETHAND } from '@hwbp/core';
import test from 'ava';
import { DATA, Journal, kernelOf, lines, load, store, TEXT, taskOf } from './support.js';

test('a generator is resumed when its instruction has retired, with what the accesses loaded', (t) => {
  const { machine } = kernelOf();
  const loaded: unknown[] = [];
  machine.spawn(
    program(function* () {
      loaded.push(yield { pc: 1n, length: 1, accesses: [store(DATA, 8, 0x1122_3344_5566_7788n)] });
      loaded.push(yield { pc: 2n, length: 1, accesses: [load(DATA, 2), load(DATA + 4n, 4)] });
      loaded.push(yield { pc: 3n, length: 1, accesses: [{ kind: 'readwrite', address: DATA, size: 1, value: 9n }] });
      loaded.push(yield { pc: 4n, length: 1, accesses: [load(DATA, 1)] });
    }),
  );
  machine.run();
  t.deepEqual(loaded, [[], [0x7788n, 0x1122_3344n], [0x88n], [9n]]);
});

test('fork copies memory, registers and handlers; a thread shares the memory', (t) => {
  const { machine } = kernelOf();
  const parent = machine.spawn(program([]), { comm: 'parent', run: false });
  parent.memory.writeInteger(DATA, 4, 7n);
  parent.context.set('rax', 1n);
  parent.handlers.set('SIGUSR1', 'ignore');
  const child = machine.fork(parent, program([]), { run: false });
  const thread = machine.fork(parent, program([]), { thread: true, run: false });
  parent.memory.writeInteger(DATA, 4, 8n);
  t.is(child.memory.readInteger(DATA, 4), 7n);
  t.is(thread.memory.readInteger(DATA, 4), 8n);
  t.deepEqual([child.tgid, thread.tgid], [child.pid, parent.tgid]);
  t.is(child.context.get('rax'), 1n);
  child.context.set('rax', 2n);
  t.is(parent.context.get('rax'), 1n);
  t.is(child.handlers.get('SIGUSR1'), 'ignore');
});

test('a fork hook that throws leaves no child behind, and fork fails with its error', (t) => {
  const { machine } = kernelOf();
  const parent = machine.spawn(program([]));
  const gone: number[] = [];
  machine.hooks.exit.add(({ pid }) => gone.push(pid));
  machine.hooks.fork.add(() => {
    throw new RangeError('no');
  });
  t.throws(() => machine.fork(parent, program([])), { instanceOf: RangeError });
  t.deepEqual([...machine.tasks.values()], [parent]);
  t.is(gone.length, 1, 'the exit hooks clean up what the fork hooks made');
});

/** `handlers` was empty afterwards, and execve(2) says: "ignored signals are left unchanged". */
test('exec gives fresh memory and registers, and leaves ignored what was; the other threads of the process end', (t) => {
  const { machine } = kernelOf();
  const journal = new Journal();
  const task = machine.spawn(journal.spin('old'), { comm: 'old' });
  const thread = machine.fork(task, journal.spin('thread'), { thread: true });
  task.memory.writeInteger(DATA, 4, 7n);
  task.context.set('rax', 1n);
  task.context.singleStep = true;
  task.handlers.set('SIGUSR1', 'ignore');
  task.handlers.set('SIGHUP', { sa_handler: 'ignore', sa_flags: SA_RESETHAND });
  task.handlers.set('SIGCHLD', { sa_handler: () => program([])(), sa_flags: SA_NOCLDWAIT });
  task.handlers.set('SIGUSR2', () => program([])());
  machine.exec(task, journal.spin('new', 3), { comm: 'a name that is too long' });
  t.false(thread.alive);
  t.is(task.memory.readInteger(DATA, 4), 0n);
  t.is(task.context.get('rax'), 0n);
  t.false(task.context.singleStep);
  t.deepEqual(
    [...task.handlers],
    [
      ['SIGUSR1', 'ignore'],
      ['SIGHUP', 'ignore'],
    ],
  );
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.sendSignal(task, { si_signo: 'SIGHUP', si_code: 0 });
  t.is(task.comm, 'a name that is ', 'cut to 15 characters');
  machine.run();
  t.deepEqual(journal.take(), ['new@0 x3']);
});

test('exit ends a task for good: forking, moving and exec of it are refused with ESRCH', (t) => {
  const { machine } = kernelOf();
  const task = machine.spawn(program([]));
  machine.exit(task, { code: 3 });
  machine.exit(task, { code: 4 });
  t.deepEqual(task.exit, { code: 3 });
  t.is(machine.tasks.size, 0);
  for (const act of [
    () => machine.fork(task, program([])),
    () => machine.exec(task, program([])),
    () => machine.setAffinity(task, [0]),
  ]) {
    t.throws(act, { code: 'HWBP_TASK_GONE', message: /ESRCH.*has exited/ });
  }
  machine.wake(task);
  t.is(machine.run().reason, 'idle');
});

test('a system call is a program in kernel mode; then execution goes on behind it, registers kept', (t) => {
  const { machine } = kernelOf();
  const modes: string[] = [];
  const call: Instruction = {
    pc: TEXT,
    length: 2,
    syscall: program(function* () {
      modes.push(`${task.context.mode} ${task.stack.length}`);
      yield { pc: 0xffff_ffff_8100_0000n, length: 1, registers: { rax: 42n } };
    }),
  };
  const task = machine.spawn(
    program(function* () {
      yield call;
      modes.push(`${task.context.mode} pc ${task.context.pc.toString(16)} rax ${task.context.get('rax')}`);
      yield { pc: TEXT + 2n, length: 1 };
    }),
  );
  machine.run();
  t.deepEqual(modes, ['kernel 2', 'user pc 400002 rax 42']);
});

test('a page fault sends SIGSEGV with the address, MAPERR or ACCERR; nothing of the instruction happens', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const faults: unknown[] = [];
  const task = machine.spawn(
    program(lines({ accesses: [store(DATA, 4, 1n), store(DATA + 0x1ffen, 4, 2n)] }, { accesses: [store(0x9000n)] })),
    { demandZero: false },
  );
  task.memory.map(DATA, 0x2000);
  task.memory.map(0x9000n, 1, { permissions: { read: true, write: false } });
  task.handlers.set('SIGSEGV', (info) => {
    faults.push(info);
    task.memory.map(info.si_addr ?? 0n, 1);
    return program([])();
  });
  const hits: unknown[] = [];
  kernel.breakpoints.registerUser({ bp_type: 2, bp_addr: DATA, bp_len: 4 }, (hit) => hits.push(hit.pc), task);
  machine.run(1);
  t.is(task.memory.readInteger(DATA, 4), 0n, 'the store in front of the fault did not happen');
  machine.run();
  t.deepEqual(faults, [
    { si_signo: 'SIGSEGV', si_code: 1, si_addr: 0x3000n },
    { si_signo: 'SIGSEGV', si_code: 2, si_addr: 0x9000n },
  ]);
  t.deepEqual(hits, [TEXT], 'the watch fires once, when the instruction completes');
  t.is(task.memory.readInteger(DATA, 4), 1n);
});

test('user pages have an alias in the kernel’s direct map: one memory under two addresses', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  // It goes on: the pages of a task that has ended are given back.
  const task = taskOf(kernel, { accesses: [store(DATA + 4n, 4, 0xabcdn)] }, {});
  machine.run(1);
  const place = task.memory.translate(DATA, false);
  if (place === undefined) throw new Error('not mapped');
  const alias = machine.layout.directMap + BigInt(place.frame * machine.layout.pageSize + place.offset);
  t.is(machine.kernelMemory.readInteger(alias + 4n, 4), 0xabcdn);
  machine.kernelMemory.writeInteger(alias, 4, 5n);
  t.is(task.memory.readInteger(DATA, 4), 5n);
  t.is(machine.kernelMemory.translate(machine.layout.directMap + (1n << 39n), false), undefined, 'no such frame');
});

test('a 32-bit kernel reaches its own data, and it can be watched', (t) => {
  const kernel = kernelOf({ arch: x86({ bits: 32 }) });
  const jiffies = 0xc150_0000n;
  const tick = lines({ pc: 0xc100_0000n, accesses: [store(jiffies, 4, 7n)] });
  kernel.machine.spawn(program(tick), { mode: 'kernel' });
  const watch = kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: jiffies, bp_len: 4 }, () => {}, 0);
  kernel.machine.run(10);
  t.is(watch.hits, 1);
  t.is(kernel.machine.kernelMemory.readInteger(jiffies, 4), 7n);
});

test('pids are given in order, or as asked', (t) => {
  const { machine } = kernelOf();
  const pid = (wanted?: number) => machine.spawn(program([]), wanted === undefined ? {} : { pid: wanted }).pid;
  t.deepEqual([pid(), pid(3), pid(), pid()], [1, 3, 2, 4]);
  t.throws(() => pid(3), { instanceOf: TypeError, message: /pid 3 is taken/ });
  t.throws(() => pid(0), { instanceOf: TypeError });
});
