import {
  type ChildStatus,
  type Instruction,
  KernelError,
  program,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SI_CODES,
  type SignalInfo,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import { kernelOf, lines, TEXT } from './support.js';

const spin = program(function* () {
  for (;;) yield { pc: TEXT, length: 4 } satisfies Instruction;
});

/** A parent that notes its SIGCHLDs. */
function family(sa_flags = 0) {
  const kernel = kernelOf({ tick: 10_000 });
  const { machine } = kernel;
  const parent = machine.spawn(spin, { comm: 'parent' });
  const told: Partial<SignalInfo>[] = [];
  parent.handlers.set('SIGCHLD', {
    sa_handler: (info) => {
      told.push(info);
      return program([])();
    },
    sa_flags,
  });
  const send = (task: Task, si_signo: SignalInfo['si_signo']) => {
    machine.sendSignal(task, { si_signo, si_code: 0 });
    machine.run(300);
  };
  return { machine, parent, told, send };
}

test('a child that ends is told with SIGCHLD, and waited for once', (t) => {
  const { machine, parent, told, send } = family();
  const child = machine.fork(parent, program(lines({}, {})));
  t.is(machine.children.wait(parent), undefined, 'it goes on');
  machine.run(300);
  t.deepEqual(told, [{ si_signo: 'SIGCHLD', si_code: SI_CODES.CLD_EXITED, si_pid: child.pid, si_status: 0 }]);
  t.deepEqual(machine.children.wait(parent, { pid: child.pid }), { pid: child.pid, change: { code: 0 } });
  const refused = t.throws(() => machine.children.wait(parent), { instanceOf: KernelError });
  t.deepEqual([refused?.code, refused?.errno], ['TASK_NO_CHILD', 'ECHILD']);
  const killed = machine.fork(parent, spin);
  send(killed, 'SIGTERM');
  t.deepEqual(told[1], { si_signo: 'SIGCHLD', si_code: SI_CODES.CLD_KILLED, si_pid: killed.pid, si_status: 15 });
  t.deepEqual(machine.children.wait(parent), { pid: killed.pid, change: { signal: 'SIGTERM' } });
});

test('a process ends with its last thread, as exit_group said; a thread is no child', (t) => {
  const { machine, parent, told } = family();
  const child = machine.fork(parent, spin);
  const thread = machine.fork(child, spin, { thread: true });
  machine.exit(child, { code: 1 });
  machine.run(300);
  t.deepEqual(told, []);
  machine.exitGroup(thread, { code: 7 });
  machine.run(300);
  t.is(told.length, 1);
  t.deepEqual(machine.children.wait(parent), { pid: child.pid, change: { code: 7 } });
});

test('stops and their ends are told too, and waited for by whoever asks: the latest, as on Linux 6.18', (t) => {
  const { machine, parent, told, send } = family();
  const child = machine.fork(parent, spin);
  machine.fork(child, spin, { thread: true });
  send(child, 'SIGSTOP');
  send(child, 'SIGCONT');
  t.deepEqual(
    told.map(({ si_code, si_status }) => [si_code, si_status]),
    [
      [SI_CODES.CLD_STOPPED, 19],
      [SI_CODES.CLD_CONTINUED, 18],
    ],
  );
  t.is(machine.children.wait(parent), undefined, 'without the options only its end');
  // waitpid(2) there, behind SIGSTOP and SIGCONT: nothing with WUNTRACED, the child once with WCONTINUED; behind
  // another SIGSTOP: nothing with WCONTINUED, the child once with WUNTRACED. This test had it that both are kept.
  t.is(machine.children.wait(parent, { untraced: true }), undefined);
  t.deepEqual(machine.children.wait(parent, { continued: true }), { pid: child.pid, change: { continued: true } });
  t.is(machine.children.wait(parent, { continued: true }), undefined);
  for (const signal of ['SIGSTOP', 'SIGCONT', 'SIGSTOP'] as const) send(child, signal);
  t.is(machine.children.wait(parent, { continued: true }), undefined);
  t.deepEqual(machine.children.wait(parent, { untraced: true }), { pid: child.pid, change: { stopped: 'SIGSTOP' } });
  t.is(machine.children.wait(parent, { untraced: true }), undefined);
  const quiet = family(SA_NOCLDSTOP);
  const other = quiet.machine.fork(quiet.parent, spin);
  quiet.send(other, 'SIGSTOP');
  t.deepEqual(quiet.told, []);
  t.like(quiet.machine.children.wait(quiet.parent, { untraced: true }), { pid: other.pid });
});

test('ignored children are nobody’s to wait for, nor are those of SA_NOCLDWAIT; without a handler they are kept', (t) => {
  for (const [set, kept] of [
    [(task: Task) => task.handlers.set('SIGCHLD', 'ignore'), false],
    [(task: Task) => task.handlers.set('SIGCHLD', { sa_handler: program([]), sa_flags: SA_NOCLDWAIT }), false],
    [(task: Task) => task.handlers.delete('SIGCHLD'), true],
  ] as const) {
    const { machine, parent, send } = family();
    set(parent);
    const child = machine.fork(parent, spin);
    send(child, 'SIGTERM');
    if (kept) t.like(machine.children.wait(parent), { pid: child.pid });
    else t.throws(() => machine.children.wait(parent), { code: 'TASK_NO_CHILD' });
  }
});

test('children of a process that has ended are nobody’s', (t) => {
  const { machine, parent, told } = family();
  const child = machine.fork(parent, spin);
  const grandchild = machine.fork(child, spin);
  machine.exit(child);
  machine.exit(grandchild);
  machine.run(300);
  t.is(told.length, 1);
  t.like(machine.children.wait(parent), { pid: child.pid });
  t.throws(() => machine.children.wait(parent), { code: 'TASK_NO_CHILD' });
});

test('waitpid as a system call sleeps until a child changes, or a signal comes', (t) => {
  const { machine } = kernelOf();
  const results: (ChildStatus | Error | undefined)[] = [];
  const parent: Task = machine.spawn(
    program(function* () {
      for (let i = 0; i < 3; i++) {
        yield { pc: TEXT, length: 2, syscall: machine.children.call(parent, (result) => results.push(result)) };
      }
    }),
    { run: false },
  );
  const child = machine.fork(parent, program(lines({}, {}, {})), { run: false });
  machine.wake(parent);
  t.is(machine.run(100).reason, 'idle', 'it sleeps');
  t.is(parent.state, 'waiting');
  parent.handlers.set('SIGUSR1', program([]));
  machine.sendSignal(parent, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run(100);
  t.deepEqual(results, [undefined], 'EINTR');
  machine.wake(child);
  machine.run(100);
  t.deepEqual(results[1], { pid: child.pid, change: { code: 0 } });
  t.like(results[2], { code: 'TASK_NO_CHILD' });
  t.deepEqual(parent.exit, { code: 0 });
});
