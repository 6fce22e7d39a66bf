import { SI_CODES, type SignalInfo, type SignalName, type Task } from '@hwbp/core';
import { PERF_COUNT_SW_DUMMY, PERF_TYPE_SOFTWARE, type PerfFile } from '@hwbp/perf';
import test from 'ava';
import { A, PerfRig, SAMPLE, variable, type Worker } from './support.js';

const EVERY = { sample_period: 1 };

/** A task that keeps what it is sent: it has blocked it. */
function receiver(rig: PerfRig, ...signals: SignalName[]): Task {
  const task = rig.machine.spawn(() => ({ state: 'starved', run: () => 0 }), { comm: 'receiver' });
  for (const signal of signals) task.blocked.add(signal);
  return task;
}

const taken = (task: Task): SignalInfo[] => task.pending.splice(0);

test('O_ASYNC with a signal of one’s own: one for each overflow, POLL_IN and the descriptor; no ring is needed', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+3');
  const file = rig.file(worker, EVERY);
  file.async({ owner, signal: 'SIGRTMIN+3' });
  worker.store(A, 3);
  t.deepEqual(taken(owner), new Array(3).fill({ si_signo: 'SIGRTMIN+3', si_code: SI_CODES.POLL_IN, si_fd: file.fd }));
  file.async(undefined);
  worker.store(A, 3);
  t.deepEqual(taken(owner), []);
});

test('without F_SETSIG: SIGIO, pending once, that says nothing of the file', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGIO');
  rig.file(worker, EVERY).async({ owner });
  worker.store(A, 3);
  t.deepEqual(taken(owner), [{ si_signo: 'SIGIO', si_code: SI_CODES.SI_KERNEL }]);
});

test('real-time signals of two events queue, each with its descriptor', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+0', 'SIGRTMIN+1');
  const [one, two] = [rig.file(worker, EVERY), rig.file(worker, { ...EVERY, bp_addr: variable(1) })];
  one.async({ owner, signal: 'SIGRTMIN+0' });
  two.async({ owner, signal: 'SIGRTMIN+1' });
  worker.store(A, 1);
  worker.store(variable(1), 1);
  worker.store(A, 1);
  t.deepEqual(
    taken(owner).map(({ si_signo, si_fd }) => [si_signo, si_fd]),
    [
      ['SIGRTMIN+0', one.fd],
      ['SIGRTMIN+1', two.fd],
      ['SIGRTMIN+0', one.fd],
    ],
  );
});

test('refresh 3, ten writes: two POLL_IN and one POLL_HUP', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+3');
  const file = rig.file(worker, { ...EVERY, disabled: true });
  file.async({ owner, signal: 'SIGRTMIN+3' });
  file.refresh(3);
  worker.store(A, 10);
  t.deepEqual(
    taken(owner).map(({ si_code }) => si_code),
    [SI_CODES.POLL_IN, SI_CODES.POLL_IN, SI_CODES.POLL_HUP],
  );
  t.deepEqual(rig.values(file), [3]);
});

test('periods and counting only: a signal for each overflow, none for a hit', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+3');
  rig.file(worker, { sample_period: 4 }).async({ owner, signal: 'SIGRTMIN+3' });
  rig.file(worker).async({ owner, signal: 'SIGRTMIN+3' });
  worker.store(A, 10);
  t.is(taken(owner).length, 2);
});

test('an inherited event’s overflows in a child are signalled by the descriptor that was opened', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+3');
  const file = rig.file(worker, { ...EVERY, inherit: true });
  file.async({ owner, signal: 'SIGRTMIN+3' });
  worker.fork().store(A, 2);
  t.deepEqual(
    taken(owner).map(({ si_fd }) => si_fd),
    [file.fd, file.fd],
  );
});

test('an owner that has ended gets nothing; a closed file sends nothing', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGIO');
  const file = rig.file(worker, EVERY);
  file.async({ owner });
  rig.machine.exit(owner);
  t.notThrows(() => worker.store(A, 1));
  const second = receiver(rig, 'SIGIO');
  file.async({ owner: second });
  file.close();
  worker.store(A, 1);
  t.deepEqual(taken(second), []);
});

// What follows was seen on Linux 6.18, with programs that did the same.

test('a wake-up by records that are no samples is signalled too: switches of a dummy event, by wakeup_watermark', (t) => {
  for (const [wakeup_watermark, signals] of [
    [1, 4],
    // A record has 8 bytes; passing 8 takes two.
    [8, 3],
    [0, 0],
  ] as const) {
    const rig = new PerfRig({ cpus: 1 });
    const worker = rig.worker();
    const owner = receiver(rig, 'SIGRTMIN+3');
    const dummy = { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, context_switch: true };
    const file = rig.file(worker, { ...dummy, watermark: true, wakeup_watermark });
    const ring = file.mmap(1);
    file.async({ owner, signal: 'SIGRTMIN+3' });
    worker.run({});
    rig.worker().run({});
    worker.run({});
    t.is(ring.pending, 4 * 8);
    t.deepEqual(
      taken(owner),
      new Array(signals).fill({ si_signo: 'SIGRTMIN+3', si_code: SI_CODES.POLL_IN, si_fd: file.fd }),
      `${wakeup_watermark}`,
    );
    t.deepEqual([file.poll().in, file.poll().in], [signals > 0, false]);
  }
});

test('an event of a CPU is woken once by a switch, which is two records', (t) => {
  const rig = new PerfRig({ cpus: 1 });
  const [worker, spinner] = [rig.worker(), rig.worker({ spin: true })];
  const owner = receiver(rig, 'SIGRTMIN+3');
  rig.machine.run(10);
  const dummy = { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, context_switch: true };
  const file = rig.file(0, { ...dummy, watermark: true, wakeup_watermark: 1 });
  file.mmap(1);
  file.async({ owner, signal: 'SIGRTMIN+3' });
  worker.run({});
  const switches = file.drain().length;
  t.is(spinner.task.alive, true);
  t.true(switches >= 4 && taken(owner).length === switches / 2, `${switches}`);
});

test('an overflow whose sample wakes too is one signal; without a ring it still is one', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const owner = receiver(rig, 'SIGRTMIN+3');
  const file = rig.file(worker, { ...EVERY, wakeup_events: 1 });
  file.mmap(1);
  file.async({ owner, signal: 'SIGRTMIN+3' });
  worker.store(A, 2);
  t.is(taken(owner).length, 2);
  file.munmap();
  worker.store();
  t.is(taken(owner).length, 1);
});

test('records that were redirected: the signal is of the event that wrote them, poll of both is the ring’s', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const [owner, other] = [receiver(rig, 'SIGRTMIN+3'), receiver(rig, 'SIGRTMIN+4')];
  const file = rig.file(worker, { ...EVERY, watermark: true, wakeup_watermark: 1 });
  file.mmap(1);
  file.async({ owner: other, signal: 'SIGRTMIN+4' });
  const writer = rig.file(worker, { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, comm: true });
  writer.setOutput(file);
  writer.async({ owner, signal: 'SIGRTMIN+3' });
  worker.exec();
  t.deepEqual([taken(owner).length, taken(other).length], [1, 0]);
  t.deepEqual([writer.poll().in, file.poll().in], [true, false]);
});

/** What poll says behind each of `times` hits. */
const polled = (file: PerfFile, worker: Worker, times: number): number[] =>
  Array.from({ length: times }, () => {
    worker.store();
    return Number(file.poll().in);
  });

test('poll is readable once for each wake-up: with wakeup_events 3 at the third and sixth hit', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, wakeup_events: 3 });
  file.mmap(1);
  t.deepEqual(polled(file, worker, 7), [0, 0, 1, 0, 0, 1, 0]);
  worker.store(A, 5);
  t.deepEqual([file.poll().in, file.poll().in], [true, false], 'two wake-ups, of which nobody asked');
  worker.store(A, 3);
  file.drain();
  t.true(file.poll().in, 'reading the records does not take it away');
  worker.store(A, 3);
  file.disable();
  t.deepEqual([file.poll(), file.poll().in], [{ in: true, hup: false }, false]);
});

test('without wakeup_events poll is readable when half of the ring was written', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: SAMPLE.IP });
  file.mmap(1);
  t.deepEqual(polled(file, worker, 200).indexOf(1), 128, '2048 bytes of 16 each, and one more');
});

test('a wake-up by wakeup_events puts the next one by the watermark off by a byte', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, sample_type: SAMPLE.IP, wakeup_events: 2 });
  file.mmap(1);
  const even: number[] = [];
  for (let i = 0; i < 700; i++) {
    worker.store();
    file.drain();
    if (file.poll().in && i % 2 === 0) even.push(i);
  }
  t.deepEqual(even, [132, 264, 396, 528, 660]);
});

test('poll hangs up when the event and all of its children have ended, and while its records go nowhere', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, inherit: true, wakeup_events: 1 }, { cpu: 0 });
  const [up, down] = [
    { in: false, hup: false },
    { in: false, hup: true },
  ];
  t.deepEqual(file.poll(), down);
  file.mmapControlPage();
  t.deepEqual(file.poll(), up);
  file.munmap();
  t.deepEqual(file.poll(), down);
  file.mmap(1);
  t.deepEqual(file.poll(), up);
  const child = worker.fork();
  worker.exit();
  t.deepEqual(file.poll(), up, 'a child lives');
  child.store();
  child.exit();
  t.deepEqual(file.poll(), down, 'also with records in the ring');
});
