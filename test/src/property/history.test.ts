import assert from 'node:assert/strict';
import { flexible, priorities, registrationOf } from '@hwbp/core';
import {
  History,
  type HistoryCursor,
  type HistoryData,
  type HistoryEvent,
  type Interval,
  type SliceEvent,
  type TraceEvent,
  traceEvents,
} from '@hwbp/history';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { kernelPlan, LOOKS } from './support/looking/arbitraries.js';
import type { Look } from './support/looking/look.js';
import { Looker } from './support/looking/looker.js';
import type { KernelPlan } from './support/looking/plan.js';
import { type Composition, difference, SCHEDULERS, Scene } from './support/looking/scene.js';

/** Kernels for each architecture and scheduler. */
const RUNS = 40;

/** Who is in a register, by what the kernel says: CPU, register, owner, since when it is unknown. */
function occupants({ kernel }: Scene): readonly string[] {
  return kernel.machine.cpus.flatMap(({ index }) =>
    kernel.breakpoints
      .occupants(index)
      .flatMap((one, register) =>
        one === undefined ? [] : [`${index} ${register} ${one.owner} ${one.attr.bp_addr.toString(16)}`],
      ),
  );
}

/** The same by what the history says. */
function held({ intervals, owners }: HistoryData): readonly string[] {
  return intervals
    .filter(({ to }) => to === undefined)
    .map(({ cpu, register, owner, what }) => `${cpu} ${register} ${owners[owner]} ${/0x([0-9a-f]+)/.exec(what)?.[1]}`)
    .sort();
}

/** Stays of one register do not overlap, and end behind their beginning. */
function checkOrder({ intervals, to: end }: HistoryData): void {
  const latest = new Map<string, number>();
  for (const { cpu, register, from, to = end } of intervals) {
    const place = `${cpu} ${register}`;
    assert.ok((latest.get(place) ?? 0) <= from && from <= to && to <= end, `${place}: ${from} to ${to}`);
    latest.set(place, to);
  }
}

/** A history as somebody has it who asks for what is new now and then. */
class Followed {
  readonly #subject: History;
  #cursor: HistoryCursor | undefined;
  #past: Interval[] = [];
  #events: HistoryEvent[] = [];
  #latest: readonly Interval[] = [];

  constructor(subject: History) {
    this.#subject = subject;
  }

  look(): void {
    const { cursor, anew, data, latest } = this.#subject.since(this.#cursor);
    if (anew) {
      this.#past = [];
      this.#events = [];
    }
    this.#cursor = cursor;
    this.#past.push(...data.intervals);
    this.#events.push(...data.events);
    this.#latest = latest;
  }

  /** It is what a snapshot has, at whatever moments it was asked for. */
  compare({ intervals, events }: HistoryData): void {
    const all = [...this.#past, ...this.#latest];
    all.sort((a, b) => a.from - b.from || a.cpu - b.cpu || a.register - b.register);
    assert.deepEqual(all, intervals);
    assert.deepEqual(this.#events, events);
  }
}

/**
 * Slices of one track follow each other or stand in each other: Perfetto drops those that overlap otherwise (its
 * importer keeps a stack for each track).
 */
function checkTracks(events: readonly TraceEvent[]): number {
  const tracks = new Map<string, SliceEvent[]>();
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const key = `${event.pid} ${event.tid}`;
    const track = tracks.get(key);
    if (track === undefined) tracks.set(key, [event]);
    else track.push(event);
  }
  let slices = 0;
  for (const [key, track] of tracks) {
    const open: number[] = [];
    for (const { ts, dur, name } of track.sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
      while (open.length > 0 && (open.at(-1) ?? 0) <= ts) open.pop();
      assert.ok(
        open.every((end) => ts + dur <= end),
        `${key}: ${name} at ${ts} for ${dur} sticks out of ${open}`,
      );
      open.push(ts + dur);
      slices++;
    }
  }
  return slices;
}

/** What breakpoints have come to. */
function breakpointsOf({ kernel }: Scene): readonly unknown[] {
  return kernel.breakpoints.registered
    .map((one) => ({
      serial: registrationOf(one).serial,
      ...one.attr,
      state: one.state,
      hits: one.hits,
      cpu: one.onCpu,
      register: one.register,
    }))
    .sort((a, b) => a.serial - b.serial);
}

/** Looks at a kernel in the same ways with a history and without: both come to the same end. */
function remembered(
  plan: KernelPlan,
  looks: readonly Look[],
  composition: Composition,
  told: { hits: number; slices: number },
): void {
  using without = new Scene(plan, composition);
  using scene = new Scene(plan, { ...composition, history: true });
  const subject = scene.kernel.get(History);
  const followed = new Followed(subject);
  const compare = (): void => {
    assert.deepEqual(held(subject.snapshot()), [...occupants(scene)].sort());
    followed.look();
  };
  scene.kernel.machine.hooks.contextSwitch.add(compare, { last: true });
  scene.kernel.machine.hooks.tick.add(compare, { last: true });
  const lookers = [without, scene].map((one) => {
    const looker = new Looker(one, { perf: composition.scheduler === 'events', kgdb: true });
    looker.play(looks);
    return looker;
  });
  assert.equal(difference(without.outcome, scene.outcome), undefined, 'the same run, to the same state');
  assert.equal(lookers[1]?.seen, lookers[0]?.seen);
  assert.deepEqual(breakpointsOf(scene), breakpointsOf(without));
  const data = subject.snapshot();
  compare();
  checkOrder(data);
  told.slices += checkTracks(traceEvents(data).traceEvents);
  followed.compare(data);
  told.hits += data.events.filter(({ kind }) => kind === 'hit').length;
}

for (const arch of ['x86', 'ppc64 power8', 'ppc64 power10', 'arm64'] as const) {
  for (const scheduler of SCHEDULERS) {
    test(`${arch}, ${scheduler}: a kernel with a history runs to the state of one without; it has who is in registers`, (t) => {
      const composition = { arch, scheduler, observed: true };
      const told = { hits: 0, slices: 0 };
      const property = fc.property(kernelPlan, LOOKS['all of them'], (plan, looks) =>
        remembered(plan, looks, composition, told),
      );
      check(t, property, RUNS);
      t.true(told.hits > 0 && told.slices > 0, 'something was hit, and held');
    });
  }
}

for (const slotPolicy of [flexible, priorities]) {
  for (const scheduler of SCHEDULERS) {
    test(`x86, ${scheduler}, ${slotPolicy.name}(): the same where registers are shared or taken away`, (t) => {
      const composition = { arch: 'x86', scheduler, observed: true, slotPolicy: () => slotPolicy() } as const;
      const told = { hits: 0, slices: 0 };
      const property = fc.property(kernelPlan, LOOKS['all of them'], (plan, looks) =>
        remembered(plan, looks, composition, told),
      );
      check(t, property, RUNS);
      t.true(told.hits > 0 && told.slices > 0, 'something was hit, and held');
    });
  }
}

test('the check of tracks finds what overlaps, and lets in what stands in each other', (t) => {
  const slice = (ts: number, dur: number): SliceEvent => ({
    ph: 'X',
    name: 'one',
    cat: 'register',
    pid: 1,
    tid: 3,
    ts,
    dur,
    args: {},
  });
  t.is(checkTracks([slice(0, 10), slice(2, 8), slice(10, 5), slice(10, 0)]), 4);
  t.throws(() => checkTracks([slice(0, 10), slice(5, 10)]), { message: /sticks out/ });
});
