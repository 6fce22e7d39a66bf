import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, flexible, HW_BREAKPOINT_W, KernelError, perfEvents, priorities, program } from '@hwbp/core';
import { type HwBreakpoint, KWATCH_ERRORS, Kwatch, type Watch } from '@hwbp/kwatch';
import test from 'ava';
import { fakeArch } from '../property/support/fake-arch.js';
import { KERNEL_DATA, Rig, USER_DATA } from './support.js';

const one = () => fakeArch({ data: 1, instruction: 1, shared: true });

test('the catalogue of errors', (t) => {
  t.deepEqual(KWATCH_ERRORS, { KWATCH_STOPPED: 'ENODEV', KWATCH_REGISTERED: 'EINVAL' });
});

test('composed with another slot policy: the error names both, and what to compose', (t) => {
  const error = (options: object) =>
    t.throws(() => composeKernel({ arch: x86(), plugins: [Kwatch], ...options }), { code: 'COMPOSE_MISSING_PART' });
  t.is(
    error({ slotPolicy: flexible() })?.message,
    "the plugin 'kwatch' needs 'Priorities', which nobody provides; the SlotPolicy here is that of 'flexible'; compose the kernel with slotPolicy: priorities()",
  );
  t.regex(error({})?.message ?? '', /'kwatch' needs 'Priorities'.*the SlotPolicy here is core's own;/);
});

test('a watch of the kernel: every CPU, those included that come later', (t) => {
  const rig = new Rig({ cpus: 3, offline: [2] });
  const watch = rig.wide('kernel', 0);
  const at = (cpu: number) => rig.registers(cpu)[3];
  t.deepEqual([at(0), at(1), at(2)], ['kwatch', 'kwatch', undefined]);
  rig.kernel.machine.setOnline(2, true);
  t.is(at(2), 'kwatch');
  rig.kernel.machine.setOnline(1, false);
  t.deepEqual([watch.status, rig.told()], [3, []]);
  rig.kwatch.unregister(watch);
  t.deepEqual([watch.status, at(0), at(2)], [0, undefined, undefined]);
  rig.kwatch.unregister(watch);
  rig.kwatch.unregister(undefined);
  t.deepEqual(rig.kwatch.watches, []);
});

test('a CPU that comes online has the watch in the register that it has everywhere, or it waits everywhere', (t) => {
  const rig = new Rig({ cpus: 2, offline: [1] });
  const first = rig.wide('first', 1);
  rig.wide('second', 1);
  rig.kwatch.unregister(first);
  rig.kernel.machine.setOnline(1, true);
  t.deepEqual(
    [rig.registers(0), rig.registers(1)].map((cpu) => cpu.indexOf('kwatch')),
    [2, 2],
  );
  rig.kernel.machine.setOnline(1, false);
  // A debugger takes every register of a CPU once that is there: whoever watches on every CPU has to wait.
  const small = new Rig({ arch: one(), cpus: 2, offline: [1] });
  const watch = small.wide('watch', 1);
  small.kernel.machine.setOnline(1, true);
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: KERNEL_DATA, bp_len: 4 };
  const reservation = small.kernel.breakpoints.debugger.reserve(attr, () => {}, 1, 'debugger');
  t.deepEqual([small.told(), watch.status, small.registers(0)], [['-watch'], 1, [undefined]]);
  small.kernel.machine.setOnline(1, false);
  t.deepEqual([small.told(), watch.status], [['+watch'], 3], 'where it had to wait is gone');
  small.kernel.machine.setOnline(1, true);
  t.deepEqual([small.told(), watch.status], [['-watch'], 1]);
  reservation?.release();
  t.deepEqual([small.told(), watch.status], [['+watch'], 3]);
  t.deepEqual([small.registers(0), small.registers(1)], [['kwatch'], ['kwatch']]);
});

test('a watch of a task: wherever that runs, until it exits or executes another program', (t) => {
  for (const end of ['exit', 'exec'] as const) {
    const rig = new Rig({ cpus: 2 });
    const { machine } = rig.kernel;
    const task = rig.task('task', USER_DATA);
    const other = rig.task('other', USER_DATA);
    const [watch, waiting] = [rig.user('user', task, 4), rig.user('on', other, 4)];
    machine.run(10_000);
    t.true(watch.hits > 0 && waiting.hits > 0);
    t.is(watch.task, task);
    rig.told();
    if (end === 'exit') machine.exit(task);
    else machine.exec(task, program([]));
    t.deepEqual([rig.told(), watch.status, waiting.status], [['-user'], 0, 3]);
    t.deepEqual(rig.kwatch.watches, [waiting]);
    t.throws(() => rig.user('kernel address', other, { address: KERNEL_DATA }), {
      code: 'HWBP_KERNEL_ADDRESS_PRIVILEGE',
    });
  }
});

test('owners are told in the middle of everything: they may unregister, register, and throw', (t) => {
  const rig = new Rig({ arch: one() });
  const { kwatch } = rig;
  const quitter: Watch = kwatch.registerKernel({
    ...rig.request('quitter', 1),
    uninstalled: (self) => kwatch.unregister(self),
  });
  const strong = rig.wide('strong', 5);
  t.deepEqual([quitter.status, strong.status], [0, 3]);
  let again: Watch | undefined;
  kwatch.registerKernel({
    ...rig.request('fighter', 6),
    uninstalled: () => {
      again = rig.wide('again', 9);
      throw new Error('on purpose');
    },
  });
  const stronger = rig.wide('stronger', 8);
  t.deepEqual(
    [strong.status, stronger.status, again?.status, rig.told()],
    [1, 1, 3, ['-strong']],
    'what the registration answers is not told as well',
  );
});

test('released means silent', (t) => {
  const rig = new Rig({ arch: one() });
  const task = rig.task('task', USER_DATA);
  const watch = rig.wide('watch', { priority: 1, address: USER_DATA });
  rig.kernel.machine.run(1);
  t.deepEqual(rig.told(), ['!watch']);
  rig.kwatch.unregister(watch);
  rig.wide('other', { priority: 5, address: USER_DATA });
  rig.kernel.machine.run(1);
  rig.kernel.machine.exit(task);
  t.deepEqual(rig.told(), ['!other']);
});

test('the calls of 2007: above 0 installed, 0 waiting, below 0 an errno', (t) => {
  const rig = new Rig({ arch: one() });
  const { calls } = rig.kwatch;
  const told: string[] = [];
  const bp = (priority: number, more: Partial<HwBreakpoint> = {}): HwBreakpoint => ({
    address: KERNEL_DATA,
    length: 4,
    type: HW_BREAKPOINT_W,
    priority,
    triggered: (self) => told.push(`! ${self.priority}`),
    installed: (self) => told.push(`+ ${self.priority} ${calls.status(self)}`),
    uninstalled: (self) => told.push(`- ${self.priority} ${calls.status(self)}`),
    ...more,
  });
  const [low, high] = [bp(1), bp(2)];
  t.is(calls.register_kernel_hw_breakpoint(high), 1);
  t.is(calls.register_kernel_hw_breakpoint(low), 0);
  t.deepEqual([calls.status(high), calls.status(low)], [3, 1]);
  t.is(calls.register_kernel_hw_breakpoint(high), -22, 'it is registered');
  t.is(calls.register_kernel_hw_breakpoint(bp(3, { type: 0 })), -22, 'EINVAL');
  t.is(calls.register_kernel_hw_breakpoint(bp(0, { waits: false })), -28, 'ENOSPC');
  const task = rig.task('task', USER_DATA);
  const user = bp(7, { address: USER_DATA });
  t.is(calls.register_user_hw_breakpoint(task, user), 1);
  rig.kernel.machine.run(1);
  calls.unregister_user_hw_breakpoint(task, user);
  calls.unregister_kernel_hw_breakpoint(high);
  t.deepEqual(told, ['- 2 1', '! 7', '+ 2 3', '+ 1 3']);
  t.deepEqual(
    [user, high, low].map((one) => calls.status(one)),
    [0, 0, 3],
  );
  calls.unregister_kernel_hw_breakpoint(high);
  t.is(calls.register_kernel_hw_breakpoint(high), 1, 'once more');
  rig.kwatch.stop();
  t.is(calls.register_kernel_hw_breakpoint(bp(1)), -19, 'ENODEV');
  t.throws(() => calls.register_kernel_hw_breakpoint(bp(1.5)), { instanceOf: TypeError });
});

test('misuse is a TypeError that names what is wrong', (t) => {
  const rig = new Rig();
  const bad = (more: object, message: RegExp) =>
    t.throws(() => rig.wide('bad', more), { instanceOf: TypeError, message });
  bad({ priority: 1.5 }, /priority.* is a whole number/);
  bad({ priority: 1, attitude: 'keep-ptrace' }, /a priority or an attitude/);
  bad({ attitude: 'rude' }, /attitude.* is 'break-ptrace', 'keep-ptrace' or 'step-aside'/);
  bad({ triggered: undefined }, /a watch needs triggered: a function/);
  bad({ address: undefined }, /a watch needs address: a bigint/);
  bad({ colour: 1 }, /colour/);
  t.throws(() => rig.kwatch.unregister({} as Watch), { instanceOf: TypeError, message: /watch is a watch, as/ });
});

test('priorities that the composition gives: to debuggers, which attitudes follow, and to an owner such as kwatch', (t) => {
  const rig = new Rig({ slotPolicy: priorities({ owners: { 'user debug registers': -7 } }) });
  t.is(rig.wide('x', { attitude: 'break-ptrace' }).priority, -6);
  const fixed = new Rig({ slotPolicy: priorities({ owners: { kwatch: 3 } }) });
  t.is(fixed.wide('x', 100).priority, 3);
  t.throws(() => priorities({ owners: { x: 0.5 } }), { message: /owners is an object of whole numbers by owner/ });
  t.throws(() => priorities({ counts: 'most' as 'maximum' }), { message: /'exact' or 'maximum'/ });
});

test('on ppc64: one watch of a user and one of the kernel share what there is, told before or after the access', (t) => {
  for (const cpu of ['power8', 'power10'] as const) {
    const rig = new Rig({ arch: ppc64({ cpu }), breakpointScheduler: perfEvents() });
    const address = 0xc000_0000_0200_0000n;
    const task = rig.task('task', USER_DATA);
    const kernel = rig.wide('kernel', { address, priority: 1 });
    const user = rig.user('user', task, 4);
    t.deepEqual([kernel.installed, user.installed], cpu === 'power8' ? [false, true] : [true, true]);
    rig.kernel.machine.run(4);
    t.is(user.hits, rig.told().filter((one) => one === '!user').length);
    t.true(user.hits > 0);
  }
});

test('an error of the breakpoint API comes through, and leaves nothing', (t) => {
  const rig = new Rig();
  const error = t.throws(() => rig.wide('odd', { address: KERNEL_DATA + 1n }), { instanceOf: KernelError });
  t.is(error?.code, 'HWBP_ARCH_INVALID');
  t.deepEqual([rig.kwatch.watches, rig.kernel.breakpoints.isUsed], [[], false]);
});
