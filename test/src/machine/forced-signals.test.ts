import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  type Instruction,
  program,
  SA_NODEFER,
  SA_RESETHAND,
  type SignalName,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, lines, store, TEXT } from './support.js';

const HANDLER = 0x60_0000n;
const faulting: Instruction = { pc: TEXT, length: 4, accesses: [store()] };
const trapping: Instruction = { pc: TEXT, length: 1, trap: 'breakpoint' };
const privileged: Instruction = { pc: TEXT, length: 4, control: { register: 'nothing' } };

const RAISE: readonly (readonly [SignalName, Instruction])[] = [
  ['SIGSEGV', faulting],
  ['SIGTRAP', trapping],
  ['SIGILL', privileged],
];

/** A kernel whose time is instructions, and a task that executes these. */
function taskOf(...code: readonly Instruction[]) {
  const { machine } = kernelOf();
  return { machine, task: machine.spawn(program(code), { demandZero: false }) };
}

for (const [name, arch] of [
  ['x86', x86],
  ['ppc64', ppc64],
  ['arm64', arm64],
] as const) {
  for (const [signal, instruction] of RAISE) {
    for (const [how, set] of [
      ['ignored', (task: Task) => void task.handlers.set(signal, 'ignore')],
      ['blocked', (task: Task) => void task.blocked.add(signal)],
      [
        'blocked, with a handler',
        (task: Task) => {
          task.blocked.add(signal);
          task.handlers.set(signal, program([]));
        },
      ],
    ] as const) {
      test(`${name}: a ${signal} that an exception raises kills although it is ${how}`, (t) => {
        using kernel = composeKernel({ arch: arch() });
        const task = kernel.machine.spawn(program([instruction]), { demandZero: false });
        set(task);
        t.is(kernel.machine.run(100).reason, 'idle');
        t.deepEqual(task.exit, { signal });
      });
    }
  }
}

test('a single step that is blocked kills; the same signal from a process waits, or is ignored', (t) => {
  const { machine, task } = taskOf(...lines({}, {}, {}));
  task.blocked.add('SIGTRAP');
  machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code: 0 });
  machine.run(1);
  t.true(task.alive);
  task.context.singleStep = true;
  machine.run();
  t.deepEqual(task.exit, { signal: 'SIGTRAP' });
  const other = taskOf(...lines({}, {}));
  other.task.handlers.set('SIGTRAP', 'ignore');
  other.machine.sendSignal(other.task, { si_signo: 'SIGTRAP', si_code: 0 });
  other.machine.run();
  t.deepEqual(other.task.exit, { code: 0 });
});

test('while a handler runs its signal is blocked, and those of sa_mask; then it is delivered', (t) => {
  const { machine, task } = taskOf(...lines({}, {}));
  const order: string[] = [];
  const handle = (name: SignalName, ...send: SignalName[]) =>
    program(function* () {
      order.push(`${name} begins with ${[...task.blocked].sort().join(' ')}`);
      for (const si_signo of send) machine.sendSignal(task, { si_signo, si_code: 0 });
      yield { pc: HANDLER, length: 4 };
      yield { pc: HANDLER + 4n, length: 4 };
      order.push(`${name} ends`);
    });
  let first = true;
  task.handlers.set('SIGUSR1', {
    sa_handler: () => {
      const again: SignalName[] = first ? ['SIGUSR1', 'SIGUSR2'] : [];
      first = false;
      return handle('SIGUSR1', ...again)();
    },
    sa_mask: ['SIGUSR2'],
  });
  task.handlers.set('SIGUSR2', handle('SIGUSR2'));
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run();
  // Both are let through by the return: the frame of the higher number is put on top (as Linux 6.18 does).
  t.deepEqual(order, [
    'SIGUSR1 begins with SIGUSR1 SIGUSR2',
    'SIGUSR1 ends',
    'SIGUSR1 begins with SIGUSR1 SIGUSR2',
    'SIGUSR1 ends',
    'SIGUSR2 begins with SIGUSR2',
    'SIGUSR2 ends',
  ]);
  t.deepEqual([...task.blocked], []);
});

test('SA_NODEFER lets the signal through inside its own handler, SA_RESETHAND is for once', (t) => {
  const { machine, task } = taskOf(...lines({}, {}));
  const depths: number[] = [];
  const handler = program(function* () {
    depths.push(task.stack.length);
    if (depths.length < 3) machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
    yield { pc: HANDLER, length: 4 };
    yield { pc: HANDLER + 4n, length: 4 };
  });
  task.handlers.set('SIGUSR1', { sa_handler: handler, sa_flags: SA_NODEFER });
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run(20);
  t.deepEqual(depths, [2, 3, 4]);
  const once = taskOf(...lines({}, {}));
  once.task.handlers.set('SIGUSR1', { sa_handler: program([]), sa_flags: SA_RESETHAND });
  once.machine.sendSignal(once.task, { si_signo: 'SIGUSR1', si_code: 0 });
  once.machine.run(1);
  t.false(once.task.handlers.has('SIGUSR1'));
});

test('a fault inside the handler of faults kills', (t) => {
  const { machine, task } = taskOf(faulting);
  task.handlers.set('SIGSEGV', program([{ ...faulting, pc: HANDLER }]));
  machine.run(100);
  t.deepEqual(task.exit, { signal: 'SIGSEGV' });
});

test('the single step of a program is off in a handler, and on again behind it', (t) => {
  const { machine, task } = taskOf(...lines({}, {}, {}));
  const stepped: (bigint | undefined)[] = [];
  task.context.singleStep = true;
  task.handlers.set('SIGTRAP', ({ si_addr }) => {
    stepped.push(si_addr);
    t.false(task.context.singleStep && task.stack.length > 1);
    return program([
      { pc: HANDLER, length: 4 },
      { pc: HANDLER + 4n, length: 4 },
    ])();
  });
  machine.run();
  t.deepEqual(stepped, [TEXT + 4n, TEXT + 8n, TEXT + 12n]);
  t.deepEqual(task.exit, { code: 0 });
});

test('a child has the single step of its parent, a thread too', (t) => {
  for (const thread of [false, true]) {
    const { machine, task } = taskOf(...lines({}, {}));
    task.context.singleStep = true;
    const child = machine.fork(task, program(lines({}, {})), { thread });
    t.true(child.context.singleStep);
    machine.run(1);
    machine.exit(task);
    machine.run();
    t.deepEqual(child.exit, { signal: 'SIGTRAP' });
  }
});

test('SIGSTOP and SIGCONT concern every thread of a process, and nobody else', (t) => {
  const { machine } = kernelOf({ cpus: 2 });
  const spin = program(function* () {
    for (;;) yield { pc: TEXT, length: 4, accesses: [store(DATA)] };
  });
  const leader = machine.spawn(spin);
  const thread = machine.fork(leader, spin, { thread: true });
  const child = machine.fork(leader, spin);
  machine.run(30);
  machine.sendSignal(thread, { si_signo: 'SIGSTOP', si_code: 0 });
  machine.run(1000);
  t.deepEqual(
    [leader, thread, child].map(({ state }) => state),
    ['stopped', 'stopped', 'running'],
  );
  machine.sendSignal(leader, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run(100);
  t.is(leader.state, 'stopped', 'a stopped process is not ended by a signal but SIGKILL');
  leader.pending.length = 0;
  thread.blocked.add('SIGCONT');
  machine.sendSignal(thread, { si_signo: 'SIGCONT', si_code: 0 });
  t.deepEqual([leader.state, thread.state], ['running', 'running'], 'blocked or not');
});

test('a thread in a system call stops where it returns; SIGCONT before that lets it go on', (t) => {
  for (const goesOn of [false, true]) {
    const { machine } = kernelOf();
    const call = program(Array.from({ length: 300 }, () => ({ pc: 0xffff_ffff_8100_0000n, length: 4 })));
    const leader = machine.spawn(
      program([
        { pc: TEXT, length: 2, syscall: call },
        { pc: TEXT, length: 4 },
      ]),
    );
    const thread = machine.fork(leader, program(lines({}, {})), { thread: true, run: false });
    machine.run(10);
    machine.wake(thread);
    machine.sendSignal(thread, { si_signo: 'SIGSTOP', si_code: 0 });
    machine.schedule(0);
    machine.run(20);
    t.deepEqual([leader.state, leader.context.mode, thread.state], ['running', 'kernel', 'stopped']);
    if (goesOn) machine.sendSignal(leader, { si_signo: 'SIGCONT', si_code: 0 });
    t.is(machine.run().reason, 'idle');
    t.deepEqual([leader.state, leader.instructions], goesOn ? ['dead', 302] : ['stopped', 301]);
  }
});

test('SIGKILL and SIGSTOP can be neither blocked nor handled', (t) => {
  const { machine, task } = taskOf(...lines({}, {}));
  task.blocked.add('SIGSTOP').add('SIGKILL');
  t.is(task.blocked.size, 0);
  task.handlers.set('SIGSTOP', program([]));
  machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: 0 });
  machine.run(1);
  t.is(task.state, 'stopped');
});

test('a signal that does nothing wakes nobody, and an exception comes before other signals', (t) => {
  const { machine, task } = taskOf(faulting);
  task.handlers.set('SIGUSR1', 'ignore');
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.sendSignal(task, { si_signo: 'SIGCHLD', si_code: 0 });
  t.is(task.pending.length, 0);
  const order: string[] = [];
  for (const name of ['SIGHUP', 'SIGSEGV'] as const) {
    task.handlers.set(name, () => {
      order.push(name);
      return program([])();
    });
  }
  task.blocked.add('SIGHUP');
  machine.sendSignal(task, { si_signo: 'SIGHUP', si_code: 0 });
  machine.run(1);
  task.blocked.delete('SIGHUP');
  machine.run(10);
  t.is(order[0], 'SIGSEGV');
});
