import { HW_BREAKPOINT_W, program, SI_CODES } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from './schedulers.js';
import {
  A,
  Debuggee,
  debuggee,
  debuggeeIn,
  dr7,
  hit,
  killedBy,
  load,
  nop,
  ptraceKernel,
  queueProgram,
  stepped,
  store,
  TEXT,
} from './support.js';

test('attach: the task stops with SIGSTOP, which the debugger keeps; siginfo says that somebody sent it', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer('gdb');
  const task = kernel.machine.spawn(queueProgram([nop, nop, nop]));
  kernel.machine.run(1);
  tracer.attach(task);
  t.is(task.state, 'running', 'not yet');
  t.deepEqual(tracer.wait(task), {
    kind: 'signal',
    task,
    info: { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER },
  });
  t.deepEqual(tracer.getSigInfo(task), { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
  t.is(task.state, 'stopped');
  t.is(task.context.pc, TEXT + 4n, 'where it was');
  t.is(kernel.get(Ptrace).tracerOf(task), tracer);
  t.deepEqual(tracer.tracees, [task]);
});

test('attach to a task that is stopped already: it reports at once', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer();
  const task = kernel.machine.spawn(queueProgram([nop]), { run: false });
  tracer.attach(task);
  t.like(tracer.poll(task), { kind: 'signal', info: { si_signo: 'SIGSTOP' } });
  t.is(tracer.poll(task), undefined, 'once');
  tracer.cont(task);
  t.like(tracer.wait(task), { info: { si_code: SI_CODES.SI_KERNEL } });
});

test('seize: the task goes on as it was, and stops for its own signals', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer();
  const task = kernel.machine.spawn(queueProgram([nop]));
  tracer.seize(task);
  t.is(tracer.poll(), undefined);
  t.like(tracer.wait(), { kind: 'signal', info: { si_signo: 'SIGTRAP', si_code: SI_CODES.SI_KERNEL } });
});

test('detach: the task goes on untraced; a signal that is given is delivered', (t) => {
  const d = debuggee();
  d.queue(nop);
  d.tracer.detach(d.task);
  t.is(d.kernel.get(Ptrace).tracerOf(d.task), undefined);
  t.deepEqual(d.tracer.tracees, []);
  d.kernel.machine.run(1);
  t.is(d.task.context.pc, TEXT + 4n);

  const killed = debuggee();
  killed.tracer.detach(killed.task, 'SIGTERM');
  t.is(killedBy(killed.task), 'SIGTERM');
  t.is(killed.tracer.poll(), undefined, 'it is no tracee any more: nobody is told');
});

test('detach with SIGSTOP leaves the task stopped until SIGCONT', (t) => {
  const d = debuggee();
  d.queue(nop, nop);
  d.tracer.detach(d.task, 'SIGSTOP');
  t.is(d.task.state, 'stopped');
  t.is(d.kernel.machine.run(10).instructions, 0);
  d.kernel.machine.sendSignal(d.task, { si_signo: 'SIGCONT', si_code: SI_CODES.SI_USER });
  t.is(d.kernel.machine.run(2).instructions, 2, 'SIGCONT, which does nothing more, is gone');
});

test('cont with SIGSTOP stops the tracee again, and says so', (t) => {
  const d = debuggee();
  d.tracer.cont(d.task, 'SIGSTOP');
  t.like(d.wait(), { code: 'SIGSTOP' });
  t.is(d.task.state, 'stopped');
  t.deepEqual(d.run(nop), []);
});

test('a task that was let go can be attached to again, by another debugger', (t) => {
  const d = debuggee({ strict: true });
  d.poke(0, A);
  d.queue(nop, nop);
  d.tracer.detach(d.task);
  const next = d.kernel.get(Ptrace).tracer('next');
  next.attach(d.task);
  t.like(next.wait(d.task), { info: { si_signo: 'SIGSTOP' } });
  t.is(next.peekUser(d.task, next.debugOffset(0)), 0n);
});

test('kill ends a stopped tracee: its debugger is told, its breakpoints are gone', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.tracer.kill(d.task);
  t.deepEqual(d.tracer.wait(), { kind: 'killed', task: d.task, signal: 'SIGKILL' });
  t.is(killedBy(d.task), 'SIGKILL');
  t.false(d.kernel.breakpoints.isUsed);
  t.deepEqual(d.tracer.tracees, []);
});

test('the end of a tracee is reported with its code or its signal, once', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer();
  const ends = kernel.machine.spawn(program([{ pc: TEXT, length: 4 }]));
  tracer.seize(ends);
  t.deepEqual(tracer.wait(), { kind: 'exited', task: ends, code: 0 });
  t.is(tracer.poll(), undefined);
  const killed = kernel.machine.spawn(queueProgram([]));
  tracer.seize(killed);
  kernel.machine.exit(killed, { code: 3 });
  t.deepEqual(tracer.poll(killed), { kind: 'exited', task: killed, code: 3 });
});

test('wait reports the oldest stop of any tracee, or of the one that is asked for; poll never runs the machine', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer();
  const one = debuggeeIn(kernel, {}, tracer);
  const two = debuggeeIn(kernel, {}, tracer);
  one.tracer.cont(one.task);
  two.tracer.cont(two.task);
  t.is(tracer.poll(), undefined);
  t.is(tracer.wait(two.task)?.task, two.task);
  t.is(tracer.wait()?.task, one.task, 'it had stopped too and was not lost');
  t.is(tracer.poll(), undefined);
});

test('wait gives up after its budget, and where nothing can run', (t) => {
  const kernel = ptraceKernel();
  const d = debuggeeIn(kernel);
  d.queue(...Array.from({ length: 1000 }, () => nop));
  d.tracer.cont(d.task);
  t.is(d.tracer.wait(d.task, 500), undefined);
  t.is(kernel.machine.cpu(0).instructions, 500 + 1, 'and the INT3 of its start');
  t.like(d.tracer.wait(d.task), { kind: 'signal' });
  t.is(d.tracer.wait(d.task), undefined, 'it is stopped, and nobody else is there');
});

test('the stop of one tracee leaves others running', (t) => {
  const kernel = ptraceKernel();
  const one = debuggeeIn(kernel);
  const other = kernel.machine.spawn(program([...Array(50)].map((_, i) => ({ pc: TEXT + BigInt(i), length: 1 }))));
  t.deepEqual(one.run(nop), []);
  kernel.machine.run();
  t.false(other.alive);
  t.is(one.task.state, 'stopped');
});

test('getRegs and setRegs: every general register by its name in struct user, written one by one', (t) => {
  const d = debuggee();
  const names = Object.keys(d.tracer.getRegs(d.task));
  t.deepEqual(
    names,
    'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs'.split(
      ' ',
    ),
  );
  const plain = names.filter((name) => name !== 'eflags');
  d.tracer.setRegs(d.task, Object.fromEntries(plain.map((name, i) => [name, BigInt(i + 1) << 32n])));
  const { eflags, ...rest } = d.tracer.getRegs(d.task);
  t.deepEqual(rest, Object.fromEntries(plain.map((name, i) => [name, BigInt(i + 1) << 32n])));
  t.is(eflags, 0x202n, 'IF, and the bit that is always 1');
  d.tracer.setRegs(d.task, { rax: -1n });
  t.is(d.tracer.getRegs(d.task).rax, 0xffff_ffff_ffff_ffffn);
});

test('TF that the debugger writes into eflags is the program’s own: it traps although nobody steps, and cont does not clear it', (t) => {
  const d = debuggee();
  d.tracer.setRegs(d.task, { eflags: 0x302n });
  t.is(d.tracer.getRegs(d.task).eflags, 0x302n);
  t.deepEqual(d.run(nop, nop), [stepped(4), stepped(8)]);
  d.tracer.setRegs(d.task, { eflags: 0x202n });
  t.deepEqual(d.step(nop), [stepped(4)]);
  t.is(d.tracer.getRegs(d.task).eflags, 0x202n, 'the step flag of the debugger is not shown');
});

test('peekData and pokeData are seen by no debug register, and by the program', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'rw', 8));
  d.tracer.pokeData(d.task, A, Uint8Array.of(1, 2, 3));
  t.deepEqual([...d.tracer.peekData(d.task, A)], [1, 2, 3, 0, 0, 0, 0, 0], 'a word by default');
  t.is(d.tracer.peekData(d.task, A, 3).length, 3);
  t.is(d.peek(6), 0xffff_0ff0n);
  t.deepEqual(d.run(load(A)), [hit(4, 1)]);
});

test('setOptions replaces what was asked for at the start', (t) => {
  const d = debuggee({ trace: { exitKill: true } });
  d.tracer.setOptions(d.task, {});
  d.tracer.close();
  t.true(d.task.alive);
});

test('a kernel that is disposed, or whose consumer stops, lets every tracee go; both may happen twice', (t) => {
  const kernel = ptraceKernel({ strict: true });
  const one = debuggeeIn(kernel);
  const two = debuggeeIn(kernel, { exitKill: true });
  one.poke(0, A);
  two.poke(0, A);
  kernel.get(Ptrace).stop();
  t.is(one.task.tracer, undefined);
  t.true(one.task.alive);
  t.false(two.task.alive);
  t.false(kernel.breakpoints.isUsed);
  kernel.get(Ptrace).stop();
  kernel.dispose();
  kernel.dispose();
  t.is(kernel.machine.hooks.exit.size, 0, 'nobody listens any more');
});

test('a debugger that is closed has nothing more to say', (t) => {
  const d = debuggee();
  d.queue(nop);
  d.tracer.cont(d.task);
  d.kernel.machine.run();
  d.tracer.close();
  t.is(d.tracer.poll(), undefined);
  d.tracer.close();
});

test('the requests work on a task that shares its CPU with the kernel’s breakpoints and with other debuggers', (t) => {
  const kernel = ptraceKernel({ cpus: 2 });
  const tracer = kernel.get(Ptrace).tracer();
  const queues = [[], []] as const;
  const tasks = queues.map((queue) => kernel.machine.spawn(queueProgram(queue as never), { affinity: [0] }));
  const [one, two] = tasks.map((task, i) => {
    tracer.seize(task);
    tracer.wait(task);
    return new Debuggee(kernel, tracer, task, queues[i] as never);
  });
  if (one === undefined || two === undefined) throw new Error('two were made');
  kernel.breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr: A, bp_len: 1 }, () => {}, 0);
  one.poke(0, A);
  one.poke(7, dr7(0, 'w'));
  t.deepEqual(two.run(store(A)), []);
  t.deepEqual(one.run(store(A)), [hit(4, 1)]);
});
