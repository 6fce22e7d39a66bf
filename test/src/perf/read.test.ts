import { EVENT_TYPE } from '@hwbp/core';
import { PERF_TYPE_SOFTWARE } from '@hwbp/perf';
import test from 'ava';
import { CounterPmu, counterPmu } from '../events/counter-pmu.js';
import { A, FORMAT, PerfRig, refused, variable, words } from './support.js';

const { ENABLED, RUNNING, ID, GROUP, LOST } = FORMAT;

test('read_format says what read(2) gives and how long it is: value, times, id, lost', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  for (const [read_format, size] of [
    [0, 8],
    [ENABLED, 16],
    [ENABLED | RUNNING, 24],
    [ID, 16],
    [LOST, 16],
    [ENABLED | RUNNING | ID | LOST, 40],
    [GROUP, 16],
    [GROUP | ID, 24],
    [GROUP | ENABLED | RUNNING | ID | LOST, 48],
  ] as const) {
    const file = rig.file(worker, { read_format });
    worker.store(A, 3);
    const bytes = file.read();
    t.is(bytes.length, size, `read_format ${read_format}`);
    const [first, second] = words(bytes);
    t.is((read_format & GROUP) !== 0 ? first : 3, (read_format & GROUP) !== 0 ? 1 : 3, 'nr');
    if ((read_format & GROUP) === 0) t.is(first, 3);
    if (read_format === (GROUP | ID)) t.deepEqual([second, words(bytes)[2]], [3, file.event.id]);
    if (read_format === ID) t.is(second, file.event.id);
    file.close();
  }
});

test('a group of two with times and ids: 56 bytes; the leader first, then members in the order of joining', (t) => {
  const rig = new PerfRig({ cpus: 1 });
  const worker = rig.worker();
  const read_format = GROUP | ENABLED | RUNNING | ID;
  const leader = rig.file(worker, { read_format });
  const member = rig.file(worker, { bp_addr: variable(1), read_format }, { groupFd: leader.fd });
  worker.store(A, 2);
  worker.store(variable(1), 5);
  t.is(leader.read().length, 56);
  t.deepEqual(words(leader.read()), [2, 7000, 7000, 2, leader.event.id, 5, member.event.id]);
  const third = rig.file(worker, { read_format }, { groupFd: leader.fd });
  t.is(leader.read().length, 72);
  t.is(words(leader.read())[8], third.event.id);
});

test('a member that asks for its group gets all of it; one that does not, its own', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const leader = rig.file(worker);
  const all = rig.file(worker, { read_format: GROUP }, { groupFd: leader.fd });
  const own = rig.file(worker, { bp_addr: variable(1) }, { groupFd: leader.fd });
  worker.store(A, 2);
  t.deepEqual(words(all.read()), [3, 2, 2, 0]);
  t.deepEqual(words(own.read()), [0]);
  t.deepEqual(words(leader.read()), [2]);
});

test('members that are off are in the group’s read all the same', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const leader = rig.file(worker, { read_format: GROUP });
  const off = rig.file(worker, { disabled: true }, { groupFd: leader.fd });
  worker.store(A, 2);
  t.deepEqual(words(leader.read()), [2, 2, 0]);
  off.close();
  t.deepEqual(words(leader.read()), [1, 2]);
});

test('a buffer that is too small is ENOSPC, and says how many bytes it takes', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { read_format: ENABLED | RUNNING });
  t.is(file.read(24).length, 24);
  t.is(file.read(4096).length, 24);
  const error = refused(t, rig, () => file.read(23));
  t.is(error.errno, 'ENOSPC');
  t.is(error.code, 'PERF_READ_SHORT');
  t.regex(error.message, /a buffer of 24 bytes, not 23/);
});

test('an event in error is at its end of file: no bytes, whatever the buffer; enabled, it can be read again', (t) => {
  const made = counterPmu(0);
  const rig = new PerfRig({ engine: { pmus: [made.factory] } });
  const worker = rig.worker();
  const file = rig.file(worker, { type: CounterPmu.TYPE, pinned: true, read_format: ENABLED });
  file.mmap(1);
  t.is(file.read().length, 16);
  t.deepEqual(file.poll(), { in: false, hup: false });
  worker.run({});
  // As Linux has it since 2025 (kernel/events/core.c, perf_poll).
  t.deepEqual(file.poll(), { in: false, hup: true });
  t.is(file.read().length, 0);
  t.is(file.read(0).length, 0);
  t.is(file.values(), undefined);
  made.pmu.counters = 1;
  file.enable();
  t.is(file.read().length, 16);
  t.false(file.poll().hup);
});

test('times: running is less than enabled where the event had to wait', (t) => {
  const made = counterPmu(1);
  const rig = new PerfRig({ engine: { pmus: [made.factory] }, cpus: 1 });
  const worker = rig.worker();
  const read_format = ENABLED | RUNNING;
  const first = rig.file(worker, { type: CounterPmu.TYPE, config: 1, read_format });
  const second = rig.file(worker, { type: CounterPmu.TYPE, config: 2, read_format });
  worker.store(A, 9);
  t.deepEqual(words(first.read()), [0, 9000, 9000]);
  t.deepEqual(words(second.read()), [0, 9000, 0]);
});

test('counts and times of children are in it, living or ended', (t) => {
  const rig = new PerfRig({ cpus: 1 });
  const worker = rig.worker();
  const file = rig.file(worker, { inherit: true, read_format: ENABLED });
  const child = worker.fork();
  worker.store(A, 2);
  child.store(A, 3);
  const [value, enabled = 0] = words(file.read());
  t.is(value, 5);
  t.true(enabled >= 5000);
  child.exit();
  t.deepEqual(words(file.read()), [5, enabled]);
});

test('PERF_FORMAT_LOST: samples that found no room, of each event', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { sample_period: 1, sample_type: 0x3ff, read_format: LOST });
  file.mmap(1);
  worker.store(A, 100);
  const [value, lost = 0] = words(file.read());
  t.is(value, 100);
  t.true(lost > 30 && lost < 90);
  t.is(lost, file.lost);
});

test('a dead task’s file: it can be read, until it is closed', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { read_format: ENABLED | RUNNING });
  worker.store(A, 4);
  worker.exit();
  const [value, enabled, running] = words(file.read());
  t.is(value, 4);
  t.is(enabled, running);
  file.enable();
  file.reset();
  file.modify({ ...file.attr, bp_addr: variable(3) });
  t.deepEqual(words(file.read())[0], 0);
  file.close();
  for (const action of [
    () => file.read(),
    () => file.enable(),
    () => file.disable(),
    () => file.reset(),
    () => file.refresh(1),
    () => file.period(1),
    () => file.modify(file.attr),
    () => file.setOutput(undefined),
    () => file.pauseOutput(true),
    () => file.mmap(1),
    () => file.async(undefined),
  ]) {
    const error = refused(t, rig, action);
    t.deepEqual([error.code, error.errno], ['PERF_CLOSED', 'EBADF'], String(action));
  }
  t.notThrows(() => file.close());
});

test('a software event as perf’s file: its clock in nanoseconds', (t) => {
  const rig = new PerfRig({ cpus: 1 });
  const worker = rig.worker();
  const clock = rig.file(worker, { type: PERF_TYPE_SOFTWARE, config: 1 });
  worker.store(A, 12);
  t.deepEqual(words(clock.read()), [12_000]);
  t.is(clock.attr.type, EVENT_TYPE.SOFTWARE);
});
