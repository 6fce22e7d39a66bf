import { x86 } from '@hwbp/arch-x86';
import { type KernelOptions, priorities, USER_DEBUGGERS } from '@hwbp/core';
import type { Watch } from '@hwbp/kwatch';
import { Ptrace } from '@hwbp/ptrace';
import { fakeArch } from '../property/support/fake-arch.js';
import { both } from './both.js';
import { KERNEL_DATA, Rig, USER_DATA } from './support.js';

/*
 * The sentences of the kwatch thread of February 2007 (docs/sources.md, rows 002-6 to 002-11): who gets which register,
 * and who is told. The scenario of 002-9 is played line by line in examples/src/kwatch.
 */

const PTRACE = 4;

both(
  '002-6: any user of register n makes a weaker kernel request give it up on all CPUs; a stronger one takes it',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, arch: fakeArch({ data: 1, instruction: 1, shared: true }), cpus: 3 });
    rig.wide('weak', 1);
    const task = rig.task('user');
    const user = rig.user('user', task, PTRACE);
    t.deepEqual(rig.told(), ['-weak'], 'although the task does not run, and could run on one CPU only');
    t.deepEqual(
      [0, 1, 2].map((cpu) => rig.registers(cpu)),
      [[undefined], [undefined], [undefined]],
    );
    const strong = rig.wide('strong', 7);
    t.deepEqual(rig.told(), ['-user']);
    t.deepEqual(
      [0, 1, 2].map((cpu) => rig.registers(cpu)),
      [['kwatch'], ['kwatch'], ['kwatch']],
    );
    t.deepEqual([strong.installed, user.installed], [true, false]);
    rig.kwatch.unregister(strong);
    t.deepEqual(rig.told(), ['+user']);
    rig.kwatch.unregister(user);
    t.deepEqual(rig.told(), ['+weak']);
  },
);

both('002-7: attitudes: break ptrace, do not, step aside on demand', (t, scheduler) => {
  const rig = new Rig({ ...scheduler, plugins: [Ptrace] });
  const { kernel } = rig;
  const tracer = kernel.get(Ptrace).tracer();
  const task = rig.task('tracee');
  tracer.attach(task);
  tracer.wait(task);
  const states = (): (string | undefined)[] =>
    kernel.breakpoints.registered.filter(({ owner }) => owner === USER_DEBUGGERS).map(({ state }) => state);
  const poke = (register: number): void => tracer.pokeUser(task, tracer.debugOffset(register), USER_DATA);
  rig.wide('keeps', { attitude: 'keep-ptrace' });
  rig.wide('steps aside', { attitude: 'step-aside' });
  rig.wide('steps aside, too', {});
  t.deepEqual(
    rig.kwatch.watches.map(({ priority }) => priority),
    [PTRACE, PTRACE - 1, PTRACE - 1],
  );
  for (const register of [0, 1]) poke(register);
  t.deepEqual(rig.told(), ['-steps aside, too'], 'the second debug register was the last free one');
  poke(2);
  t.deepEqual(rig.told(), ['-steps aside']);
  poke(3);
  t.deepEqual(rig.told(), [], 'one that keeps ptrace is not broken by it either');
  t.deepEqual(states(), ['off', 'off', 'off', 'waiting']);
  rig.wide('keeps, too', { attitude: 'keep-ptrace' });
  t.deepEqual(states(), ['off', 'off', 'off', 'waiting'], 'nor does it break ptrace');
  rig.wide('breaks', { attitude: 'break-ptrace' });
  t.deepEqual(rig.told(), ['-keeps'], 'of equals the one in the highest register');
  rig.wide('breaks, too', { attitude: 'break-ptrace' });
  t.deepEqual(states(), ['off', 'off', 'waiting', 'waiting']);
  t.deepEqual(
    rig.kwatch.watches.map(({ installed }) => installed),
    [false, false, false, false, true, true],
  );
});

both(
  '002-8: told when the register is taken, and when it is available again, also from a context switch',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, arch: fakeArch({ data: 1, instruction: 1, shared: true }) });
    const { machine } = rig.kernel;
    const said: string[] = [];
    let switching = false;
    const say = (what: string) => (): void => {
      said.push(switching ? `${what} in a context switch` : what);
    };
    const kernel = rig.wide('kernel', { priority: 1, installed: say('installed'), uninstalled: say('uninstalled') });
    const [a, b] = [rig.task('A', USER_DATA), rig.task('B', USER_DATA)];
    let user: Watch | undefined;
    // A needs the register while it runs: it is asked for as A is switched in, and given back as A is switched out.
    machine.hooks.contextSwitch.add((_, previous, next) => {
      switching = true;
      if (previous === a) rig.kwatch.unregister(user);
      if (next === a) user = rig.user('user', a, PTRACE);
      switching = false;
    });
    machine.run(2);
    t.is(machine.current(machine.cpu(0)), a);
    t.deepEqual(said.splice(0), ['uninstalled in a context switch']);
    t.deepEqual([user?.hits, kernel.installed], [2, false]);
    machine.schedule(0);
    machine.run(2);
    t.is(machine.current(machine.cpu(0)), b);
    t.deepEqual(said.splice(0), ['installed in a context switch']);
    t.deepEqual([kernel.installed, rig.registers()], [true, ['kwatch']]);
    const strong = rig.wide('strong', 2);
    rig.kwatch.unregister(strong);
    t.deepEqual(said, ['uninstalled', 'installed'], 'and outside of one');
  },
);

both(
  '002-9: two users of DR1, low and high: a middle kernel request has to wait, or is refused; it succeeds once the high one exits, although the low one stays',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, cpus: 2 });
    // Others hold DR3 and DR2 (kernel) and DR0 (both processes).
    for (const name of ['kernel 0', 'kernel 1']) rig.wide(name, 9);
    const [a, b] = [rig.task('A'), rig.task('B')];
    rig.user('A in DR0', a, 6);
    const high = rig.user('A in DR1', a, 6);
    rig.user('B in DR0', b, 6);
    const low = rig.user('B in DR1', b, 1);
    t.deepEqual(
      [...rig.priorities.users(1).counts],
      [
        [6, 1],
        [1, 1],
      ],
    );
    t.is(rig.priorities.users(1).effective, 6);
    const refused = t.throws(() => rig.wide('impatient', { priority: 4, waits: false }), { code: 'HWBP_NO_SLOT' });
    t.regex(
      refused?.message ?? '',
      /no register of 4 has only holders of a priority below its own 4: .*kwatch for task A/,
    );
    const middle = rig.wide('middle', 4);
    t.deepEqual([middle.status, high.status, low.status], [1, 3, 3]);
    t.deepEqual(rig.told(), [], 'nobody was disturbed');
    rig.kernel.machine.exit(a);
    t.deepEqual(rig.told(), ['-B in DR1', '+middle', '-A in DR0', '-A in DR1'], 'at that moment');
    t.deepEqual([middle.status, high.status, low.status], [3, 0, 1]);
    t.deepEqual(rig.registers(1), [undefined, 'kwatch', 'kwatch', 'kwatch']);
    t.true(b.alive);
    rig.kwatch.unregister(middle);
    t.deepEqual(rig.told(), ['+B in DR1'], 'the low one gets its register back');
  },
);

both(
  '002-9: the same with processes of a debugger: the tracee that exits takes its debug registers along',
  (t, scheduler) => {
    const arch = x86();
    const rig = new Rig({ ...scheduler, arch, plugins: [Ptrace] });
    for (const name of ['kernel 0', 'kernel 1', 'kernel 2']) rig.wide(name, 9);
    const tracer = rig.kernel.get(Ptrace).tracer();
    const [a, b] = [rig.task('A'), rig.task('B')];
    tracer.attach(a);
    tracer.wait(a);
    tracer.pokeUser(a, tracer.debugOffset(1), USER_DATA);
    const low = rig.user('low', b, 1);
    const middle = rig.wide('middle', 3);
    t.deepEqual([middle.installed, low.installed], [false, true]);
    rig.kernel.machine.exit(a);
    t.deepEqual([middle.installed, low.installed], [true, false]);
    t.deepEqual(rig.told(), ['-low', '+middle']);
  },
);

both('002-10: exact counts for each slot and level fall to the highest user that is left', (t, scheduler) => {
  const { rig, leave, middle } = crowd({ ...scheduler, slotPolicy: priorities() });
  t.deepEqual([...rig.priorities.users(0).counts].sort(), [
    [1, 1],
    [5, 2],
    [6, 1],
  ]);
  t.deepEqual([leave(6), middle.installed], [5, false]);
  t.deepEqual([leave(5), middle.installed], [5, false], 'one of two of that level');
  t.deepEqual([leave(5), middle.installed], [undefined, true], 'the low one had to make room');
  t.deepEqual(rig.told(), ['-6', '-5', '-1', '+middle', '-5']);
});

both('002-10: the alternative: a maximum that only falls when the last user goes', (t, scheduler) => {
  const { rig, leave, middle } = crowd({ ...scheduler, slotPolicy: priorities({ counts: 'maximum' }) });
  t.deepEqual([leave(6), middle.installed], [6, false]);
  t.deepEqual([leave(5), middle.installed], [6, false]);
  t.deepEqual([leave(5), middle.installed], [6, false], 'the low one alone: exact counts would grant it here');
  t.deepEqual([leave(1), middle.installed], [undefined, true]);
  t.deepEqual(rig.told(), ['-6', '-5', '-5', '+middle', '-1']);
});

both(
  '002-11: processes that need the register and do not run keep it from the kernel, on every CPU',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, arch: fakeArch({ data: 1, instruction: 1, shared: true }), cpus: 2 });
    const { machine } = rig.kernel;
    const idle = rig.task('idle');
    rig.user('user', idle, PTRACE);
    const kernel = rig.wide('kernel', { priority: 1, address: USER_DATA });
    rig.task('other', USER_DATA);
    machine.run(4);
    t.deepEqual([kernel.installed, kernel.hits], [false, 0]);
    t.deepEqual(rig.told(), [], 'nothing changes as others run');
  },
);

both(
  '002-11: a process that begins to need the register, or begins to run without it, finds things as they are',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, arch: fakeArch({ data: 1, instruction: 1, shared: true }) });
    const { machine } = rig.kernel;
    const task = rig.task('user', USER_DATA);
    const kernel = rig.wide('kernel', { priority: 1, address: USER_DATA });
    machine.run(2);
    t.is(kernel.hits, 2);
    const user = rig.user('user', task, PTRACE);
    machine.run(2);
    t.deepEqual([kernel.hits, user.hits], [2, 2], 'it begins to need the register as it runs');
    // A stronger request comes while the process does not run: it begins to run again without its register.
    rig.task('other', KERNEL_DATA);
    machine.schedule(0);
    machine.run(1);
    t.not(machine.current(machine.cpu(0)), task);
    const strong = rig.wide('strong', 7);
    machine.schedule(0);
    machine.run(2);
    t.is(machine.current(machine.cpu(0)), task);
    t.deepEqual([user.hits, user.status], [2, 1]);
    rig.kwatch.unregister(strong);
    machine.run(2);
    t.deepEqual([user.hits, user.status], [4, 3], 'and gets it back as it runs');
  },
);

/**
 * Processes of priority 6, 5, 5 and 1 that use the only register, and a request of the kernel of priority 4 that waits.
 */
function crowd(options: Partial<KernelOptions>) {
  const rig = new Rig({ ...options, arch: fakeArch({ data: 1, instruction: 1, shared: true }) });
  const tasks = [6, 5, 5, 1].map((priority) => {
    const task = rig.task(`of priority ${priority}`);
    rig.user(String(priority), task, priority);
    return { task, priority };
  });
  const middle = rig.wide('middle', 4);
  /** A process of that priority exits; what a request of the kernel has to exceed then. */
  const leave = (priority: number): number | undefined => {
    const at = tasks.findIndex((one) => one.priority === priority);
    for (const { task } of tasks.splice(at, 1)) rig.kernel.machine.exit(task);
    return rig.priorities.users(0).effective;
  };
  return { rig, leave, middle };
}
