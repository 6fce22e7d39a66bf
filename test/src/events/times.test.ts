import test from 'ava';
import { nop } from '../ptrace/support.js';
import { A, EventsRig } from './support.js';

const nops = (n: number) => new Array(n).fill(nop);
/** Times in instructions. */
const times = (rig: EventsRig, event: Parameters<EventsRig['read']>[0]): [number, number] => {
  const { enabled, running } = rig.read(event);
  return [enabled / 1000, running / 1000];
};

test('never enabled: 0 and 0', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, { disabled: true });
  worker.run(...nops(10));
  t.deepEqual(times(rig, event), [0, 0]);
});

test('a task’s event: its times are those that the task runs, however long others run', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const [worker, other] = [rig.worker(), rig.worker()];
  const event = rig.watch(worker);
  worker.run(...nops(10));
  t.deepEqual(times(rig, event), [10, 10]);
  other.run(...nops(100));
  t.deepEqual(times(rig, event), [10, 10]);
  worker.run(...nops(5));
  t.deepEqual(times(rig, event), [15, 15]);
});

test('a CPU’s event: its times are those of the CPU', (t) => {
  const rig = new EventsRig();
  const [here, there] = [rig.worker(), rig.worker({ affinity: [1] })];
  const event = rig.watch(1);
  here.run(...nops(10));
  there.run(...nops(7));
  t.deepEqual(times(rig, event), [7, 7]);
});

test('disabled: both stand still; enabled again: both go on', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker);
  worker.run(...nops(10));
  rig.events.disable(event);
  worker.run(...nops(10));
  rig.events.enable(event);
  worker.run(...nops(3));
  t.deepEqual(times(rig, event), [13, 13]);
});

test('disabled and enabled in the middle of a run', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker);
  const flip = (action: () => void) => () => action();
  worker.run(...nops(4));
  worker.call(flip(() => rig.events.disable(event)));
  worker.run(...nops(4));
  worker.call(flip(() => rig.events.enable(event)));
  worker.run(...nops(4));
  // The system call itself is an instruction, and its time is over when it is made.
  t.deepEqual(times(rig, event), [9, 9]);
});

test('a task’s event for another CPU: enabled, not running; it runs once the task is there', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch({ task: worker.task, cpu: 1 });
  worker.store(A, 10);
  t.deepEqual([rig.count(event), ...times(rig, event)], [0, 10, 0]);
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A, 5);
  t.deepEqual([rig.count(event), ...times(rig, event)], [5, 15, 5]);
});

test('a member’s times pass only while its leader is enabled', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const leader = rig.watch(worker, { disabled: true });
  const member = rig.watch(worker, {}, { leader });
  worker.run(...nops(10));
  t.deepEqual(times(rig, member), [0, 0]);
  rig.events.enable(leader);
  worker.run(...nops(4));
  t.deepEqual(times(rig, member), [4, 4]);
  rig.events.disable(leader);
  worker.run(...nops(10));
  t.deepEqual(times(rig, member), [4, 4]);
  rig.events.close(leader);
  worker.run(...nops(2));
  t.deepEqual(times(rig, member), [6, 6], 'a group of its own');
});

test('closed or of a dead task: times stay as they were', (t) => {
  const rig = new EventsRig();
  const [worker, other] = [rig.worker(), rig.worker()];
  const event = rig.watch(worker);
  worker.store(A, 6);
  worker.exit();
  other.run(...nops(10));
  t.deepEqual([rig.count(event), ...times(rig, event)], [6, 6, 6]);
});

test('opened late: times begin when it is opened', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  worker.run(...nops(10));
  rig.watch(worker);
  worker.run(...nops(10));
  const late = rig.watch(worker);
  worker.run(...nops(3));
  t.deepEqual(times(rig, late), [3, 3]);
});
