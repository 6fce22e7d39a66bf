import { x86 } from '@hwbp/arch-x86';
import { composeKernel, EVENT_TYPE, eventOf, KernelError, type PmuFactory, perfEvents, SoftwarePmu } from '@hwbp/core';
import test from 'ava';
import { store } from '../ptrace/support.js';
import { A, EventsRig, states, variable } from './support.js';

test('a breakpoint of the core API is a pinned event that overflows at every hit', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  let hits = 0;
  const watch = rig.kernel.breakpoints.registerUser(
    { bp_type: 2, bp_addr: A, bp_len: 8 },
    () => {
      hits++;
    },
    worker.task,
  );
  const event = eventOf(watch);
  t.like(event, { pinned: true, samplePeriod: 1, task: worker.task, cpu: -1 });
  worker.store(A, 3);
  t.deepEqual([hits, watch.hits, event?.count], [3, 3, 3]);
});

test('what the direct scheduler refuses it can: a period, inheritance', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  let hits = 0;
  const watch = rig.kernel.breakpoints.registerUser(
    { bp_type: 2, bp_addr: A, bp_len: 8, sample_period: 3, inherit: true, pinned: false },
    () => {
      hits++;
    },
    worker.task,
  );
  const child = worker.fork();
  worker.store(A, 4);
  child.store(A, 3);
  t.deepEqual([hits, watch.hits], [2, 4]);
  const event = eventOf(watch);
  if (event === undefined) throw new Error('no event');
  t.is(rig.count(event), 7);
  rig.kernel.breakpoints.unregister(watch);
  child.store(A, 3);
  t.is(hits, 2);
  t.false(rig.kernel.breakpoints.isUsed);
});

test('modify keeps an event’s count, and what was refused changes nothing', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker);
  worker.store(A, 2);
  rig.events.modify(event, { bp_addr: variable(1) });
  worker.run(store(A, 8), store(variable(1), 8));
  t.is(rig.count(event), 3);
  const error = t.throws(() => rig.events.modify(event, { bp_len: 3 }), { instanceOf: KernelError });
  t.is(error.errno, 'EINVAL');
  worker.store(variable(1), 1);
  t.is(rig.count(event), 4);
  rig.events.modify(event, { disabled: true });
  t.deepEqual(states(event), ['OFF']);
  rig.events.modify(event, { disabled: false, bp_type: 3 });
  worker.store(variable(1), 1);
  t.is(rig.count(event), 5);
});

test('the errors of opening come in their order: no PMU, the PMU’s own, confirm, offline CPU, dead task, group', (t) => {
  const rig = new EventsRig({ offline: [1] });
  const worker = rig.worker();
  const dead = rig.worker();
  dead.exit();
  const leader = rig.watch(worker);
  const confirm = (): never => {
    throw new KernelError('TEST', 'EACCES', 'not allowed');
  };
  const open = (to: Parameters<EventsRig['watch']>[0], attr: object, options: object): string | undefined =>
    t.throws(() => rig.watch(to, attr, options), { instanceOf: KernelError })?.code;
  t.is(open(1, { type: 77, bp_type: 0 }, { confirm, leader }), 'EVENT_NO_PMU');
  t.is(open(1, { bp_type: 0 }, { confirm, leader }), 'HWBP_BAD_TYPE');
  t.is(open(1, { bp_len: 3 }, { confirm, leader }), 'HWBP_ARCH_INVALID');
  t.is(open(1, {}, { confirm, leader }), 'TEST');
  t.is(open(1, {}, { leader }), 'HWBP_CPU_OFFLINE');
  t.is(open(dead, {}, { leader }), 'HWBP_TASK_GONE');
  t.is(open(0, {}, { leader }), 'EVENT_BAD_GROUP');
  t.is(rig.events.all.size, 1);
  t.is(rig.kernel.breakpoints.registered.length, 1);
});

test('kernel addresses: EINVAL with exclude_kernel, EPERM without privilege', (t) => {
  const rig = new EventsRig();
  const bp_addr = 0xffff_ffff_8200_0000n;
  const code = (attr: object, options: object) =>
    t.throws(() => rig.watch(0, { bp_addr, ...attr }, options), { instanceOf: KernelError })?.code;
  t.is(code({ exclude_kernel: true }, { privileged: false }), 'HWBP_KERNEL_ADDRESS');
  t.is(code({}, { privileged: false }), 'HWBP_KERNEL_ADDRESS_PRIVILEGE');
  t.notThrows(() => rig.watch(0, { bp_addr }));
});

test('closing is for good and may be repeated; the owner’s name is in refusals', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, {}, { owner: 'profiler' });
  for (let n = 1; n < 4; n++) rig.watch(worker);
  const refusal = t.throws(() => rig.watch(worker), { code: 'HWBP_NO_SLOT' });
  t.regex(refusal.message, /profiler for task worker-\d+/);
  rig.events.close(event);
  rig.events.close(event);
  rig.events.enable(event);
  rig.events.disable(event);
  t.deepEqual(states(event), ['DEAD']);
  worker.store(A, 1);
  t.is(rig.count(event), 0);
});

test('a handler that throws: told, the count is right, and the run goes on', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(
    worker,
    { sample_period: 1 },
    {
      handler() {
        throw new Error('planted');
      },
    },
  );
  let wakeups = 0;
  event.wakeup = () => {
    wakeups++;
  };
  worker.store(A, 3);
  t.deepEqual([rig.count(event), wakeups], [3, 3]);
});

test('events that a handler closes, disables and opens in the middle of an exception', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const second = rig.watch(worker);
  const first = rig.watch(
    worker,
    { sample_period: 1 },
    {
      handler: () => {
        rig.events.close(second);
        rig.events.disable(first);
        rig.watch(worker, { bp_addr: variable(1) });
      },
    },
  );
  worker.run(store(A, 8), store(A, 8), store(variable(1), 8));
  t.deepEqual(states(first, second), ['OFF', 'DEAD']);
  t.is(rig.count(first), 1);
  t.deepEqual(
    [...rig.events.all].map((event) => rig.count(event)),
    [1, 1],
  );
});

test('perfEvents refuses a sample rate that is none', (t) => {
  for (const sampleRate of [0, -1, 0.5, Number.NaN]) {
    t.throws(() => perfEvents({ sampleRate }), { instanceOf: TypeError, message: /sampleRate is a whole number/ });
  }
});

test('a PMU of one’s own is found by its type, beside those that come along', (t) => {
  const rig = new EventsRig();
  t.deepEqual(
    rig.events.pmus.map(({ name, type, kind }) => [name, type, kind]),
    [
      ['breakpoint', EVENT_TYPE.BREAKPOINT, 'software'],
      ['software', EVENT_TYPE.SOFTWARE, 'software'],
    ],
  );
});

test('disposing the kernel closes every event and gives back every slot', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const events = [
    rig.watch(worker, { inherit: true }),
    rig.watch(0),
    rig.open(0, { type: EVENT_TYPE.SOFTWARE, config: 9 }),
  ];
  worker.fork();
  rig.kernel.dispose();
  t.deepEqual(states(...events), ['DEAD', 'DEAD', 'DEAD']);
  t.is(rig.events.all.size, 0);
  t.false(rig.kernel.breakpoints.isUsed);
});

test('two PMUs of one type are refused, both named', (t) => {
  const twin: PmuFactory = (host) => new SoftwarePmu(host);
  const compose = (): unknown => composeKernel({ arch: x86(), breakpointScheduler: perfEvents({ pmus: [twin] }) });
  t.throws(compose, { instanceOf: TypeError, message: /software and software are both of type 1/ });
});

test('a breakpoint that is disabled stays off when its task exits', (t) => {
  const rig = new EventsRig();
  const { breakpoints, machine } = rig.kernel;
  const worker = rig.worker({ affinity: [0] });
  const watch = breakpoints.registerUser({ bp_type: 2, bp_addr: A, bp_len: 8 }, () => {}, worker.task);
  breakpoints.disable(watch);
  machine.exit(worker.task);
  t.deepEqual([watch.state, watch.attr.disabled], ['off', true]);
  breakpoints.unregister(watch);
});
