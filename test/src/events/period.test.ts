import { breakpointOf, EVENT_QUIRKS, KernelError, PERIOD_CHANGE_OVERFLOWS, USED_UP_STAYS_STOPPED } from '@hwbp/core';
import test from 'ava';
import { copyOut, load, modify, store, systemCall, TEXT } from '../ptrace/support.js';
import { A, EventsRig, Overflows, states, variable } from './support.js';

/** PERF_SAMPLE_PERIOD. */
const PERIOD_BIT = 0x100;

/** At which hits of so many stores an event with this attr overflows. */
function overflowsAt(stores: number, attr: object): number[] {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.watch(worker, attr, { handler: overflows.handler });
  worker.store(A, stores);
  return overflows.counts;
}

test('12 hits: period 2 overflows at 2, 4, 6, ..., 3 at 3, 6, ..., 4 at 4, 8, 12, and 5 at 5 and 10', (t) => {
  for (const [period, times] of [
    [1, 12],
    [2, 6],
    [3, 4],
    [4, 3],
    [5, 2],
    [12, 1],
    [13, 0],
    [2 ** 62, 0],
  ] as const) {
    const multiples = Array.from({ length: times }, (_, i) => (i + 1) * period);
    t.deepEqual(overflowsAt(12, { sample_period: period }), multiples, `period ${period}`);
    t.deepEqual(overflowsAt(12, { sample_period: BigInt(period) }), multiples, `period ${period}n`);
  }
});

test('no period: it counts, and never overflows', (t) => {
  t.deepEqual(overflowsAt(5, {}), []);
  t.deepEqual(overflowsAt(5, { sample_period: 0 }), []);
  t.deepEqual(overflowsAt(5, { sample_period: 0, sample_type: PERIOD_BIT }), []);
});

test('PERF_SAMPLE_PERIOD makes every hit overflow with period 1, whatever the period is; not with a frequency', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.watch(worker, { sample_period: 1000, sample_type: PERIOD_BIT }, { handler: overflows.handler });
  worker.store(A, 3);
  t.deepEqual(overflows.counts, [1, 2, 3]);
  t.deepEqual(
    overflows.seen.map(({ period }) => period),
    [1, 1, 1],
  );
});

test('an overflow stands for the period that has run out', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.watch(worker, { sample_period: 3 }, { handler: overflows.handler });
  worker.store(A, 7);
  t.deepEqual(
    overflows.seen.map(({ period, occurrence, mode }) => [period, occurrence.address, mode]),
    [
      [3, A, 'user'],
      [3, A, 'user'],
    ],
  );
});

test('bp_signal_overflow: 10000 executions with period 100 are 10000 counts and 100 overflows', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const at = TEXT + 4n;
  const event = rig.breakAt(worker, at, { sample_period: 100 }, { handler: overflows.handler });
  // An endless loop over one instruction: it begins at TEXT.
  worker.run({ jump: at });
  worker.run(...Array.from({ length: 10_000 }, () => ({ jump: at })));
  t.is(rig.count(event), 10_000);
  t.is(overflows.seen.length, 100);
  t.deepEqual(
    overflows.counts,
    Array.from({ length: 100 }, (_, i) => 100 * (i + 1)),
  );
});

test('one access that several events watch counts in each; a read-modify-write counts once', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const events = [
    rig.watch(worker, { bp_type: 3 }),
    rig.watch(worker),
    rig.watch(worker, { bp_addr: A + 4n, bp_len: 4 }),
    rig.watch(worker, { bp_addr: variable(1) }),
  ];
  worker.run(modify(A, 8), load(A, 8), store(A + 4n, 1), store(A + 6n, 4));
  t.deepEqual(rig.counts(...events), [4, 3, 3, 1]);
});

test('what exclude drops does not count: a copy of 8 bytes by the kernel, then a store in user mode', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const all = rig.watch(worker, { bp_type: 3 });
  const kernel = rig.watch(worker, { bp_type: 3, exclude_user: true });
  const user = rig.watch(worker, { bp_type: 3, exclude_kernel: true });
  const hypervisor = rig.watch(worker, { bp_type: 3, exclude_hv: true });
  worker.run(systemCall(...copyOut(A, 8)));
  t.deepEqual(rig.counts(all, kernel, user, hypervisor), [8, 8, 0, 8]);
  worker.run(store(A, 8));
  t.deepEqual(rig.counts(all, kernel, user, hypervisor), [9, 8, 1, 9]);
});

test('dropped hits do not move the period either', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.watch(worker, { sample_period: 2, exclude_kernel: true }, { handler: overflows.handler });
  worker.run(store(A), systemCall(...copyOut(A, 3)), store(A), store(A));
  t.deepEqual(overflows.counts, [2]);
});

test('reset zeroes the count, and neither the phase of the period nor the times', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { sample_period: 3 }, { handler: overflows.handler });
  worker.store(A, 2);
  const { enabled } = rig.read(event);
  rig.events.reset(event);
  t.deepEqual(rig.read(event), { count: 0, enabled, running: enabled });
  worker.store(A, 1);
  t.deepEqual(overflows.counts, [1], 'the third hit');
});

test('being disabled, switched out and migrated keep the phase of the period', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { sample_period: 4 }, { handler: overflows.handler });
  worker.store(A, 1);
  rig.events.disable(event);
  worker.store(A, 9);
  rig.events.enable(event);
  worker.store(A, 1);
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A, 1);
  t.deepEqual(overflows.counts, []);
  worker.store(A, 1);
  t.deepEqual(overflows.counts, [4]);
});

// --- refresh ---

test('refresh 3, ten hits: 3 count, two wake-ups that there is data and one that it was the last', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { sample_period: 1, disabled: true }, { handler: overflows.handler });
  const wakeups: string[] = [];
  event.wakeup = (_event, kind) => wakeups.push(kind);
  rig.events.refresh(event, 3);
  t.deepEqual(states(event), ['INACTIVE']);
  worker.store(A, 10);
  t.is(rig.count(event), 3);
  t.is(overflows.seen.length, 3);
  t.deepEqual(wakeups, ['in', 'in', 'hup']);
  t.deepEqual(states(event), ['OFF']);
});

test('refresh adds to what is left', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, { sample_period: 1 });
  rig.events.refresh(event, 2);
  worker.store(A, 1);
  rig.events.refresh(event, 2);
  worker.store(A, 9);
  t.is(rig.count(event), 4);
});

test('refresh and a period of two: the limit is of overflows, not of hits', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const event = rig.watch(worker, { sample_period: 2, disabled: true });
  rig.events.refresh(event, 2);
  worker.store(A, 9);
  t.is(rig.count(event), 4);
});

test('what else is watched by the instruction that uses a limit up is counted all the same', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const limited = rig.watch(worker, { sample_period: 1, disabled: true });
  const others = [rig.watch(worker), rig.watch(worker)];
  rig.events.refresh(limited, 1);
  worker.store(A, 2);
  t.deepEqual(rig.counts(limited, ...others), [1, 2, 2]);
});

test('refresh of an event without a period, or of one that children inherit, is EINVAL and changes nothing', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  for (const attr of [{ disabled: true }, { disabled: true, sample_period: 1, inherit: true }]) {
    const event = rig.watch(worker, attr);
    const error = t.throws(() => rig.events.refresh(event, 1), { instanceOf: KernelError, code: 'EVENT_NO_REFRESH' });
    t.is(error.errno, 'EINVAL');
    t.deepEqual(states(event), ['OFF']);
    t.is(event.limit, 0);
  }
});

// --- another period ---

test('another period: EINVAL for 0, for 64 bits, and for events without one', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const refused = (attr: object, period: number): void => {
    const event = rig.watch(worker, attr);
    const error = t.throws(() => rig.events.setPeriod(event, period), { instanceOf: KernelError });
    t.is(error.code, 'EVENT_BAD_PERIOD');
    t.is(error.errno, 'EINVAL');
    t.is(event.samplePeriod, Number((attr as { sample_period?: number }).sample_period ?? 0) === 0 ? 0 : 1);
    rig.events.close(event);
  };
  refused({ sample_period: 1 }, 0);
  refused({ sample_period: 1 }, 2 ** 63);
  refused({ sample_period: 1 }, 2 ** 64);
  refused({}, 5);
  refused({ sample_period: 100, freq: true }, 100_001);
});

test('without quirks a new period begins with the change, on a CPU or not', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { sample_period: 5 }, { handler: overflows.handler });
  worker.store(A, 3);
  rig.events.setPeriod(event, 2);
  worker.store(A, 4);
  t.deepEqual(overflows.counts, [5, 7]);
  worker.call(() => rig.events.setPeriod(event, 3));
  worker.store(A, 6);
  t.deepEqual(overflows.counts, [5, 7, 10, 13]);
});

// --- quirks, on and off ---

test('the quirks of the engine are declared, and on unless strict', (t) => {
  t.deepEqual(
    EVENT_QUIRKS.map(({ name }) => name),
    ['events-used-up-stays-stopped', 'events-period-change-overflows', 'events-suspend-loses-cpu-events'],
  );
  const { quirks } = new EventsRig({ strict: false }).kernel;
  for (const quirk of EVENT_QUIRKS) t.true(quirks.isOn(quirk) && quirks.catalogue.includes(quirk));
  for (const quirk of EVENT_QUIRKS) t.false(new EventsRig().kernel.quirks.isOn(quirk));
});

test('quirk H2: a limit that is used up stops an event; neither refresh nor enable nor exec brings it back, a period on its CPU does', (t) => {
  for (const on of [true, false]) {
    const rig = new EventsRig({ quirks: { [USED_UP_STAYS_STOPPED.name]: on } });
    const worker = rig.worker();
    const event = rig.watch(worker, { sample_period: 1, disabled: true });
    rig.events.refresh(event, 1);
    worker.store(A, 3);
    t.is(rig.count(event), 1);
    t.is(breakpointOf(event)?.hits, 1, 'nor does its breakpoint count what it does not hear');
    rig.events.enable(event);
    worker.store(A, 2);
    t.is(rig.count(event), on ? 1 : 3, 'enable');
    t.is(breakpointOf(event)?.hits, on ? 1 : 3);
    rig.events.refresh(event, 5);
    worker.store(A, 2);
    t.is(rig.count(event), on ? 1 : 5, 'refresh');
    rig.events.setPeriod(event, 1);
    worker.store(A, 1);
    t.is(rig.count(event), on ? 1 : 6, 'a period while it is away');
    worker.call(() => rig.events.setPeriod(event, 1));
    worker.store(A, 1);
    t.is(rig.count(event), on ? 2 : 7, 'a period while it is on its CPU');
  }
});

test('quirk H3: after a new period for an event that is on a CPU the next hit overflows, and the interval behind it has the old length', (t) => {
  for (const on of [true, false]) {
    const rig = new EventsRig({ quirks: { [PERIOD_CHANGE_OVERFLOWS.name]: on } });
    const spinner = rig.worker({ spin: true });
    const overflows = new Overflows();
    const event = rig.watch(spinner, { sample_period: 5 }, { handler: overflows.handler });
    spinner.store(A, 2);
    rig.events.setPeriod(event, 2);
    spinner.store(A, 12);
    // The third hit, 5 behind it, then every second one.
    t.deepEqual(overflows.counts, on ? [3, 7, 9, 11, 13] : [4, 6, 8, 10, 12, 14]);
  }
});

test('quirk H3 with an old period of 1: two overflows in one hit, and one wake-up', (t) => {
  const rig = new EventsRig({ strict: false });
  const spinner = rig.worker({ spin: true });
  const overflows = new Overflows();
  const event = rig.watch(spinner, { sample_period: 1 }, { handler: overflows.handler });
  let wakeups = 0;
  event.wakeup = () => {
    wakeups++;
  };
  spinner.store(A, 1);
  rig.events.setPeriod(event, 3);
  spinner.store(A, 1);
  t.deepEqual([overflows.counts, wakeups], [[1, 2, 2], 2]);
  spinner.store(A, 7);
  t.deepEqual(overflows.counts, [1, 2, 2, 3, 6, 9]);
});

test('a handler that closes its event in the first of several overflows is not called for the others', (t) => {
  const rig = new EventsRig({ strict: false });
  const spinner = rig.worker({ spin: true });
  let calls = 0;
  const event = rig.watch(
    spinner,
    { sample_period: 1 },
    {
      handler: () => {
        calls++;
        if (calls === 2) rig.events.close(event);
      },
    },
  );
  spinner.store(A, 1);
  t.is(calls, 1);
  rig.events.setPeriod(event, 3);
  spinner.store(A, 1);
  t.is(calls, 2, 'that hit overflows twice: the handler has closed its event in the first');
});
