import test from 'ava';
import { nop } from '../ptrace/support.js';
import { states } from './support.js';
import { waiting, waitingRig } from './waiting-pmu.js';

const nops = (n: number) => new Array(n).fill(nop);

test('an event that has to wait is open and counts nothing; granted, it counts at once, and its times begin there', (t) => {
  const { rig, pmu } = waitingRig({ cpus: 1 });
  const worker = rig.worker();
  const event = rig.open(worker, waiting());
  t.true(rig.events.all.has(event));
  t.deepEqual(states(event), ['INACTIVE']);
  worker.run(...nops(10));
  worker.call(() => {
    pmu.occur();
    t.deepEqual([rig.count(event), pmu.on.size], [0, 0]);
    pmu.grant(event);
    t.deepEqual(states(event), ['ACTIVE']);
    pmu.occur();
  });
  worker.run(...nops(7));
  const { count, enabled, running } = rig.read(event);
  t.is(count, 1);
  t.is(enabled, running);
  t.true(enabled >= 7000 && enabled < 10_000, `${enabled}`);
});

test('one that is granted while its task is on no CPU counts when the task comes', (t) => {
  const { rig, pmu } = waitingRig();
  const worker = rig.worker();
  const event = rig.open(worker, waiting());
  pmu.grant(event);
  t.deepEqual(states(event), ['INACTIVE']);
  worker.call(() => t.deepEqual(states(event), ['ACTIVE']));
  t.deepEqual([...states(event), pmu.on.size], ['INACTIVE', 0]);
});

test('while it waits it can be disabled and enabled: what holds when it is granted counts', (t) => {
  const { rig, pmu } = waitingRig();
  const [off, on] = [rig.open(0, waiting()), rig.open(0, waiting({ disabled: true }))];
  rig.events.disable(off);
  rig.events.enable(on);
  t.deepEqual(states(off, on), ['OFF', 'INACTIVE']);
  pmu.grant(off);
  pmu.grant(on);
  t.deepEqual(states(off, on), ['OFF', 'ACTIVE']);
  rig.events.enable(off);
  t.deepEqual(states(off), ['ACTIVE']);
});

test('what is taken away is off at once, keeps its count, waits, and goes on when it is granted again', (t) => {
  const { rig, pmu } = waitingRig();
  pmu.generous = true;
  const event = rig.open(0, waiting());
  pmu.occur();
  pmu.takeAway(event);
  t.deepEqual([...states(event), pmu.on.size, rig.count(event)], ['INACTIVE', 0, 1]);
  pmu.occur();
  pmu.takeAway(event);
  pmu.grant(event);
  pmu.grant(event);
  pmu.occur();
  t.deepEqual([...states(event), rig.count(event)], ['ACTIVE', 2]);
});

test('one that cannot be counted any more is disabled, until somebody enables it again', (t) => {
  const { rig, pmu } = waitingRig();
  pmu.generous = true;
  const event = rig.open(0, waiting());
  pmu.giveUp(event);
  t.deepEqual([...states(event), pmu.on.size], ['OFF', 0]);
  rig.events.enable(event);
  t.deepEqual([...states(event), pmu.on.size], ['ACTIVE', 1]);
});

test('it can be closed while it waits: nothing is left of it, and what is granted too late does nothing', (t) => {
  const { rig, pmu } = waitingRig();
  const event = rig.open(0, waiting());
  rig.events.close(event);
  pmu.grant(event);
  t.deepEqual([...states(event), pmu.alive, pmu.on.size, rig.events.all.size], ['DEAD', 0, 0, 0]);
});

test('a kernel that ends closes those that wait too', (t) => {
  const { rig, pmu } = waitingRig();
  rig.open(0, waiting());
  const worker = rig.worker();
  rig.open(worker, waiting());
  rig.kernel.dispose();
  t.is(pmu.alive, 0);
});

// --- groups ---

test('a member that waits joins its group when it is granted; the others count meanwhile', (t) => {
  const { rig, pmu } = waitingRig();
  pmu.generous = true;
  const leader = rig.open(0, waiting());
  pmu.generous = false;
  const member = rig.open(0, waiting(), { leader });
  t.deepEqual(leader.siblings, []);
  pmu.occur();
  pmu.grant(member);
  pmu.occur();
  t.deepEqual(leader.siblings, [member]);
  t.deepEqual(rig.counts(leader, member), [2, 1]);
});

test('members wait with a leader that waits, and begin with it', (t) => {
  const { rig, pmu } = waitingRig();
  const leader = rig.open(0, waiting());
  pmu.generous = true;
  const member = rig.open(0, waiting(), { leader });
  pmu.occur();
  t.deepEqual([rig.count(member), pmu.on.size], [0, 0]);
  pmu.grant(leader);
  pmu.occur();
  t.deepEqual(rig.counts(leader, member), [1, 1]);
  pmu.takeAway(leader);
  pmu.occur();
  t.deepEqual(rig.counts(leader, member), [1, 1]);
});

test('a member that waits while its leader is closed is a group of its own when it is granted', (t) => {
  const { rig, pmu } = waitingRig();
  pmu.generous = true;
  const leader = rig.open(0, waiting());
  pmu.generous = false;
  const [never, lost] = [rig.open(0, waiting(), { leader }), rig.open(0, waiting(), { leader })];
  pmu.grant(lost);
  pmu.takeAway(lost);
  rig.events.close(leader);
  t.deepEqual([never.leader, lost.leader], [never, lost]);
  pmu.grant(never);
  pmu.grant(lost);
  pmu.occur();
  t.deepEqual(rig.counts(never, lost), [1, 1]);
});

// --- tasks ---

test('an exec enables and removes events that wait, too', (t) => {
  const { rig, pmu } = waitingRig();
  const worker = rig.worker();
  const enabled = rig.open(worker, waiting({ disabled: true, enable_on_exec: true }));
  const removed = rig.open(worker, waiting({ remove_on_exec: true }));
  worker.exec();
  t.deepEqual(states(enabled, removed), ['INACTIVE', 'EXIT']);
  pmu.grant(enabled);
  pmu.grant(removed);
  worker.call(() => pmu.occur());
  t.deepEqual(rig.counts(enabled, removed), [1, 0]);
});

test('the events of a task that exits end though they wait, and are not brought to life by a grant', (t) => {
  const { rig, pmu } = waitingRig();
  const worker = rig.worker();
  const event = rig.open(worker, waiting());
  worker.exit();
  t.deepEqual(states(event), ['EXIT']);
  pmu.grant(event);
  t.deepEqual(states(event), ['EXIT']);
  rig.events.close(event);
  t.deepEqual([pmu.alive, rig.events.all.size], [0, 0]);
});

test('children inherit an event whose own has to wait, and count once it is granted', (t) => {
  const { rig, pmu } = waitingRig();
  pmu.generous = true;
  const worker = rig.worker();
  const event = rig.open(worker, waiting({ inherit: true }));
  pmu.generous = false;
  const child = worker.fork();
  const [inherited] = event.children;
  child.call(() => pmu.occur());
  t.is(rig.count(event), 0);
  if (inherited === undefined) return t.fail('not inherited');
  pmu.grant(inherited);
  child.call(() => pmu.occur());
  t.is(rig.count(event), 1);
  child.exit();
  t.deepEqual([rig.count(event), event.children.length, pmu.alive], [1, 0, 1]);
});
