import {
  PERF_RECORD_LOST,
  PERF_RECORD_MISC_KERNEL,
  PERF_RECORD_MISC_USER,
  PERF_RECORD_SAMPLE,
  type PerfRecord,
  type SampleRecord,
} from '@hwbp/perf';
import test from 'ava';
import { copyOut, store, systemCall, TEXT } from '../ptrace/support.js';
import { A, PerfRig, refused, SAMPLE, typesOf, variable } from './support.js';

const { IP, TID, TIME, ADDR, ID, CPU, PERIOD, STREAM_ID, READ, CALLCHAIN } = SAMPLE;
const EVERY = { sample_period: 1 };
const samplesOf = (records: readonly PerfRecord[]): SampleRecord[] =>
  records.filter((record): record is SampleRecord => record.type === PERF_RECORD_SAMPLE);

test('a sample has the fields that sample_type asks for: where, who, when, what, and on which CPU', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: IP | TID | TIME | ADDR | CPU | PERIOD });
  const ring = file.mmap(1);
  worker.run(store(A + 4n, 4));
  t.is(ring.pending, 56);
  t.deepEqual(samplesOf(file.drain()), [
    {
      type: PERF_RECORD_SAMPLE,
      misc: PERF_RECORD_MISC_USER,
      // Behind the store, which lay at the start of the text.
      ip: TEXT + 4n,
      pid: worker.task.tgid,
      tid: worker.task.pid,
      time: 1000n,
      addr: A,
      cpu: 0,
      period: 1n,
    },
  ]);
});

test('the kernel’s accesses are samples in kernel mode; threads have the process’s pid', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: TID, inherit: true }, { cpu: 0 });
  file.mmap(1);
  worker.run(systemCall(...copyOut(A, 2)));
  const thread = worker.fork({ thread: true });
  thread.store();
  t.deepEqual(
    samplesOf(file.drain()).map(({ misc, pid, tid }) => [misc, pid, tid]),
    [
      [PERF_RECORD_MISC_KERNEL, worker.task.pid, worker.task.pid],
      [PERF_RECORD_MISC_KERNEL, worker.task.pid, worker.task.pid],
      [PERF_RECORD_MISC_USER, worker.task.pid, thread.task.pid],
    ],
  );
});

test('id is that of the event that was opened, stream_id that of the child; counts and call chain are there on request', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(
    worker,
    { ...EVERY, inherit: true, sample_type: IP | TID | ID | STREAM_ID | READ | CALLCHAIN, read_format: 4 },
    { cpu: 0 },
  );
  file.mmap(1);
  const child = worker.fork();
  child.store();
  const [sample] = samplesOf(file.drain());
  t.is(sample?.id, file.id);
  t.is(sample?.stream_id, BigInt(file.event.children[0]?.id ?? 0));
  t.deepEqual(sample?.values, { value: 1n, id: file.id }, 'its own count, under the id of what was opened');
  t.deepEqual(sample?.callchain, [BigInt.asUintN(64, -512n), sample?.ip ?? 0n]);
});

test('an event of a CPU: a sample for whatever task runs there', (t) => {
  const rig = new PerfRig();
  const [one, two] = [rig.worker(), rig.worker({ affinity: [1] })];
  const file = rig.file(1, { ...EVERY, sample_type: TID | CPU });
  file.mmap(1);
  one.store();
  two.store(A, 2);
  t.deepEqual(
    samplesOf(file.drain()).map(({ tid, cpu }) => [tid, cpu]),
    [
      [two.task.pid, 1],
      [two.task.pid, 1],
    ],
  );
});

test('a period of three: every third hit, and it says so only where PERIOD is not asked for', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { sample_period: 3, sample_type: IP });
  const each = rig.file(worker, { sample_period: 3, sample_type: PERIOD });
  for (const one of [file, each]) one.mmap(1);
  worker.store(A, 7);
  t.is(samplesOf(file.drain()).length, 2);
  t.deepEqual(
    samplesOf(each.drain()).map(({ period }) => period),
    new Array(7).fill(1n),
  );
});

// --- mmap ---

test('a ring has a power of two of pages; a second one, and one of an inherited event for any CPU, is EINVAL', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker);
  for (const pages of [-1, 3, 0.5, 6, 1 << 17, Number.NaN]) {
    t.is(refused(t, rig, () => file.mmap(pages), `${pages}`).errno, 'EINVAL');
  }
  t.is(file.mmap(2).size, 8192);
  t.is(refused(t, rig, () => file.mmap(2)).errno, 'EINVAL');
  file.munmap();
  t.notThrows(() => file.mmap(4));
  const inherited = rig.file(worker, { inherit: true });
  t.is(refused(t, rig, () => inherited.mmap(1)).errno, 'EINVAL');
  t.notThrows(() => rig.file(worker, { inherit: true }, { cpu: 0 }).mmap(1));
});

test('without a ring, and once it is unmapped, nothing is recorded and nothing is lost', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, EVERY);
  worker.store(A, 5);
  file.mmap(1);
  worker.store(A, 2);
  t.is(file.drain().length, 2);
  file.munmap();
  worker.store(A, 5);
  t.deepEqual([file.drain(), file.lost], [[], 0]);
});

test('a full ring loses samples, and says how many in a LOST record as soon as there is room', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: TID | TIME | ADDR | CPU });
  const ring = file.mmap(1);
  // A sample has 40 bytes: 102 fit, with a byte to spare.
  worker.store(A, 110);
  t.is(file.lost, 8);
  t.is(ring.pending, 102 * 40);
  t.is(file.drain().length, 102);
  worker.store();
  const records = file.drain();
  t.deepEqual(typesOf(records), [PERF_RECORD_LOST, PERF_RECORD_SAMPLE]);
  t.like(records[0], { id: file.id, lost: 8n });
  worker.store();
  t.deepEqual(typesOf(file.drain()), [PERF_RECORD_SAMPLE], 'once');
  t.is(file.lost, 8, 'what read(2) gives as lost stays');
});

// --- other rings ---

test('SET_OUTPUT: records go to another event’s ring; undone, they go nowhere', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const [target, source] = [rig.file(worker, EVERY), rig.file(worker, { ...EVERY, bp_addr: variable(1) })];
  target.mmap(1);
  source.setOutput(target);
  worker.store(A, 1);
  worker.store(variable(1), 2);
  t.is(target.drain().length, 3);
  t.is(refused(t, rig, () => source.mmap(1)).errno, 'EINVAL');
  source.setOutput(undefined);
  worker.store(variable(1), 2);
  t.is(target.drain().length, 0);
  t.notThrows(() => source.mmap(1));
});

test('SET_OUTPUT: EINVAL for itself, another CPU, another task, and with a ring of its own', (t) => {
  const rig = new PerfRig();
  const [one, two] = [rig.worker(), rig.worker()];
  const file = rig.file(one);
  for (const target of [file, rig.file(two), rig.file(one, {}, { cpu: 0 }), rig.file(1)]) {
    t.is(refused(t, rig, () => file.setOutput(target)).errno, 'EINVAL');
  }
  const ofCpu = rig.file(two, {}, { cpu: 0 });
  const other = rig.file(one, {}, { cpu: 0 });
  t.regex(refused(t, rig, () => other.setOutput(ofCpu)).message, /has no ring: map one first/);
  ofCpu.mmap(1);
  t.notThrows(() => other.setOutput(ofCpu), 'a CPU’s ring, whoever runs there');
  file.mmap(1);
  t.is(refused(t, rig, () => file.setOutput(rig.perf.files.get(4))).errno, 'EINVAL');
});

test('SET_OUTPUT follows to the ring itself; when that is unmapped, its events may have one of their own', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const [first, second, third] = [rig.file(worker, EVERY), rig.file(worker, EVERY), rig.file(worker, EVERY)];
  third.mmap(1);
  second.setOutput(third);
  first.setOutput(second);
  worker.store();
  t.is(samplesOf(third.drain()).length, 3);
  t.is(refused(t, rig, () => first.mmap(1)).errno, 'EINVAL');
  third.munmap();
  first.mmap(1);
  worker.store();
  t.is(samplesOf(first.drain()).length, 1);
});

test('a sample with counts of a group says its own, also while children have the group as it was', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const attr = { ...EVERY, inherit: true, sample_type: TID | READ, read_format: 4 | 8 };
  const leader = rig.file(worker, attr, { cpu: 0 });
  leader.mmap(1);
  worker.fork();
  const sibling = rig.file(worker, { ...attr, sample_period: 0 }, { cpu: 0, groupFd: leader.fd });
  worker.store();
  t.is(refused(t, rig, () => leader.values()).errno, 'ECHILD');
  const [sample] = samplesOf(leader.drain());
  t.deepEqual(sample?.values, {
    values: [
      { value: 1n, id: leader.id },
      // The same store is its hit, too, a register later.
      { value: 0n, id: sibling.id },
    ],
  });
});

test('a ring for what samples cannot have is EOPNOTSUPP; counting it is fine', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: 1 << 12 });
  t.is(refused(t, rig, () => file.mmap(1)).errno, 'EOPNOTSUPP');
  worker.store();
  t.deepEqual(rig.values(file), [1]);
});

test('PAUSE_OUTPUT: nothing is written until it is undone; EINVAL without a ring', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, EVERY);
  t.is(refused(t, rig, () => file.pauseOutput(true)).errno, 'EINVAL');
  const ring = file.mmap(1);
  worker.store();
  const { data_head } = ring;
  file.pauseOutput(true);
  worker.store(A, 3);
  t.is(ring.data_head, data_head);
  t.deepEqual(rig.values(file), [4], 'it counts all the same');
  file.pauseOutput(false);
  worker.store();
  t.is(samplesOf(file.drain()).length, 2);
});

test('closing an event whose ring others use: they go on without one', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const [target, source] = [rig.file(worker, EVERY), rig.file(worker, EVERY)];
  target.mmap(1);
  source.setOutput(target);
  target.close();
  t.notThrows(() => worker.store(A, 2));
  t.deepEqual(rig.values(source), [2]);
});

test('samples with branches, registers, stacks or AUX data are counted, and refused a ring: their own and another’s', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const other = rig.file(worker, EVERY);
  other.mmap(1);
  for (const sample_type of [0x800, 0x1000, 0x2000, 0x4_0000, 0x10_0000]) {
    const wanted = { branch_sample_type: 1, sample_regs_user: 1, sample_regs_intr: 1, sample_stack_user: 8 };
    const file = rig.file(worker, { ...EVERY, sample_type, ...wanted });
    for (const act of [() => file.mmap(1), () => file.setOutput(other)]) {
      t.is(refused(t, rig, act).code, 'PERF_SAMPLE_UNSUPPORTED');
      t.deepEqual(file.poll(), { in: false, hup: true });
    }
    worker.store();
    t.deepEqual(rig.values(file), [1]);
    file.close();
  }
});
