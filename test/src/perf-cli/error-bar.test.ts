import { errorBar, type Turn } from '@hwbp/cli';
import test from 'ava';
import { hwbp, scratch } from '../replay/run-cli.js';

/** Numbers from 0 to 1, always the same of one seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const from = (random: Random, low: number, high: number): number => low * (high / low) ** random();
const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

/** Ticks at which hits come, in a run of so many. */
type Hits = (random: Random, ticks: number) => number[];

const scattered: Hits = (random, ticks) => {
  const hits: number[] = [];
  const gap = 1 / from(random, 0.01, 30);
  for (let at = exponential(random, gap); at < ticks; at += exponential(random, gap)) hits.push(at);
  return hits;
};

/** Bursts of one hit to hundreds, which last from a moment to many ticks. */
const bursts: Hits = (random, ticks) => {
  const [gap, size, length] = [ticks / from(random, 5, 1000), from(random, 1, 200), from(random, 0.01, 30)];
  const hits: number[] = [];
  for (let at = exponential(random, gap); at < ticks; at += exponential(random, gap)) {
    for (let left = exponential(random, size); left > 0; left--) hits.push(at + random() * length);
  }
  return hits;
};

const phases: Hits = (random, ticks) => {
  const begin = random() * ticks;
  const end = begin + 0.3 * random() * ticks;
  return scattered(random, ticks).filter((at) => at > begin && at < end);
};

const burstsOnGround: Hits = (random, ticks) => [...scattered(random, ticks), ...bursts(random, ticks)];

/** What an event counts of hits that has a register in `share` of every `round` ticks. */
function turnsOf(hits: readonly number[], ticks: number, round: number, share: number, offset: number): Turn[] {
  const counts = new Uint32Array(ticks);
  for (const at of hits) if (at < ticks) counts[Math.floor(at)] = (counts[Math.floor(at)] as number) + 1;
  const turns: Turn[] = [];
  let turn: Turn | undefined;
  for (let tick = 0; tick <= ticks; tick++) {
    const on = tick < ticks && (tick + offset) % round < share;
    if (on) turn = { count: (turn?.count ?? 0) + (counts[tick] as number), running: (turn?.running ?? 0) + 1 };
    else if (turn !== undefined) {
      turns.push(turn);
      turn = undefined;
    }
  }
  return turns;
}

for (const [name, hitsOf] of Object.entries({ scattered, bursts, phases, burstsOnGround })) {
  test(`the true count lies within the bar in nine of ten cases and more: ${name}`, (t) => {
    const random = randomOf(name.length);
    let [bars, within, cases, worth] = [0, 0, 0, 0];
    for (let run = 0; run < 1500; run++) {
      const ticks = Math.floor(from(random, 50, 2000));
      const [round, share] = [5 + Math.floor(36 * random()), random() < 0.5 ? 1 : 4];
      const hits = hitsOf(random, ticks).filter((at) => at < ticks);
      if (hits.length === 0) continue;
      cases++;
      const turns = turnsOf(hits, ticks, round, share, Math.floor(round * random()));
      const bar = errorBar(turns, ticks);
      if (bar === undefined) continue;
      bars++;
      const counted = turns.reduce((sum, { count }) => sum + count, 0);
      const running = turns.reduce((sum, turn) => sum + turn.running, 0);
      const estimate = (counted * ticks) / running;
      if (Math.abs(estimate - hits.length) <= bar * estimate) within++;
      if (bar < 1) worth++;
    }
    t.true(within >= 0.9 * bars, `${within} of ${bars}`);
    t.true(bars > 0.4 * cases, `${bars} bars in ${cases} cases`);
    t.true(worth > 0.2 * bars, `${worth} of ${bars} say something`);
  });
}

test('hits that are scattered evenly: little more than two standard deviations of their number', (t) => {
  const random = randomOf(1);
  const hits = Array.from({ length: 10_000 }, () => 1000 * random());
  const bar = errorBar(turnsOf(hits, 1000, 10, 1, 0), 1000) ?? 0;
  const poisson = 1.96 * Math.sqrt(0.9 / 1000);
  t.true(bar > 0.9 * poisson && bar < 1.5 * poisson, `${bar}, ${poisson}`);
});

test('the same number of hits in bursts: many times as much', (t) => {
  const turns = (per: number): Turn[] =>
    Array.from({ length: 100 }, (_, i) => ({ count: i % per === 0 ? 10 * per : 0, running: 1 }));
  const [even, often, rare] = [1, 5, 25].map((per) => errorBar(turns(per), 1000) ?? 0) as [number, number, number];
  t.true(often > 5 * even && rare > 10 * even, `${even} ${often} ${rare}`);
});

test('where nobody can say: no estimate, few turns, no hit', (t) => {
  const turn = { count: 5, running: 10 };
  t.is(errorBar(new Array(10).fill(turn), 100), undefined, 'it had a register all the time');
  t.is(errorBar(new Array(7).fill(turn), 100), undefined);
  t.is(errorBar(new Array(8).fill({ count: 0, running: 10 }), 100), undefined);
  t.true((errorBar(new Array(8).fill(turn), 100) ?? 0) > 0);
  t.is(errorBar([], 0), undefined);
});

const VARIABLES = 12;

/** A trace in which each variable is written in bursts of its own: some long, some short, some rare. */
function burstyTrace(seed: number, instructions: number): string {
  const random = randomOf(seed);
  const lines: string[] = [];
  const left = new Array(VARIABLES).fill(0);
  for (let i = 0; i < instructions; i++) {
    lines.push('I  00401000,4');
    const variable = Math.floor(random() * VARIABLES);
    if (left[variable] > 0) {
      left[variable]--;
      lines.push(` S ${(0x404000 + 8 * variable).toString(16).padStart(8, '0')},8`);
    } else if (random() < 0.3 / (1 + variable * 3))
      left[variable] = Math.floor(exponential(random, 3 * (1 + variable)));
  }
  return `${lines.join('\n')}\n`;
}

test('hwbp stat --policy flexible: the exact count lies within the bar, and a bar that nobody knows is said', async (t) => {
  const file = scratch(t);
  const events = Array.from({ length: VARIABLES }, (_, i) => `mem:0x${(0x404000 + 8 * i).toString(16)}/8:w`).join(',');
  const args = ['stat', '--policy', 'flexible', '--exact', '-e', events];
  let [bars, within] = [0, 0];
  for (const seed of [1, 2, 3]) {
    const { stdout } = await hwbp([...args, '--json', file(`${seed}.trace`, burstyTrace(seed, 600_000))]);
    for (const line of stdout.trimEnd().split('\n')) {
      const { error, exact, 'counter-value': value } = JSON.parse(line);
      t.true(error === null || error > 0);
      if (error === null) continue;
      bars++;
      if (Math.abs(Number(value) - exact) <= (error / 100) * Number(value)) within++;
    }
  }
  t.true(bars >= VARIABLES, `${bars} bars`);
  t.true(within >= 0.9 * bars, `${within} of ${bars}`);
  const short = await hwbp([...args, file('short.trace', burstyTrace(3, 60_000))]);
  t.regex(short.stdout, /\( ?\d+\.\d\d%\) \+- {6}\? /);
  t.regex(short.stdout, /^ {2}\+- \?: too few turns on a register, or none with a hit/m);
});
