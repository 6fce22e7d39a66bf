import assert from 'node:assert/strict';
import { EXAMPLES } from '@hwbp/playground/examples';
import { type Scenario, Simulation } from '@hwbp/playground/model';
import { type Columns, type PackedTimeline, Packer, pack } from '@hwbp/playground/timeline';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';

/** What columns say, whatever numbers texts have in them. */
function rowsOf({ from, to, lane, text, label, lanes }: Columns, { texts }: PackedTimeline): unknown {
  const rows = Array.from(from, (begin, i) => [lane[i], begin, to[i], texts[text[i] ?? -1], texts[label[i] ?? -1]]);
  return { rows, lanes: [...lanes] };
}

function told(timeline: PackedTimeline): unknown {
  const { stays, hits, runs, events, away, colours, texts: _, ...rest } = timeline;
  const coloured = Array.from(stays.colour, (colour) => timeline.colours[colour]);
  return {
    ...rest,
    // Colours are given in the order in which somebody sees them.
    colours: [...colours].sort(),
    coloured,
    marks: [...events.colour],
    columns: [stays, hits, runs, events, away].map((columns) => rowsOf(columns, timeline)),
  };
}

for (const { id, scenario } of EXAMPLES) {
  test(`${id}: a timeline that follows a run, and its way there again, is the one of the whole history`, (t) => {
    const property = fc.property(
      fc.array(fc.record({ slice: fc.integer({ min: 1, max: 120 }), back: fc.nat(300) }), {
        minLength: 1,
        maxLength: 6,
      }),
      (moves) => {
        using simulation = new Simulation(scenario);
        const packer = new Packer();
        let [farthest, ended] = [0, false];
        for (const { slice, back } of moves) {
          simulation.run(slice);
          packer.follow(simulation.history);
          farthest = Math.max(farthest, simulation.history.snapshot().to);
          ended ||= simulation.ended !== undefined;
          if (back === 0) continue;
          const to = Math.max(0, simulation.count - back);
          simulation.rewind(to);
          while (simulation.count < to) simulation.run(50, to);
          packer.follow(simulation.history);
        }
        using straight = new Simulation(scenario);
        for (const one of [straight, simulation]) {
          while (one.count < farthest) one.run(77, farthest);
          while (ended && one.ended === undefined) one.run(1);
        }
        packer.follow(simulation.history);
        assert.deepEqual(told(packer.packed), told(pack(straight.history.snapshot())));
      },
    );
    check(t, property, 12);
    t.pass();
  });
}

test('records are bounded: the oldest go, and are counted; what is left is all there is since `from`', (t) => {
  const found = EXAMPLES.find(({ id }) => id === 'flexible');
  const scenario = found?.scenario as Scenario;
  using simulation = new Simulation(scenario);
  const [packer, all] = [new Packer(200), new Packer()];
  while (simulation.ended === undefined) {
    simulation.run(10);
    packer.follow(simulation.history);
    all.follow(simulation.history);
  }
  const [few, every] = [packer.packed, all.packed];
  const count = ({ stays, hits, runs, events, away }: PackedTimeline): number =>
    [stays, hits, runs, events, away].reduce((sum, { from }) => sum + from.length, 0);
  t.true(count(few) <= 200 + 10, `${count(few)} records`);
  t.is(every.lost, 0);
  t.is(few.lost, count(every) - count(few));
  t.true(few.from > 0);
  const since = ({ hits, texts }: PackedTimeline): unknown[] =>
    Array.from(hits.from, (at, i) => [at, texts[hits.text[i] ?? -1]]).filter(([at]) => Number(at) > few.from);
  t.deepEqual(since(few), since(every));
});
