import { flexible } from '@hwbp/core';
import test from 'ava';
import { nop } from '../ptrace/support.js';
import { A, active, EventsRig, states, variable } from './support.js';

const WATCH = { bp_type: 2, bp_addr: 0x9000n, bp_len: 8 };
const TICKS = { tick: 20_000, quantum: 10 };

test('a debugger’s reservation finds a register although flexible events fill all of them, and takes it', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), ...TICKS });
  const watches = Array.from({ length: 6 }, (_, n) => rig.watch(0, { bp_addr: variable(n) }));
  t.is(active(watches), 4);
  let hits = 0;
  const reservation = rig.kernel.breakpoints.debugger.reserve(
    WATCH,
    () => {
      hits++;
    },
    0,
    'kgdb',
  );
  if (reservation === undefined) throw new Error('the accounting is locked');
  reservation.install();
  t.true(rig.registers().includes(undefined), 'the reservation is no registered breakpoint');
  t.is(active(watches), 3);
  const worker = rig.worker();
  worker.store(0x9000n, 3);
  t.is(hits, 3);
  worker.run(...new Array(200).fill(nop));
  t.is(active(watches), 3, 'they take turns on the registers that are left');
  for (const watch of watches) t.true(rig.read(watch).running > 0);
  reservation.uninstall();
  worker.run(...new Array(200).fill(nop));
  t.is(active(watches), 4);
  t.true(reservation.release());
});

test('while a debugger installs, pinned events stay where they are', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), ...TICKS });
  const pinned = [0, 1].map((n) => rig.watch(0, { bp_addr: variable(n), pinned: true }));
  const others = [2, 3, 4].map((n) => rig.watch(0, { bp_addr: variable(n) }));
  const reservation = rig.kernel.breakpoints.debugger.reserve(WATCH, () => {}, 0, 'kgdb');
  reservation?.install();
  t.deepEqual(rig.registers().slice(0, 2), [variable(0), variable(1)]);
  t.deepEqual(states(...pinned), ['ACTIVE', 'ACTIVE']);
  t.is(active(others), 1);
  t.throws(() => rig.kernel.breakpoints.debugger.reserve(WATCH, () => {}, 0, 'kgdb'), { code: 'HWBP_NO_SLOT' });
});

test('with Linux’s policy every event is accounted as pinned: a debugger finds four of them in its way', (t) => {
  const rig = new EventsRig();
  for (let n = 0; n < 4; n++) rig.watch(0, { bp_addr: variable(n) });
  const error = t.throws(() => rig.kernel.breakpoints.debugger.reserve(WATCH, () => {}, 0, 'kgdb'), {
    code: 'HWBP_NO_SLOT',
  });
  t.regex(error.message, /4 of 4 are taken by events for CPU 0/);
});

test('a reservation on one CPU leaves the other to the flexible events', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), ...TICKS });
  const there = Array.from({ length: 5 }, (_, n) => rig.watch(1, { bp_addr: variable(n) }));
  const reservation = rig.kernel.breakpoints.debugger.reserve(WATCH, () => {}, 0, 'kgdb');
  reservation?.install();
  t.is(active(there), 4);
});

test('a debugger in the middle of a task’s time slice: the task’s flexible events make room and go on', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), ...TICKS });
  const worker = rig.worker();
  const watches = [0, 1, 2, 3].map((n) => rig.watch(worker, { bp_addr: variable(n) }));
  worker.call(() => {
    t.is(active(watches), 4);
    const reservation = rig.kernel.breakpoints.debugger.reserve(WATCH, () => {}, 0, 'kgdb');
    reservation?.install();
    t.is(active(watches), 3);
    reservation?.release();
  });
  worker.run(nop);
  worker.call(() => t.is(active(watches), 4));
  worker.store(A, 3);
  t.is(rig.count(watches[0] ?? rig.watch(worker)), 3);
});
