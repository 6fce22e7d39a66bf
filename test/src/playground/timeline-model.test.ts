import assert from 'node:assert/strict';
import type { HistoryData } from '@hwbp/history';
import { EXAMPLES } from '@hwbp/playground/examples';
import { Simulation } from '@hwbp/playground/model';
import { type Columns, eachVisible, followed, moved, pack, recordAt, zoomed } from '@hwbp/playground/timeline';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';

test('a million records of a lane cost what its pixels cost, and none that is wide is left out', (t) => {
  const records = 1_000_000;
  const from = Float64Array.from({ length: records }, (_, i) => 4 * i);
  const to = Float64Array.from({ length: records }, (_, i) => 4 * i + 3);
  const zeroes = new Int32Array(records);
  const columns: Columns = {
    from,
    to,
    lane: zeroes,
    colour: zeroes,
    text: zeroes,
    label: zeroes,
    lanes: Int32Array.of(0, records),
  };
  const drawn = (first: number, last: number): number[] => {
    const seen: number[] = [];
    eachVisible(columns, 0, { from: first, to: last, width: 1000 }, (record) => seen.push(record));
    return seen;
  };
  const everything = drawn(0, 4_000_000);
  t.true(everything.length >= 990 && everything.length <= 1002, `${everything.length} are drawn`);
  t.is(everything[0], 0);
  t.deepEqual(
    drawn(400, 420),
    [99, 100, 101, 102, 103, 104, 105].filter((n) => 4 * n + 3 >= 400 && 4 * n <= 420),
  );
  t.is(recordAt(columns, 0, 4001, 0), 1000);
  t.is(recordAt(columns, 0, 4003.5, 0), -1);
  const started = performance.now();
  for (let i = 0; i < 100; i++) drawn(i * 1000, 4_000_000 - i * 1000);
  t.log(`${((performance.now() - started) / 100).toFixed(2)} ms a lane and frame`);
});

test('whatever is wider than a pixel is drawn, whatever stands in front of it, and a pixel has few shapes', (t) => {
  const record = fc.record({ gap: fc.integer({ min: 0, max: 40 }), length: fc.integer({ min: 0, max: 400 }) });
  const extent = fc.record({
    from: fc.integer({ min: 0, max: 500 }),
    size: fc.integer({ min: 1, max: 3000 }),
    width: fc.integer({ min: 1, max: 60 }),
  });
  const property = fc.property(fc.array(record, { maxLength: 200 }), extent, (records, { from, size, width }) => {
    let at = 0;
    const begins: number[] = [];
    const ends = records.map(({ gap, length }) => {
      begins.push(at + gap);
      at += gap + length;
      return at;
    });
    const zeroes = new Int32Array(records.length);
    const lanes = Int32Array.of(0, records.length);
    const columns: Columns = {
      from: Float64Array.from(begins),
      to: Float64Array.from(ends),
      ...{ lane: zeroes, colour: zeroes, text: zeroes, label: zeroes, lanes },
    };
    const drawn: number[] = [];
    eachVisible(columns, 0, { from, to: from + size, width }, (n) => drawn.push(n));
    const pixel = size / width;
    for (const [n, begin] of begins.entries()) {
      const end = ends[n] ?? 0;
      const wide = Math.min(end, from + size) - Math.max(begin, from) > pixel;
      assert.ok(!wide || drawn.includes(n), `${begin} to ${end} is left out`);
    }
    assert.deepEqual(
      drawn,
      [...new Set(drawn)].sort((a, b) => a - b),
    );
    assert.ok(drawn.length <= 2 * width + 2, `${drawn.length} on ${width} pixels`);
  });
  check(t, property, 500);
});

test('a camera never leaves what there is', (t) => {
  const all = { from: 0, to: 1000 };
  t.deepEqual(zoomed(all, all, 0.5, 0), { from: 0, to: 500 });
  t.deepEqual(zoomed({ from: 400, to: 600 }, all, 100, 500), all);
  t.deepEqual(zoomed({ from: 400, to: 420 }, all, 0.001, 410), { from: 405, to: 415 });
  t.deepEqual(moved({ from: 900, to: 950 }, all, 500), { from: 950, to: 1000 });
});

test('who looks at a part goes on looking at it when there is more; at everything, at everything', (t) => {
  const [before, after] = [
    { from: 0, to: 100 },
    { from: 0, to: 200 },
  ];
  t.deepEqual(followed(before, before, after, 200), after);
  t.deepEqual(followed({ from: 20, to: 40 }, before, after, 30), { from: 20, to: 40 });
  t.deepEqual(followed({ from: 20, to: 40 }, before, after, 150), { from: 140, to: 160 }, 'where it stands is shown');
  t.deepEqual(followed({ from: 150, to: 170 }, after, before, 90), { from: 80, to: 100 }, 'there is less');
});

test('a guest with a guest of its own has the silicon while it runs itself; what was lost is no entry', (t) => {
  const machine = {
    cpus: 1,
    registers: ['DR0'],
    to: 100,
    lost: { intervals: 0, events: 0 },
    owners: [],
    intervals: [],
  };
  const events = (kinds: readonly (readonly ['guest-entry' | 'guest-exit', number])[]) =>
    kinds.map(([kind, count]) => ({ kind, count, cpu: 0 }));
  const middle = events([
    ['guest-entry', 10],
    ['guest-entry', 20],
    ['guest-exit', 30],
    ['guest-exit', 40],
  ]);
  const lost = events([['guest-exit', 60]]);
  const spans = (data: HistoryData) => {
    const { away } = pack(data);
    return Array.from(away.from, (from, n) => [away.lane[n], from, away.to[n]]);
  };
  t.deepEqual(
    spans({ ...machine, from: 0, events: [], guests: [{ name: 'middle', ...machine, from: 0, events: middle }] }),
    [
      [1, 0, 10],
      [1, 20, 30],
      [1, 40, 100],
    ],
  );
  t.deepEqual(
    spans({ ...machine, from: 50, events: lost, guests: [{ name: 'guest', ...machine, from: 50, events: lost }] }),
    [
      [0, 50, 60],
      [1, 60, 100],
    ],
  );
});

test("a guest's lanes are in the counts of its host: they are what the trace says", (t) => {
  const guest = EXAMPLES.find(({ id }) => id === 'guest');
  if (guest === undefined) throw new TypeError('there is an example with a guest');
  using simulation = new Simulation(guest.scenario);
  while (simulation.ended === undefined) simulation.run(1000);
  const { machines, hits, events, away, texts, colours, to } = pack(simulation.history.snapshot());
  t.deepEqual(
    machines.map(({ name, cpus, firstLane, firstCpu }) => [name, cpus, firstLane, firstCpu]),
    [
      [undefined, 1, 0, 0],
      ['guest', 1, 4, 1],
    ],
  );
  t.deepEqual(colours, ['kernel', 'guest: kernel']);
  const of = (columns: Columns, lane: number) => [...columns.from.slice(columns.lanes[lane], columns.lanes[lane + 1])];
  const told = simulation.view.trace.filter(({ kind, text }) => kind === 'hit' && text.startsWith('guest: '));
  t.is(told.length, 30);
  t.deepEqual(
    of(hits, 4),
    told.map(({ count }) => count),
  );
  t.deepEqual(of(events, 1), of(events, 0), 'what the host says of its CPU is said of the one of the guest');
  t.deepEqual(
    [...events.text.slice(events.lanes[1], (events.lanes[1] ?? 0) + 2)].map((text) => texts[text]),
    ['guest enters', 'guest leaves, in-guest-1'],
  );
  // One set of registers is in the silicon, always; the other is set aside.
  const spans = (lane: number) =>
    of(away, lane).map((from, n) => [from, away.to[(away.lanes[lane] ?? 0) + n]] as const);
  const [host, its] = [spans(0), spans(1)];
  t.true(host.length > 10, `${host.length} times`);
  const both = [...host, ...its].sort(([one], [other]) => one - other);
  t.deepEqual(
    both.map(([from]) => from),
    [0, ...both.slice(0, -1).map(([, end]) => end)],
    'where one ends the other begins',
  );
  t.is(both.at(-1)?.[1], to);
  t.deepEqual(
    host.map(([from]) => from),
    of(events, 0).filter((_, n) => texts[events.text[n] ?? 0]?.startsWith('guest enters')),
  );
  const within = ([from, end]: readonly [number, number | undefined], count: number) =>
    from < count && count < (end ?? 0);
  for (const count of of(hits, 4))
    t.true(
      host.some((span) => within(span, count - 0.5)),
      `the guest has the silicon at ${count}`,
    );
});
