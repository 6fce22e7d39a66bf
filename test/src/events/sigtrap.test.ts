import { type PmuEvent, perfEvents, SI_CODES, type SignalInfo, TRAP_PERF_FLAG_ASYNC } from '@hwbp/core';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { copyOut, A as DEBUGGED, debuggee, dr7, nop, store, systemCall } from '../ptrace/support.js';
import { A, EventsRig, variable, type Worker } from './support.js';

const SIGTRAP = { sigtrap: true, remove_on_exec: true, sample_period: 1 };

/** Notes every SIGTRAP that a worker's handler gets. */
function trapsOf(worker: Worker): SignalInfo[] {
  const traps: SignalInfo[] = [];
  worker.task.handlers.set('SIGTRAP', (info) => {
    traps.push(info);
    return { state: 'done', run: () => 0 };
  });
  return traps;
}

const addresses = (traps: readonly SignalInfo[]) => traps.map(({ si_addr }) => si_addr);

test('each overflow sends SIGTRAP: TRAP_PERF, with the watched address, sig_data and the event’s type', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  rig.watch(worker, { ...SIGTRAP, sig_data: 0x1234_5678_9abcn });
  worker.run(store(A + 4n, 1), nop);
  t.deepEqual(traps, [
    {
      si_signo: 'SIGTRAP',
      si_code: SI_CODES.TRAP_PERF,
      si_addr: A,
      si_perf_data: 0x1234_5678_9abcn,
      si_perf_type: 5,
      si_perf_flags: 0,
    },
  ]);
});

test('si_perf_flags says that SIGTRAP was blocked at the access: the signal came later (seen on Linux 6.18)', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  rig.watch(worker, SIGTRAP);
  worker.run(store(A, 8), nop);
  worker.task.blocked.add('SIGTRAP');
  // The second finds it pending.
  worker.run(store(A, 8), store(A, 8), nop);
  t.is(traps.length, 1);
  worker.task.blocked.delete('SIGTRAP');
  worker.run(nop, store(A, 8), nop);
  t.deepEqual(
    traps.map(({ si_perf_flags }) => si_perf_flags),
    [0, TRAP_PERF_FLAG_ASYNC, 0],
  );
});

test('one for each return to user mode, however many hits: a system call’s hits give one, at its end', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  const event = rig.watch(worker, SIGTRAP);
  worker.run(systemCall(...copyOut(A, 8)), nop);
  t.deepEqual([rig.count(event), traps.length], [8, 1]);
  worker.run(store(A), store(A), nop);
  t.deepEqual([rig.count(event), traps.length], [10, 3]);
});

test('only overflows do: with a period of 3, the third, sixth, ... hit', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  const at: number[] = [];
  const event: PmuEvent = rig.watch(worker, { ...SIGTRAP, sample_period: 3 });
  worker.task.handlers.set('SIGTRAP', (info) => {
    traps.push(info);
    at.push(event.count);
    return { state: 'done', run: () => 0 };
  });
  worker.store(A, 7);
  t.deepEqual(at, [3, 6]);
});

test('two events hit by one access: the later opened one wins, because the signal is pending once', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  rig.watch(worker, { ...SIGTRAP, sig_data: 1n });
  rig.watch(worker, { ...SIGTRAP, sig_data: 2n });
  worker.run(store(A, 8), nop);
  t.deepEqual(
    traps.map(({ si_perf_data }) => si_perf_data),
    [2n],
  );
});

test('a SIGTRAP that is pending already, such as a debugger’s for the same access, suppresses it', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  const event: PmuEvent = rig.watch(worker, SIGTRAP, {
    handler: () => rig.machine.sendSignal(worker.task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_HWBKPT }),
  });
  worker.run(store(A), nop);
  t.deepEqual(
    traps.map(({ si_code }) => si_code),
    [SI_CODES.TRAP_HWBKPT],
  );
  t.is(rig.count(event), 1);
});

test('with ptrace: a debug register on the same variable stops the task, and its event sends nothing', (t) => {
  const one = debuggee({ breakpointScheduler: perfEvents(), plugins: [Ptrace, Perf] });
  const attr = {
    type: 5,
    bp_type: 2,
    bp_addr: DEBUGGED,
    bp_len: 8,
    sample_period: 1,
    sigtrap: true,
    remove_on_exec: true,
  };
  const file = one.kernel.get(Perf).open(attr, { pid: one.task.pid });
  t.deepEqual(
    one.run(store(DEBUGGED, 8)).map(({ code }) => code),
    ['6'],
    'TRAP_PERF',
  );
  one.poke(0, DEBUGGED);
  one.poke(7, dr7(0, 'w', 8));
  t.deepEqual(
    one.run(store(DEBUGGED, 8)).map(({ code }) => code),
    ['TRAP_HWBKPT'],
  );
  t.is(one.kernel.get(Perf).files.get(file.fd)?.event.count, 2);
});

test('hits of the kernel with exclude_kernel are none; without it the address is told', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  const event = rig.watch(worker, { ...SIGTRAP, exclude_kernel: true });
  worker.run(systemCall(...copyOut(A, 4)), nop);
  t.deepEqual([rig.count(event), traps.length], [0, 0]);
  rig.watch(worker, { ...SIGTRAP, bp_addr: variable(1) });
  worker.run(systemCall(...copyOut(variable(1), 4)), nop);
  t.deepEqual(addresses(traps), [variable(1)]);
});

test('a task without a handler is killed by it', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  rig.watch(worker, SIGTRAP);
  t.throws(() => worker.run(store(A), store(A), store(A)), { message: /does not get on/ });
  t.deepEqual(worker.task.exit, { signal: 'SIGTRAP' });
});

test('a child’s overflow is the child’s signal', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  rig.watch(worker, { ...SIGTRAP, inherit: true, remove_on_exec: true });
  const child = worker.fork();
  const childTraps = trapsOf(child);
  child.run(store(A), nop);
  t.deepEqual([traps.length, childTraps.length], [0, 1]);
});

test('an event that is closed before the return to user mode sends nothing any more', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const traps = trapsOf(worker);
  const event: PmuEvent = rig.watch(worker, SIGTRAP, {
    handler: (_event, { cpu }) => rig.machine.irqWork(cpu, { perform: () => rig.events.close(event) }),
  });
  worker.run(store(A), nop);
  t.deepEqual(traps, []);
});
