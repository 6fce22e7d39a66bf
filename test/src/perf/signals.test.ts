import { SI_CODES, type SignalInfo, type SignalName, type Task } from '@hwbp/core';
import test from 'ava';
import { A, PerfRig, variable } from './support.js';

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

test('poll: readable while records lie in the ring; hung up when the event and all of its children have ended', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { ...EVERY, inherit: true }, { cpu: 0 });
  t.deepEqual(file.poll(), { in: false, hup: false });
  file.mmap(1);
  worker.store();
  t.deepEqual(file.poll(), { in: true, hup: false });
  file.drain();
  t.deepEqual(file.poll(), { in: false, hup: false });
  const child = worker.fork();
  worker.exit();
  t.deepEqual(file.poll(), { in: false, hup: false }, 'a child lives');
  child.exit();
  t.deepEqual(file.poll(), { in: false, hup: true });
});
