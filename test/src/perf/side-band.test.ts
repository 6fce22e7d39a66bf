import {
  PERF_RECORD_COMM,
  PERF_RECORD_FORK,
  PERF_RECORD_MISC_COMM_EXEC,
  PERF_RECORD_MISC_SWITCH_OUT,
  PERF_RECORD_READ,
  PERF_RECORD_SAMPLE,
  PERF_RECORD_SWITCH,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
  type PerfFile,
} from '@hwbp/perf';
import test from 'ava';
import { CounterPmu, counterPmu } from '../events/counter-pmu.js';
import { nop } from '../ptrace/support.js';
import { A, FORMAT, PerfRig, SAMPLE, typesOf } from './support.js';

const ANY_CPU = { inherit: true };
const ON_CPU_0 = { cpu: 0 };
const TRAILER = { sample_id_all: true, sample_type: SAMPLE.TID | SAMPLE.TIME | SAMPLE.CPU | SAMPLE.ID };

test('task: FORK and EXIT of children and threads, with who bore whom', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...ANY_CPU, task: true, ...TRAILER }, ON_CPU_0);
  file.mmap(1);
  const child = worker.fork();
  const thread = worker.fork({ thread: true });
  const pid = worker.task.pid;
  const forks = file.drain();
  t.deepEqual(typesOf(forks), [PERF_RECORD_FORK, PERF_RECORD_FORK]);
  t.like(forks[0], { pid: child.task.pid, tid: child.task.pid, ppid: pid, ptid: pid });
  t.like(forks[1], { pid, tid: thread.task.pid, ppid: pid, ptid: pid });
  t.like(forks[0], { sample_id: { pid, tid: pid, cpu: 0, id: file.id } });
});

test('comm: a COMM at exec with the new name; its flag tells an exec apart only where comm_exec is set', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const plain = rig.file(worker, { comm: true });
  const telling = rig.file(worker, { comm: true, comm_exec: true });
  for (const file of [plain, telling]) file.mmap(1);
  worker.exec();
  const { pid } = worker.task;
  const record = { type: PERF_RECORD_COMM, pid, tid: pid, comm: 'fresh' };
  t.like(plain.drain()[0], { ...record, misc: 0 });
  t.like(telling.drain()[0], { ...record, misc: PERF_RECORD_MISC_COMM_EXEC });
});

test('context_switch: a SWITCH when the task comes and one when it leaves', (t) => {
  const rig = new PerfRig({ cpus: 1 });
  const [worker, other] = [rig.worker(), rig.worker()];
  const file = rig.file(worker, { context_switch: true, ...TRAILER });
  file.mmap(1);
  worker.run(nop);
  other.run(nop);
  worker.run(nop);
  const records = file.drain();
  t.deepEqual(
    records.map(({ type, misc }) => [type, misc]),
    [
      [PERF_RECORD_SWITCH, 0],
      [PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT],
      [PERF_RECORD_SWITCH, 0],
      [PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT],
    ],
  );
  for (const record of records) t.like(record, { sample_id: { tid: worker.task.pid } });
});

test('events of a CPU are told of what happens there, and of nothing elsewhere', (t) => {
  const rig = new PerfRig();
  const [here, there] = [rig.worker(), rig.worker({ affinity: [1] })];
  const file = rig.file(0, { task: true, comm: true });
  file.mmap(1);
  here.exec();
  there.exec();
  here.fork();
  there.fork();
  t.deepEqual(typesOf(file.drain()), [PERF_RECORD_COMM, PERF_RECORD_FORK]);
});

test('inherit_stat: what a child had counted is told in a READ when it ends', (t) => {
  for (const group of [0, FORMAT.GROUP]) {
    const rig = new PerfRig();
    const worker = rig.worker();
    const attr = { ...ANY_CPU, inherit_stat: true, read_format: FORMAT.ID | group };
    const file = rig.file(worker, attr, ON_CPU_0);
    rig.file(worker, attr, { ...ON_CPU_0, groupFd: file.fd });
    file.mmap(1);
    const child = worker.fork();
    child.store(A, 3);
    child.exit();
    const [read] = file.drain();
    t.like(read, { type: PERF_RECORD_READ, pid: child.task.pid, tid: child.task.pid });
    const one = { value: 3n, id: file.id };
    t.deepEqual((read as { values?: unknown }).values, group === 0 ? one : { values: [one] });
  }
});

test('an event that is off is told nothing', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...ANY_CPU, task: true, comm: true, context_switch: true, disabled: true }, ON_CPU_0);
  file.mmap(1);
  worker.fork();
  worker.exec();
  t.deepEqual(file.drain(), []);
});

test('THROTTLE and UNTHROTTLE with the event’s id, around what it did not tell', (t) => {
  const made = counterPmu(1);
  const rig = new PerfRig({
    engine: { pmus: [made.factory], sampleRate: 100_000 },
    cpus: 1,
    tick: 100_000,
    quantum: 10,
  });
  const spinner = rig.worker({ spin: true });
  rig.machine.run(10);
  const file = rig.file(spinner, { type: CounterPmu.TYPE, sample_period: 1, sample_type: SAMPLE.TID });
  file.mmap(4);
  made.pmu.occur(50);
  made.pmu.occur(50);
  rig.machine.run(100);
  made.pmu.occur(1);
  const records = file.drain();
  const samples = (n: number) => new Array(n).fill(PERF_RECORD_SAMPLE);
  t.deepEqual(
    typesOf(records).filter((type) => type !== PERF_RECORD_SAMPLE),
    [PERF_RECORD_THROTTLE, PERF_RECORD_UNTHROTTLE],
  );
  t.is(records.length, 2 + samples(11).length);
  for (const record of records.filter(({ type }) => type !== PERF_RECORD_SAMPLE)) {
    t.like(record, { id: file.id, stream_id: file.id });
  }
});

test('they name the CPU on which it was throttled, and the one on which it counts again, with who runs there', (t) => {
  const made = counterPmu(1);
  const rig = new PerfRig({ engine: { pmus: [made.factory], sampleRate: 100_000 }, tick: 100_000, quantum: 10 });
  const { TID, CPU, TIME } = SAMPLE;
  const attr = { type: CounterPmu.TYPE, sample_period: 1, sample_type: TID | CPU | TIME, sample_id_all: true };
  const throttles = (file: PerfFile) =>
    file.drain().flatMap((record) => {
      if (record.type !== PERF_RECORD_THROTTLE && record.type !== PERF_RECORD_UNTHROTTLE) return [];
      return [[record.type, record.sample_id?.cpu, record.sample_id?.tid]];
    });
  // A CPU's: with whatever runs there.
  const spinner = rig.worker({ spin: true, affinity: [1] });
  rig.machine.run(10);
  const wide = rig.file(1, attr);
  wide.mmap(4);
  made.pmu.occur(50, 1);
  rig.machine.run(300);
  t.deepEqual(throttles(wide), [
    [PERF_RECORD_THROTTLE, 1, spinner.task.pid],
    [PERF_RECORD_UNTHROTTLE, 1, spinner.task.pid],
  ]);
  wide.close();
  // A task's that is away when the tick comes: it is told when the task is back, wherever that is.
  const worker = rig.worker({ affinity: [0] });
  const file = rig.file(worker, attr);
  file.mmap(4);
  worker.call(() => made.pmu.occur(50, 0));
  rig.machine.run(300);
  t.deepEqual(throttles(file), [[PERF_RECORD_THROTTLE, 0, worker.task.pid]]);
  rig.machine.setAffinity(worker.task, [1]);
  worker.run({});
  t.deepEqual(throttles(file), [[PERF_RECORD_UNTHROTTLE, 1, worker.task.pid]]);
});

test('sixty thousand back-to-back samples of a breakpoint: none is throttled', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { sample_period: 1 });
  const ring = file.mmap(256);
  let samples = 0;
  for (let i = 0; i < 12; i++) {
    worker.store(A, 5000);
    const records = file.drain();
    samples += records.length;
    t.true(records.every(({ type }) => type === PERF_RECORD_SAMPLE));
  }
  t.is(samples, 60_000);
  t.is(ring.lostTotal, 0);
});
