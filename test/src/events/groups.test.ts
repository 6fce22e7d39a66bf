import { EVENT_TYPE, KernelError, SOFTWARE_EVENT } from '@hwbp/core';
import test from 'ava';
import { counter, counterRig } from './counter-pmu.js';
import { A, EventsRig, states, variable } from './support.js';

const CPU_0 = 0;
const DUMMY = { type: EVENT_TYPE.SOFTWARE, config: SOFTWARE_EVENT.DUMMY };

test('a group goes on as a whole: leader first, then members in the order of joining', (t) => {
  const { rig, pmu } = counterRig(3);
  const worker = rig.worker();
  const leader = rig.open(worker, counter(1));
  for (const config of [2, 3]) rig.open(worker, counter(config), { leader });
  worker.run({});
  t.is(pmu.take(), '+1 +2 +3 -1 -2 -3');
});

test('a group that does not fit goes on with none of its members', (t) => {
  const { rig, pmu } = counterRig(2);
  const worker = rig.worker();
  const leader = rig.open(worker, counter(1));
  const members = [2, 3].map((config) => rig.open(worker, counter(config), { leader }));
  worker.call(() => {
    t.is(pmu.take(), '+1 +2 !3 -1 -2');
    t.deepEqual(states(leader, ...members), ['INACTIVE', 'INACTIVE', 'INACTIVE']);
  });
});

test('a breakpoint in a group that does not fit is in no register either', (t) => {
  const { rig } = counterRig(0);
  const worker = rig.worker();
  const leader = rig.watch(worker);
  rig.open(worker, counter(1), { leader });
  worker.store(A, 3);
  worker.call(() => t.deepEqual(rig.registers(), [undefined, undefined, undefined, undefined]));
  t.is(rig.count(leader), 0);
});

test('a member that is off is left out; enabled, it goes on if its leader is on', (t) => {
  const { rig, pmu } = counterRig(4);
  const worker = rig.worker();
  const leader = rig.open(worker, counter(1, { disabled: true }));
  const member = rig.open(worker, counter(2, { disabled: true }), { leader });
  worker.call(() => {
    rig.events.enable(member);
    t.deepEqual(states(leader, member), ['OFF', 'INACTIVE'], 'the leader gates it');
    t.is(pmu.take(), '');
    rig.events.enable(leader);
    t.deepEqual(states(leader, member), ['ACTIVE', 'ACTIVE']);
    rig.events.disable(member);
    t.deepEqual(states(leader, member), ['ACTIVE', 'OFF']);
    rig.events.enable(member);
    t.deepEqual(states(leader, member), ['ACTIVE', 'ACTIVE']);
    rig.events.disable(leader);
    t.deepEqual(states(leader, member), ['OFF', 'INACTIVE'], 'its own state stays');
    t.deepEqual(pmu.configs(), []);
  });
});

test('a member that is enabled while its leader waits for room moves nothing', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  rig.open(worker, counter(1));
  const leader = rig.open(worker, counter(2));
  const member = rig.open(worker, counter(3, { disabled: true }), { leader });
  worker.call(() => {
    pmu.take();
    rig.events.enable(member);
    t.is(pmu.take(), '');
    t.deepEqual(states(leader, member), ['INACTIVE', 'INACTIVE']);
  });
});

test('hits of a member count only while its leader is enabled', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker);
  const member = rig.watch(worker, { bp_addr: variable(1) }, { leader });
  worker.store(variable(1), 2);
  rig.events.disable(leader);
  worker.store(variable(1), 3);
  t.deepEqual(rig.counts(leader, member), [0, 2]);
  rig.events.enable(leader);
  worker.store(variable(1), 4);
  worker.store(A, 5);
  t.deepEqual(rig.counts(leader, member), [5, 6]);
});

test('enable, disable and reset with the group flag act on the leader and all members, whichever of them is named', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker, { disabled: true });
  const members = [0, 0].map(() => rig.watch(worker, { disabled: true }, { leader }));
  const [first = leader, second = leader] = members;
  rig.events.enable(second, true);
  worker.store(A, 2);
  t.deepEqual(rig.counts(leader, first, second), [2, 2, 2]);
  rig.events.reset(first, true);
  t.deepEqual(rig.counts(leader, first, second), [0, 0, 0]);
  rig.events.disable(first, true);
  t.deepEqual(states(leader, first, second), ['OFF', 'OFF', 'OFF']);
  rig.events.enable(leader);
  t.deepEqual(states(leader, first, second), ['INACTIVE', 'OFF', 'OFF'], 'without the flag: one');
});

test('closing the leader makes singles of the members: same context, same state, same counts', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker);
  const [on, off] = [rig.watch(worker, {}, { leader }), rig.watch(worker, { disabled: true }, { leader })];
  worker.store(A, 2);
  worker.call(() => {
    rig.events.close(leader);
    t.deepEqual(states(leader, on, off), ['DEAD', 'ACTIVE', 'OFF']);
  });
  t.is(on.leader, on);
  t.deepEqual(leader.siblings, []);
  rig.events.enable(off);
  worker.store(A, 3);
  t.deepEqual(rig.counts(on, off), [5, 3]);
  const next = rig.watch(worker, {}, { leader: off });
  t.is(next.leader, off, 'they can lead groups of their own');
});

test('members of a closed leader are no longer gated by it: one that waited for a disabled leader counts', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker, { disabled: true });
  const member = rig.watch(worker, {}, { leader });
  worker.store(A, 1);
  t.is(rig.count(member), 0);
  rig.events.close(leader);
  worker.store(A, 2);
  t.is(rig.count(member), 2);
});

test('members of a closed leader are tried as its group was: a software one of a hardware group waits where hardware is crowded', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const first = rig.open(worker, counter(2));
  const waiting = rig.open(worker, counter(3, { disabled: true }));
  const leader = rig.open(worker, counter(1));
  const member = rig.open(worker, DUMMY, { leader });
  rig.events.close(leader);
  worker.call(() => t.deepEqual(states(member), ['ACTIVE']));
  rig.events.enable(waiting);
  worker.call(() => {
    t.deepEqual(pmu.configs(), [2]);
    t.deepEqual(states(first, waiting, member), ['ACTIVE', 'INACTIVE', 'INACTIVE']);
  });
});

test('closing a member takes it alone', (t) => {
  const { rig, pmu } = counterRig(2);
  const worker = rig.worker();
  const leader = rig.open(worker, counter(1));
  const member = rig.open(worker, counter(2), { leader });
  worker.call(() => {
    pmu.take();
    rig.events.close(member);
    t.is(pmu.take(), '-2');
    t.deepEqual(states(leader, member), ['ACTIVE', 'DEAD']);
  });
  t.is(pmu.alive, 1);
});

test('a software event may join a group of hardware; its group is then tried as hardware', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  rig.open(worker, counter(1));
  const leader = rig.open(worker, counter(2));
  const clock = rig.open(worker, DUMMY, { leader });
  worker.call(() => {
    t.deepEqual(states(leader, clock), ['INACTIVE', 'INACTIVE']);
    pmu.counters = 2;
    rig.open(worker, counter(3, { disabled: true }));
    rig.events.disable(leader);
    rig.events.enable(leader);
    t.deepEqual(states(leader, clock), ['ACTIVE', 'ACTIVE']);
  });
});

test('adding a hardware event to a group of software makes the whole group wait for hardware', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const leader = rig.watch(worker);
  const other = rig.open(worker, DUMMY, { leader });
  worker.call(() => t.deepEqual(states(leader, other), ['ACTIVE', 'ACTIVE']));
  rig.open(CPU_0, counter(1));
  const hardware = rig.open(worker, counter(2), { leader });
  worker.call(() => t.deepEqual(states(leader, other, hardware), ['INACTIVE', 'INACTIVE', 'INACTIVE']));
  pmu.counters = 2;
  worker.call(() => t.deepEqual(states(leader, other, hardware), ['ACTIVE', 'ACTIVE', 'ACTIVE']));
});

test('what a group does not take: other tasks and CPUs, members of groups, pinned and exclusive ones, groups that have ended', (t) => {
  const rig = new EventsRig();
  const [worker, other] = [rig.worker(), rig.worker()];
  const leader = rig.watch(worker);
  const member = rig.watch(worker, {}, { leader });
  const refused = (action: () => unknown, why: RegExp): void => {
    const error = t.throws(action, { instanceOf: KernelError, code: 'EVENT_BAD_GROUP' });
    t.is(error.errno, 'EINVAL');
    t.regex(error.message, why);
  };
  refused(() => rig.watch(other, {}, { leader }), /they are for different tasks/);
  refused(() => rig.watch({ task: worker.task, cpu: 0 }, {}, { leader }), /they are for different CPUs/);
  refused(() => rig.watch(0, {}, { leader }), /they are for different/);
  refused(() => rig.watch(worker, {}, { leader: member }), /itself a member of a group/);
  refused(() => rig.watch(worker, { pinned: true }, { leader }), /only a leader can be pinned or exclusive/);
  refused(() => rig.watch(worker, { exclusive: true }, { leader }), /only a leader can be pinned or exclusive/);
  const short = rig.worker();
  const gone = rig.watch(short);
  short.exit();
  refused(() => rig.watch(worker, {}, { leader: gone }), /has ended/);
  rig.events.close(leader);
  refused(() => rig.watch(worker, {}, { leader }), /has ended/);
  t.is(rig.events.all.size, 2, 'nothing of what was refused is left');
  t.is(rig.kernel.breakpoints.registered.length, 2);
});
