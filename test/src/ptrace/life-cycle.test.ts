import { SI_CODES } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from './schedulers.js';
import {
  A,
  type Debuggee,
  DR6,
  debuggee,
  debuggeeIn,
  dr7,
  hit,
  killedBy,
  nop,
  ptraceKernel,
  store,
} from './support.js';

const FRESH = [0n, 0n, 0n, 0n, DR6, 0n];
const BOTH = { traceFork: true, traceClone: true } as const;

function watching(options: Parameters<typeof debuggee>[0] = {}): Debuggee {
  const d = debuggee(options);
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  return d;
}

for (const [name, thread, event] of [
  ['fork', false, 'fork'],
  ['clone of a thread', true, 'clone'],
] as const) {
  test(`${name}: the parent stops at the event, the child with SIGSTOP before its first instruction, traced`, (t) => {
    const d = debuggee({ trace: BOTH });
    let child: Debuggee | undefined;
    d.queue(d.forkCall(thread, (made) => (child = made)));
    d.tracer.cont(d.task);
    const status = d.tracer.wait(d.task);
    if (child === undefined) return t.fail('nothing was forked');
    t.deepEqual(status, { kind: 'event', task: d.task, event, child: child.task });
    t.is(child.task.tgid === d.task.tgid, thread);
    t.deepEqual(d.tracer.tracees, [d.task, child.task]);
    t.like(d.tracer.wait(child.task), { kind: 'signal', info: { si_signo: 'SIGSTOP' } });
    t.is(d.kernel.machine.run(100).instructions, 0, 'both wait for the debugger');
  });

  test(`${name}: a child has no breakpoints, whatever its registers read; its parent keeps its own`, (t) => {
    const d = watching({ trace: BOTH });
    const child = d.bear(thread);
    t.deepEqual(child.registers.slice(0, 4), [0n, 0n, 0n, 0n]);
    t.is(child.slots, 0);
    t.deepEqual(child.run(store(A), nop), []);
    t.deepEqual(d.run(store(A)), [hit(4, 1)]);
  });

  test(`${name}: parent and child have registers of their own`, (t) => {
    const d = watching({ trace: BOTH, strict: true });
    const child = d.bear(thread);
    t.deepEqual(child.registers, FRESH, 'strict');
    child.poke(0, A + 8n);
    child.poke(1, A);
    child.poke(7, dr7(1, 'rw'));
    t.deepEqual(child.run(store(A)), [hit(4, 2)]);
    t.deepEqual(d.registers, [A, 0n, 0n, 0n, DR6, dr7(0, 'w')]);
    t.deepEqual(d.run(store(A)), [hit(4, 1)]);
    d.kernel.machine.exit(child.task);
    t.deepEqual(d.run(store(A)), [hit(4, 1)], 'and they outlive the child');
  });

  test(`${name}: a debugger that did not ask for it is not told, and the child is nobody's`, (t) => {
    const d = watching({ trace: thread ? { traceFork: true } : { traceClone: true } });
    let child: Debuggee | undefined;
    t.deepEqual(d.run(d.forkCall(thread, (made) => (child = made))), []);
    if (child === undefined) return t.fail('nothing was forked');
    t.is(d.kernel.get(Ptrace).tracerOf(child.task), undefined);
    t.deepEqual(d.tracer.tracees, [d.task]);
  });
}

test('a grandchild is traced with the options of its parent', (t) => {
  const d = debuggee({ trace: BOTH });
  const grandchild = d.bear().bear();
  t.is(d.tracer.tracees.length, 3);
  t.deepEqual(grandchild.run(nop), []);
});

test('at the event of a fork the debugger sees and sets where user mode goes on', (t) => {
  const d = debuggee({ trace: BOTH });
  d.queue(
    nop,
    d.forkCall(false, () => {}),
    nop,
  );
  d.tracer.cont(d.task);
  const stop = d.wait();
  t.is(stop?.code, 'event fork');
  t.is(d.tracer.getRegs(d.task).rip, 0x40_0006n, 'behind the system call, not inside the kernel');
  t.is(d.tracer.getRegs(d.task).eflags, 0x202n);
});

test('stepping over a fork: the event comes first, the step ends with the system call; cont at the event ends the stepping', (t) => {
  const d = debuggee({ trace: BOTH });
  const fork = d.forkCall(false, () => {});
  t.deepEqual(
    d.step(fork).map(({ code }) => code),
    ['event fork', 'TRAP_BRKPT'],
  );
  d.queue(
    d.forkCall(false, () => {}),
    nop,
  );
  d.tracer.singleStep(d.task);
  t.like(d.wait(), { code: 'event fork' });
  t.deepEqual(d.run(), []);
});

test('exec: everything is as in a task that was never debugged, before the stop is reported', (t) => {
  const d = watching({ trace: { traceExec: true } });
  for (const slot of [1, 2, 3]) d.poke(slot, A);
  d.poke(6, 5n);
  d.queue(d.execCall());
  d.tracer.cont(d.task);
  t.like(d.tracer.wait(d.task), { kind: 'event', event: 'exec', task: d.task });
  t.deepEqual(d.registers, FRESH);
  t.is(d.slots, 0);
  t.deepEqual(d.run(store(A)), []);
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  t.deepEqual(d.run(store(A)), [hit(4, 1)], 'and it can be debugged again');
});

test('exec without the option is a SIGTRAP that somebody seems to have sent', (t) => {
  const d = debuggee();
  t.deepEqual(d.run(d.execCall()), [{ code: 'SI_USER', at: -0x40_0000, dr6: 0, rf: false }]);
});

test('exec ends the other threads of its process, and their debugger is told', (t) => {
  const d = watching({ trace: BOTH });
  const thread = d.bear(true);
  thread.poke(0, A);
  d.queue(d.execCall());
  d.tracer.cont(d.task);
  t.deepEqual(d.tracer.wait(thread.task), { kind: 'killed', task: thread.task, signal: 'SIGKILL' });
  t.false(d.kernel.breakpoints.isUsed);
});

for (const [name, end] of [
  ['exit', (d: Debuggee) => d.kernel.machine.exit(d.task, { code: 4 })],
  ['exit_group', (d: Debuggee) => d.kernel.machine.exitGroup(d.task)],
  ['SIGKILL', (d: Debuggee) => d.kernel.machine.sendSignal(d.task, { si_signo: 'SIGKILL', si_code: 0 })],
  ['a deadly signal that the debugger passes on', (d: Debuggee) => d.tracer.cont(d.task, 'SIGSEGV')],
] as const) {
  test(`${name}: nothing is left, and no register is armed`, (t) => {
    const d = watching();
    for (const slot of [1, 2, 3]) d.poke(slot, A);
    end(d);
    t.false(d.task.alive);
    t.false(d.kernel.breakpoints.isUsed);
    t.deepEqual(d.kernel.breakpoints.registered, []);
    d.kernel.machine.run();
    t.deepEqual(d.kernel.machine.cpu(0).unit.filter.ranges, []);
    t.deepEqual(d.tracer.tracees, []);
    t.true(['exited', 'killed'].includes(d.tracer.wait()?.kind ?? 'nothing'));
  });
}

test('a task that exits by itself while its watches are in registers leaves nothing', (t) => {
  const d = watching();
  d.queue({
    accesses: [],
    syscall: () => ({
      state: 'ready',
      run() {
        d.kernel.machine.exit(d.task, { code: 7 });
        return 0;
      },
    }),
  });
  d.tracer.cont(d.task);
  t.deepEqual(d.tracer.wait(), { kind: 'exited', task: d.task, code: 7 });
  t.false(d.kernel.breakpoints.isUsed);
  t.deepEqual(d.kernel.machine.cpu(0).unit.filter.ranges, []);
});

test('strict: detaching releases the breakpoints; a store then harms nobody', (t) => {
  const d = watching({ strict: true });
  d.queue(store(A), nop);
  d.tracer.detach(d.task);
  t.false(d.kernel.breakpoints.isUsed);
  d.kernel.machine.run(2);
  t.true(d.task.alive);
});

test('the debugger dies: its tracees go on untraced', (t) => {
  const d = watching({ strict: true });
  d.queue(nop, store(A), nop);
  d.tracer.close();
  t.is(d.task.tracer, undefined);
  d.kernel.machine.run(3);
  t.true(d.task.alive);
  t.false(d.kernel.breakpoints.isUsed);
});

test('the debugger dies with exitKill: its tracees die, running or stopped', (t) => {
  const kernel = ptraceKernel();
  const tracer = kernel.get(Ptrace).tracer();
  const stopped = debuggeeIn(kernel, { exitKill: true }, tracer);
  const running = debuggeeIn(kernel, { exitKill: true }, tracer);
  const spared = debuggeeIn(kernel, {}, tracer);
  running.tracer.cont(running.task);
  stopped.poke(0, A);
  tracer.close();
  t.deepEqual(
    [stopped, running, spared].map(({ task }) => killedBy(task)),
    ['SIGKILL', 'SIGKILL', undefined],
  );
  t.false(kernel.breakpoints.isUsed);
});

test('the debugger dies in the middle of a step: nobody gets a trap', (t) => {
  const d = debuggee();
  d.queue(nop, nop);
  d.tracer.singleStep(d.task);
  d.tracer.close();
  d.kernel.machine.run(2);
  t.true(d.task.alive);
});

test('a debugger that attaches to a task with breakpoints of a debugger before it finds them (a quirk), or fresh registers', (t) => {
  for (const strict of [false, true]) {
    const d = watching({ strict });
    d.queue(nop, nop, nop);
    d.tracer.detach(d.task);
    const next = d.kernel.get(Ptrace).tracer();
    next.attach(d.task);
    next.wait(d.task);
    t.is(next.peekUser(d.task, next.debugOffset(0)), strict ? 0n : A);
  }
});

test('siginfo of each stop: si_signo, si_code and si_addr', (t) => {
  const d = watching();
  d.queue(store(A), nop);
  const infos = [];
  for (const resume of ['cont', 'singleStep', 'cont'] as const) {
    d.tracer[resume](d.task);
    d.tracer.wait(d.task);
    infos.push(d.tracer.getSigInfo(d.task));
  }
  t.deepEqual(infos, [
    { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_HWBKPT, si_addr: 0x40_0004n },
    { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE, si_addr: 0x40_0008n },
    { si_signo: 'SIGTRAP', si_code: SI_CODES.SI_KERNEL },
  ]);
  t.deepEqual([SI_CODES.TRAP_HWBKPT, SI_CODES.TRAP_TRACE, SI_CODES.SI_KERNEL], [4, 2, 0x80]);
});

for (const [name, kill] of [
  ['kill', (d: Debuggee) => d.tracer.kill(d.task)],
  ['SIGKILL', (d: Debuggee) => d.kernel.machine.sendSignal(d.task, { si_signo: 'SIGKILL', si_code: 0 })],
  ['a deadly signal', (d: Debuggee) => d.tracer.cont(d.task, 'SIGTERM')],
] as const) {
  test(`${name} ends every thread of the process, and the debugger is told of each`, (t) => {
    const d = debuggee({ trace: BOTH });
    const thread = d.bear(true);
    const process = d.bear(false);
    kill(d);
    t.deepEqual(
      [d, thread, process].map(({ task }) => task.alive),
      [false, false, true],
    );
    t.is(d.tracer.poll(d.task)?.kind, 'killed');
    t.is(d.tracer.poll(thread.task)?.kind, 'killed');
  });
}
