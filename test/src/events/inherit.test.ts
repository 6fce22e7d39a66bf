import {
  defineSlotPolicy,
  flexible,
  KernelError,
  linuxSlotPolicy,
  type PmuEvent,
  type SlotClaim,
  type SlotPolicyPlugin,
} from '@hwbp/core';
import test from 'ava';
import { counter, counterPmu } from './counter-pmu.js';
import { A, EventsRig, Overflows, states, variable } from './support.js';

const INHERIT = { inherit: true };
const INHERIT_THREAD = { inherit: true, inherit_thread: true };

test('three threads and the task itself write once: an inherited event counts 4, another 1', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const inherited = rig.watch(worker, INHERIT);
  const own = rig.watch(worker);
  const threads = [0, 1, 2].map(() => worker.fork({ thread: true }));
  for (const one of [worker, ...threads]) one.store();
  t.deepEqual(rig.counts(inherited, own), [4, 1]);
  for (const thread of threads) thread.exit();
  t.deepEqual(rig.counts(inherited, own), [4, 1], 'what they counted was added');
  t.deepEqual(inherited.children, []);
});

test('children of children: every one is linked to the event that was opened', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  const child = worker.fork();
  const grandchild = child.fork();
  t.is(event.children.length, 2);
  t.true(event.children.every(({ parent }) => parent === event));
  child.exit();
  grandchild.store(A, 3);
  t.is(rig.count(event), 3);
});

test('inherit_thread: threads inherit, processes do not', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT_THREAD);
  const child = worker.fork();
  const thread = worker.fork({ thread: true });
  child.store(A, 10);
  thread.store(A, 1);
  t.is(rig.count(event), 1);
  t.is(event.children.length, 1);
});

test('a child’s state follows its parent’s event: enabled counts, off is off, until it is enabled with the children', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const on = rig.watch(worker, { ...INHERIT, disabled: true });
  rig.events.enable(on);
  const off = rig.watch(worker, INHERIT);
  rig.events.disable(off);
  const child = worker.fork();
  child.store(A, 2);
  t.deepEqual(rig.counts(on, off), [2, 0]);
  rig.events.enable(off);
  rig.events.disable(on);
  child.store(A, 3);
  t.deepEqual(rig.counts(on, off), [2, 3], 'enable and disable act on children too');
});

test('children count by attr, period, handler and listener of their parent, each with a phase of its own', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { ...INHERIT, sample_period: 3 }, { handler: overflows.handler });
  const wakeups: PmuEvent[] = [];
  event.wakeup = (one) => wakeups.push(one);
  const born: boolean[] = [];
  event.listener = { throttled() {}, child: (_parent, _child, isBorn) => born.push(isBorn) };
  worker.store(A, 2);
  const child = worker.fork();
  child.store(A, 2);
  worker.store(A, 1);
  t.deepEqual(overflows.counts, [3]);
  child.store(A, 1);
  t.deepEqual(
    overflows.seen.map(({ event: one }) => one.parent),
    [undefined, event],
  );
  t.deepEqual(
    wakeups.map(({ task }) => task),
    [worker.task, child.task],
  );
  child.exit();
  t.deepEqual(born, [true, false]);
});

test('times of children are added too, while they live and when they have ended', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  const child = worker.fork();
  const before = rig.read(event);
  worker.store(A, 10);
  child.store(A, 7);
  const { enabled, running } = rig.read(event);
  t.deepEqual([enabled - before.enabled, running - before.running], [17_000, 17_000]);
  child.exit();
  t.deepEqual([rig.read(event).enabled, rig.read(event).running], [enabled, running]);
});

test('reset zeroes living children, and not what ended ones have left', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  const [dead, alive] = [worker.fork(), worker.fork()];
  dead.store(A, 5);
  dead.exit();
  alive.store(A, 3);
  worker.store(A, 1);
  rig.events.reset(event);
  t.is(rig.count(event), 5);
});

test('groups are inherited as groups', (t) => {
  const made = counterPmu(2);
  const rig = new EventsRig({ engine: { pmus: [made.factory] } });
  const worker = rig.worker();
  const leader = rig.open(worker, counter(1, INHERIT));
  const member = rig.open(worker, counter(2, INHERIT), { leader });
  const child = worker.fork();
  const [childLeader] = leader.children;
  const [childMember] = member.children;
  t.is(childMember?.leader, childLeader);
  t.deepEqual(childLeader?.siblings, [childMember]);
  made.pmu.counters = 1;
  made.pmu.take();
  child.run({});
  t.is(made.pmu.take(), '+1 !2 -1', 'all or nothing, as the parent’s');
});

test('closing the event closes what children inherited, with their slots', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  const child = worker.fork();
  t.is(rig.kernel.breakpoints.registered.length, 2);
  child.call(() => rig.events.close(event));
  t.deepEqual(rig.registers(), [undefined, undefined, undefined, undefined]);
  t.is(rig.kernel.breakpoints.registered.length, 0);
  t.false(rig.kernel.breakpoints.isUsed);
  t.is(rig.events.all.size, 0);
});

test('inherited breakpoints hold slots of the child until it exits', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  for (let n = 0; n < 3; n++) rig.watch(worker, { ...INHERIT, bp_addr: variable(n) });
  const child = worker.fork();
  rig.watch(child);
  t.throws(() => rig.watch(child), { code: 'HWBP_NO_SLOT' });
  t.throws(() => rig.watch(0), { code: 'HWBP_NO_SLOT' });
  const [own] = [...rig.events.all].filter((event) => event.task === child.task && event.parent === undefined);
  if (own === undefined) throw new Error('not opened');
  rig.events.close(own);
  child.exit();
  t.notThrows(() => rig.watch(0));
});

/** Linux's policy, and at most so many claims in all: it can refuse a child what its parent has. */
const atMost = (limit: number): SlotPolicyPlugin =>
  defineSlotPolicy(`at most ${limit}`, (host) => {
    const linux = linuxSlotPolicy().create(host);
    const holders = new Set<SlotClaim>();
    return {
      name: `at most ${limit}`,
      reserve(claim) {
        if (holders.size >= limit) return { outcome: 'refused', used: holders.size, limit, holders: [...holders] };
        const admission = linux.reserve(claim);
        if (admission.outcome === 'granted') holders.add(claim);
        return admission;
      },
      change: (claim, slotClass) => linux.change(claim, slotClass),
      release(claim) {
        holders.delete(claim);
        return linux.release(claim);
      },
      place: (claim, occupied) => linux.place(claim, occupied),
      get isUsed() {
        return linux.isUsed;
      },
    };
  });

test('a fork for which a slot is missing fails with ENOSPC: no child, no slots, no events, and the parent as before', (t) => {
  const rig = new EventsRig({ slotPolicy: atMost(5) });
  const worker = rig.worker();
  const leader = rig.watch(worker, INHERIT);
  const events = [leader, rig.watch(worker, INHERIT, { leader }), rig.watch(worker, INHERIT)];
  const state = () => ({
    tasks: [...rig.machine.tasks.keys()],
    registered: rig.kernel.breakpoints.registered.length,
    events: rig.events.all.size,
    children: events.map(({ children }) => children.length),
  });
  const before = state();
  // Two of three get a slot.
  const error = t.throws(() => worker.fork(), { instanceOf: KernelError, code: 'HWBP_NO_SLOT' });
  t.is(error.errno, 'ENOSPC');
  t.deepEqual(state(), before);
  worker.store(A, 2);
  t.deepEqual(rig.counts(...events), [2, 2, 2]);
  t.notThrows(() => [rig.watch(rig.worker()), rig.watch(rig.worker())], 'what the child had was given back');
});

test('a fork that another PMU refuses: likewise', (t) => {
  const made = counterPmu(8);
  const rig = new EventsRig({ engine: { pmus: [made.factory] } });
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  rig.open(worker, counter(1, INHERIT));
  made.pmu.refusal = new KernelError('TEST', 'ENOMEM', 'no memory for children');
  t.throws(() => worker.fork(), { is: made.pmu.refusal });
  t.deepEqual([rig.kernel.breakpoints.registered.length, rig.events.all.size, made.pmu.alive], [1, 2, 1]);
  made.pmu.refusal = undefined;
  worker.fork().store(A, 2);
  t.is(rig.count(event), 2);
});

test('a fork with flexible breakpoints: the child’s share the registers too', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible() });
  const worker = rig.worker();
  const watches = Array.from({ length: 6 }, (_, n) => rig.watch(worker, { ...INHERIT, bp_addr: variable(n) }));
  const child = worker.fork();
  child.store(variable(0), 3);
  t.is(rig.count(watches[0] ?? rig.watch(worker)), 3);
});

// --- exec ---

test('enable_on_exec: the next exec enables it, once, and at once', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, { disabled: true, enable_on_exec: true });
  worker.store(A, 2);
  worker.call(() => {});
  worker.exec();
  worker.store(A, 3);
  t.is(rig.count(event), 3);
  rig.events.disable(event);
  worker.exec();
  worker.store(A, 4);
  t.deepEqual([rig.count(event), ...states(event)], [3, 'OFF'], 'not the one after that');
});

test('enable_on_exec of a group and of what children inherited', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const attr = { disabled: true, enable_on_exec: true, inherit: true };
  const leader = rig.watch(worker, attr);
  const member = rig.watch(worker, attr, { leader });
  const child = worker.fork();
  child.store(A, 1);
  child.exec();
  child.store(A, 2);
  t.deepEqual(rig.counts(leader, member), [2, 2]);
  worker.store(A, 5);
  t.deepEqual(rig.counts(leader, member), [2, 2], 'the parent has not called exec');
});

test('exec leaves other events as they are; remove_on_exec ends one, which can still be read', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const stays = rig.watch(worker);
  const goes = rig.watch(worker, { remove_on_exec: true });
  worker.store(A, 2);
  worker.exec();
  t.deepEqual(states(stays, goes), ['INACTIVE', 'EXIT']);
  worker.store(A, 3);
  t.deepEqual(rig.counts(stays, goes), [5, 2]);
  rig.events.enable(goes);
  t.deepEqual(states(goes), ['EXIT'], 'enabling does nothing');
  // It holds its slot until it is closed.
  rig.watch(worker);
  rig.watch(worker);
  t.throws(() => rig.watch(worker), { code: 'HWBP_NO_SLOT' });
  rig.events.close(goes);
  t.notThrows(() => rig.watch(worker));
});

test('exec of a task with threads: their counts are added before the exec is over', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, INHERIT);
  const thread = worker.fork({ thread: true });
  thread.store(A, 2);
  worker.exec();
  t.deepEqual(event.children, []);
  worker.store(A, 1);
  t.is(rig.count(event), 3);
});

// --- exit ---

test('a task that ends: its events can be read, enabled and modified without effect, and hold their slots until they are closed', (t) => {
  const rig = new EventsRig();
  const [worker, other] = [rig.worker(), rig.worker()];
  const events = [0, 1, 2, 3].map(() => rig.watch(worker));
  worker.store(A, 4);
  worker.exit();
  t.deepEqual(new Set(states(...events)), new Set(['EXIT']));
  t.deepEqual(rig.counts(...events), [4, 4, 4, 4]);
  for (const event of events) {
    rig.events.enable(event);
    rig.events.disable(event);
    rig.events.modify(event, { bp_addr: 0x5000n });
    rig.events.reset(event);
  }
  t.deepEqual(new Set(states(...events)), new Set(['EXIT']));
  t.deepEqual(rig.counts(...events), [0, 0, 0, 0]);
  t.throws(() => rig.watch(0), { code: 'HWBP_NO_SLOT' }, 'the dead task is still the busiest');
  t.notThrows(() => rig.events.close(rig.watch(other)));
  for (const event of events) rig.events.close(event);
  t.notThrows(() => rig.watch(0));
  t.is(rig.events.all.size, 1);
});

test('an event for a task that has ended cannot be opened: ESRCH', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  worker.exit();
  const error = t.throws(() => rig.watch(worker), { instanceOf: KernelError, code: 'HWBP_TASK_GONE' });
  t.is(error.errno, 'ESRCH');
  t.false(rig.kernel.breakpoints.isUsed);
});

test('a member of a dead task’s group stops with its leader, and closing the leader does not wake it', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker);
  const member = rig.watch(worker, {}, { leader });
  worker.store(A, 1);
  worker.call(() => rig.machine.exit(worker.task));
  t.deepEqual(states(leader, member), ['EXIT', 'EXIT']);
  rig.events.close(leader);
  t.deepEqual(states(member), ['EXIT']);
  t.is(rig.count(member), 1);
});
