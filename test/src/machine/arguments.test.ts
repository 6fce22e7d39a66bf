import { x86 } from '@hwbp/arch-x86';
import { type Cpu, composeKernel, program, SI_CODES } from '@hwbp/core';
import test, { type ExecutionContext } from 'ava';

const nothing = program([]);
const watch = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
const kernel = composeKernel({ arch: x86(), cpus: 2 });
const { machine, breakpoints } = kernel;
const task = machine.spawn(nothing, { run: false });
const cpu = machine.cpu(0);

/** All that a refused call could have changed. */
const state = () => ({
  tasks: [...machine.tasks.keys()],
  comm: task.comm,
  pending: [...task.pending],
  affinity: task.affinity,
  online: machine.onlineCpus.map(({ index }) => index),
  chain: machine.dieChain.size,
  hooks: machine.hooks.tick.size,
  registered: breakpoints.registered.length,
});

function refuse(t: ExecutionContext, call: (wrong: never) => unknown, wrong: unknown, message: RegExp): void {
  const before = state();
  t.throws(() => call(wrong as never), { instanceOf: TypeError, message }, String(message));
  t.deepEqual(state(), before);
}

test.serial('options of spawn, fork and exec', (t) => {
  const spawn = (options: never) => machine.spawn(nothing, options);
  for (const [options, message] of [
    [{ affinity: '01' }, /affinity is a list of CPU numbers, such as \[0, 1\], got '01'/],
    [{ affinity: 3 }, /affinity is a list of CPU numbers, such as \[0, 1\], got 3/],
    [{ affinity: ['0'] }, /affinity is a list of CPU numbers/],
    [{ mode: 'hyper' }, /mode is 'user' or 'kernel', got 'hyper'/],
    [{ run: 'x' }, /run is true or false, got 'x'/],
    [{ privileged: 'no' }, /privileged is true or false, got 'no'/],
    [{ demandZero: 'n' }, /demandZero is true or false, got 'n'/],
    [{ uid: 'r' }, /uid is a whole number from 0 to 4294967295, got 'r'/],
    [{ comm: 5 }, /comm is a string, got 5/],
    [{ pid: 0 }, /pid is a whole number from 1, got 0/],
    [{ nice: 5 }, /spawn has no option 'nice'; it has comm, pid, affinity/],
    [5, /the options of spawn are an object, got 5/],
  ] as const) {
    refuse(t, spawn, options, message);
  }
  refuse(t, (o) => machine.fork(task, nothing, o), { thread: 1 }, /thread is true or false, got 1/);
  refuse(t, (o) => machine.fork(task, nothing, o), { comm: 'x' }, /fork has no option 'comm'; it has thread, pid, run/);
  refuse(t, (o) => machine.exec(task, nothing, o), { comm: 5 }, /comm is a string, got 5/);
  refuse(
    t,
    (o) => machine.exec(task, nothing, o),
    { run: true },
    /exec has no option 'run'; it has comm, compat, demandZero/,
  );
  const next = machine.spawn(nothing, { run: false });
  t.is(next.pid, task.pid + 1, 'no number was used up');
  machine.exit(next);
});

test.serial('what is done to a task', (t) => {
  refuse(t, (comm) => machine.rename(task, comm), 5, /comm is a string, got 5/);
  for (const wrong of ['01', 3, ['0']]) {
    refuse(t, (cpus) => machine.setAffinity(task, cpus), wrong, /affinity is a list of CPU numbers/);
  }
  for (const send of [machine.sendSignal.bind(machine), machine.deliverSignal.bind(machine)]) {
    refuse(t, (info) => send(task, info), {}, /si_signo is the name of a signal, such as .*, got undefined/);
    refuse(t, (info) => send(task, info), null, /si_signo is the name of a signal/);
    refuse(t, (info) => send(task, info), { si_signo: 'SIGUSR1' }, /si_code is a whole number, such as SI_CODES/);
    refuse(t, (info) => send(task, info), { si_signo: 'USR1', si_code: SI_CODES.SI_USER }, /si_signo is .* got 'USR1'/);
  }
});

test.serial('CPUs', (t) => {
  const wanted = /cpu is a CPU of this machine, got .*; machine\.cpu\(0\) has them by number/;
  const calls: readonly ((wrong: Cpu) => unknown)[] = [
    (wrong) => machine.current(wrong),
    (wrong) => machine.upcoming(wrong),
    (wrong) => machine.isSuspended(wrong),
    (wrong) => machine.aside(wrong, () => {}),
    (wrong) => machine.irqWork(wrong, { perform() {} }),
    (wrong) => machine.uninterrupted(wrong, () => {}),
  ];
  for (const call of calls) for (const wrong of [0, '0', null, undefined, { index: 0 }]) refuse(t, call, wrong, wanted);
  refuse(
    t,
    (work) => machine.irqWork(cpu, work),
    () => {},
    /work is an object with perform\(\), got .*; write/,
  );
  refuse(t, (action) => machine.aside(cpu, action), 5, /action is a function, got 5/);
  for (const wrong of ['0', 'length', 'map', 0.5, undefined]) {
    refuse(t, (index) => machine.cpu(index), wrong, /the number of a CPU is a whole number, such as 0, got/);
    refuse(t, (index) => breakpoints.registerCpu(watch, () => {}, index), wrong, /the number of a CPU is a whole/);
  }
  t.throws(() => machine.cpu(2), { code: 'HWBP_NO_SUCH_CPU' });
  refuse(t, (online) => machine.setOnline(1, online), undefined, /online is true or false, got undefined/);
});

test.serial('notifiers and hooks', (t) => {
  for (const wrong of [{}, 5, null]) {
    refuse(t, (one) => machine.dieChain.register(one), wrong, /notifier is a function, or an object with notify/);
  }
  for (const hooks of Object.values(machine.hooks))
    refuse(t, (hook) => hooks.add(hook), 5, /hook is a function, got 5/);
});

test.serial('registrations', (t) => {
  const byCpu = (options: never) => breakpoints.registerCpu(watch, () => {}, 0, options);
  const wide = (options: never) => breakpoints.registerWide(watch, () => {}, options);
  for (const call of [byCpu, wide]) {
    refuse(t, call, { owner: 5 }, /owner is a string, got 5/);
    refuse(t, call, { privileged: 'n' }, /privileged is true or false, got 'n'/);
    refuse(t, call, { uninstalled: 5 }, /uninstalled is a function, got 5/);
    refuse(t, call, { installed: 5 }, /installed is a function, got 5/);
    refuse(t, call, { cpu: 1 }, /a registration has no option 'cpu': only registerUser takes it/);
    refuse(t, call, 5, /the options of a registration are an object, got 5/);
  }
  const what = /breakpoint is a breakpoint, as registerUser and registerCpu return it, got/;
  for (const wrong of [{}, 5, null]) {
    refuse(t, (one) => breakpoints.modify(one, {}), wrong, what);
    refuse(t, (one) => breakpoints.enable(one), wrong, what);
    refuse(t, (one) => breakpoints.disable(one), wrong, what);
    refuse(t, (one) => breakpoints.unregister(one), wrong, what);
    refuse(t, (one) => breakpoints.modifyWide(one, {}), wrong, /wide is a wide breakpoint, as registerWide returns it/);
    refuse(t, (one) => breakpoints.unregisterWide(one), wrong, /wide is a wide breakpoint, as registerWide returns it/);
  }
  const one = breakpoints.registerCpu(watch, () => {}, 0);
  refuse(t, (changes) => breakpoints.modify(one, changes), 5, /changes of a modification are an object, got 5/);
  refuse(t, (options) => breakpoints.modify(one, {}, options), { privileged: 'n' }, /privileged is true or false/);
  breakpoints.unregister(one);
  breakpoints.unregister(one);
  t.is(breakpoints.registered.length, 0);
});

test.serial('how a task ends, whether somebody is told or not', (t) => {
  const child = machine.fork(task, nothing, { run: false });
  for (const [wrong, said] of [
    [0, /^how a task ends is \{ code: 0 \} or \{ signal: 'SIGKILL' \}, got it 0$/],
    [null, /got it null|got code undefined/],
    [{}, /got code undefined/],
    [{ code: 1.5 }, /got code 1\.5/],
    [{ signal: 'SIGNONE' }, /got signal 'SIGNONE'/],
    [{ code: 0, signal: 'SIGKILL' }, /got signal 'SIGKILL'/],
  ] as const) {
    refuse(t, (status) => machine.exit(child, status), wrong, said);
    refuse(t, (status) => machine.exitGroup(child, status), wrong, said);
  }
  t.true(child.alive);
  machine.exit(child, { signal: 'SIGRTMIN+1' });
  t.deepEqual(child.exit, { signal: 'SIGRTMIN+1' });
});
