import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { EXAMPLES } from '@hwbp/playground/examples';
import {
  checkScenario,
  linkOf,
  MODEL_TITLES,
  readLink,
  type Scenario,
  ScenarioError,
  Simulation,
} from '@hwbp/playground/model';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';

function example(id: string): Scenario {
  const found = EXAMPLES.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`there is no example ${id}`);
  return found.scenario;
}

for (const { id, scenario } of EXAMPLES) {
  test(`${id}: a state belongs to a count, however it was come to`, (t) => {
    using stepped = new Simulation(scenario);
    const states = [stepped.view];
    while (stepped.ended === undefined && states.length < 150) {
      stepped.step();
      states.push(stepped.view);
    }
    const last = stepped.count;
    using sliced = new Simulation(scenario);
    while (sliced.count < last) sliced.run(7, last);
    if (stepped.ended === undefined) t.deepEqual(sliced.view, states.at(-1));
    using hits = new Simulation(scenario);
    while (hits.run(1_000_000, last, true) === 'hit')
      t.deepEqual(hits.view, states[hits.count], `hit at ${hits.count}`);
    for (let at = states.length - 2; at >= Math.max(0, states.length - 12); at--) {
      stepped.back();
      t.deepEqual(stepped.view, states[at], `back at ${at}`);
    }
  });
}

/** Ways through each example. */
const RUNS = 25;

/** What somebody does who looks around. */
const MOVES = fc.array(
  fc.oneof(
    fc.constantFrom('step', 'back', 'hit', 'restart'),
    fc.record({ go: fc.nat(1100), slice: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ backs: fc.integer({ min: 1, max: 300 }) }),
  ),
  { maxLength: 12 },
);

for (const id of ['flexible', 'ptrace-perf', 'kgdb', 'guest']) {
  test(`${id}: wherever one goes, forward and back, the state is the one of that count`, (t) => {
    using reference = new Simulation(example(id));
    const states = [reference.view];
    const hits = [false];
    while (reference.ended === undefined) {
      hits.push(reference.step() === 'hit');
      states.push(reference.view);
    }
    const last = states.length - 1;
    const property = fc.property(MOVES, (moves) => {
      using simulation = new Simulation(example(id));
      let at = 0;
      const look = (): void => assert.deepEqual(simulation.view, states[at]);
      const go = (count: number, slice: number): void => {
        if (count <= simulation.before) simulation.rewind(count);
        while (simulation.ended === undefined && simulation.count < count) simulation.run(slice, count);
        at = Math.min(count, last);
      };
      for (const move of moves) {
        if (move === 'step') {
          simulation.step();
          at = Math.min(at + 1, last);
        } else if (move === 'back') {
          simulation.back();
          at = Math.max(at - 1, 0);
        } else if (move === 'hit') {
          while (simulation.run(100, undefined, true) === 'count');
          const next = hits.indexOf(true, at + 1);
          at = next < 0 ? last : next;
        } else if (move === 'restart') go(0, 1);
        else if ('go' in move) go(move.go, move.slice);
        else {
          for (let n = 0; n < move.backs; n++) {
            simulation.back();
            at = Math.max(at - 1, 0);
            if (n % 50 === 0) look();
          }
        }
        look();
      }
    });
    check(t, property, RUNS);
    t.true(last > 50);
  });
}

test('the examples show what they say', (t) => {
  const end = (id: string) => {
    using simulation = new Simulation(example(id));
    while (simulation.ended === undefined) simulation.run(100_000);
    return simulation.view;
  };
  t.deepEqual(
    end('full').watches.map(({ state }) => state),
    ['in a register', 'in a register', 'in a register', 'given back', 'refused', 'in a register'],
  );
  const flexible = end('flexible').watches.map(({ hits }) => hits);
  t.deepEqual(flexible.slice(0, 2), [120, 120], 'pinned ones miss nothing');
  t.true(
    flexible.slice(2).every((hits) => hits > 20 && hits < 120),
    `flexible ones take turns: ${flexible}`,
  );
  const refusal = end('ptrace-perf').refusals.at(-1);
  t.deepEqual(
    refusal?.holders.map(({ owner }) => owner),
    ['perf', 'perf', 'perf', 'ptrace (user debug registers)'],
  );
  const seen = (id: string) => end(id).trace.find(({ kind }) => kind === 'stop')?.text ?? '';
  t.regex(seen('after-x86'), /value is 1$/);
  t.regex(seen('before-power'), /value is 0;/);
  t.regex(seen('before-arm'), /value is 0;/);
  t.is(end('race').variables[0]?.values[0], '18', 'two of the counts are lost');
  t.deepEqual(
    end('guest').watches.map(({ hits }) => hits),
    [30, 30],
  );
});

/** A link of a few hundred characters that unpacks to a million. */
const BOMB = `1.${deflateRawSync(Buffer.alloc(1_000_000, 32)).toString('base64url')}`;

test('a link is a scenario, and nothing else is', async (t) => {
  for (const [index, { scenario }] of EXAMPLES.entries()) {
    const part = index % 3 === 0 ? {} : { show: { from: index, to: 20 * index } };
    const origin = index % 4 === 0 ? {} : { origin: 'some-example' };
    const linked = { scenario, at: 7 * index, ...part, trace: index % 2 === 1, ...origin };
    t.deepEqual(await readLink(await linkOf(linked)), linked);
  }
  const good = await linkOf({ scenario: example('full') });
  const altered = (some: object): Promise<string> => linkOf({ scenario: { ...example('full'), ...some } as Scenario });
  await t.throwsAsync(altered({ text: ' '.repeat(1_000_000) }), {
    instanceOf: ScenarioError,
    message: /too long for a link/,
  });
  const full = {
    ...example('full'),
    text: Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(33 + ((i * 7919 + ((i * i) % 61)) % 90))).join(
      '',
    ),
  };
  t.deepEqual((await readLink(await linkOf({ scenario: full }))).scenario, full, 'the longest program there may be');
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /not of this page/],
    ['2.abc', /not of this page/],
    ['1.%%%', /damaged/],
    ['1.AAAA', /damaged/],
    [`1.${'A'.repeat(70_000)}`, /more than 65536 characters/],
    [BOMB, /unpacks to more than 262144 bytes/],
    [await altered({ cpus: 900 }), /^cpus: /],
    [await altered({ extra: 1 }), /extra/],
    [`${good}&at=-1`, /'at=-1' is none of page=trace, origin=, at=, show=, with counts from 0 to 20000000/],
    [`${good}&at=20000001`, /'at=20000001' is none of/],
    [`${good}&at=1-2`, /'at=1-2' is none of/],
    [`${good}&show=7-7`, /'show=7-7' is none of/],
    [`${good}&origin=<b>`, /'origin=<b>' is none of/],
    [`${good}&show=me`, /'show=me' is none of/],
  ];
  for (const [link, message] of refused) {
    await t.throwsAsync(readLink(link), { instanceOf: ScenarioError, message }, link.slice(0, 20));
  }
});

test('a scenario that contradicts itself is refused with what is wrong', (t) => {
  const base = example('full');
  const refused: readonly (readonly [Partial<Scenario>, RegExp])[] = [
    [{ tasks: [{ comm: 'a', entry: 'nowhere' }] }, /task a: there is no label nowhere; there are: /],
    [{ tasks: [{ comm: 'a', entry: 'one' }] }, /task a cannot begin at one: that is data/],
    [{ tasks: [{ comm: 'a', entry: 'main', cpu: 5 }] }, /the last one is CPU 1/],
    [{ watches: [{ by: 'kernel', symbol: 'nothing', access: 'w' }] }, /there is no symbol nothing/],
    [{ watches: [{ by: 'ptrace', symbol: 'one', access: 'w', task: 'left' }] }, /cannot attach to tasks of the kernel/],
    [{ text: 'main: jump' }, /program\.s:1:7: there is no instruction 'jump'/],
    [{ model: 'arm64', tasks: [{ comm: 'a', entry: 'main', guest: true }] }, /guests: only x86 and ppc64/],
  ];
  for (const [some, message] of refused) {
    t.throws(() => new Simulation({ ...base, ...some }), { instanceOf: ScenarioError, message });
  }
  t.throws(() => checkScenario({ ...base, seed: -1 }), { instanceOf: ScenarioError, message: /^seed: / });
  using without = new Simulation({ ...base, watches: [{ by: 'perf', symbol: 'one', access: 'w' }] });
  const [refusal] = without.view.refusals;
  t.is(refusal?.code, 'not in this kernel');
  t.is(refusal?.message, "perf is not in this kernel: it needs the breakpoint scheduler 'events'; choose it");
  t.is(without.view.trace.at(-1)?.text, `perf one: ${refusal?.message}`);
});

test('a hart whose triggers are of the old type hits what one of the new type does', (t) => {
  const hits = (model: Scenario['model']): readonly number[] => {
    using simulation = new Simulation({ ...example('full'), model });
    while (simulation.ended === undefined) simulation.run(100_000);
    return simulation.view.watches.map((watch) => watch.hits);
  };
  const wanted = hits('riscv64');
  t.true(wanted.filter((count) => count > 0).length >= 4, `${wanted}`);
  t.deepEqual(hits('riscv64-mcontrol'), wanted);
});

test('every register of every architecture is decoded, and decoding changes nothing', (t) => {
  const base = { ...example('full'), watches: [{ by: 'kernel', symbol: 'one', access: 'w' } as const] };
  // A bit is 0 or 1; what is wider has 0x before it: of `BAS=10` nobody could tell what it is.
  const names: Record<string, readonly string[]> = {
    x86: ['DR0', 'DR7.R/W0=0x1', 'DR7.LEN0=0x2', 'DR7.G0=1'],
    'x86-intel': ['DR7.G0=1'],
    'x86-amd': ['DR7.G0=1'],
    power7: ['DABR.DW=1', 'DABR.DR=0', 'DABRX.PRIVM:PNH=1'],
    power9: ['DAWRX.DW=0'],
    power8: ['DAWRX.DW=1', 'DAWRX.MRD=0x0', 'CIABR.PRIV=0x0'],
    power10: ['DAWRX0.DW=1', 'DAWRX1.DW=0'],
    arm64: ['DBGWCR0_EL1.E=1', 'DBGWCR0_EL1.LSC=0x2', 'DBGWCR0_EL1.BAS=0xff', 'MDSCR_EL1.MDE=1'],
    'arm64-fewest': ['DBGWCR0_EL1.E=1', 'DBGBCR1_EL1.E=0'],
    'arm64-most': ['DBGWCR0_EL1.E=1', 'DBGWCR15_EL1.E=0', 'DBGBCR15_EL1.BAS=0x0'],
    riscv64: [
      'tdata1 [0].type=0x6',
      'tdata1 [0].store=1',
      'tdata1 [0].match=0x1',
      'tdata1 [4].type=0x3',
      'tinfo [0].info=0x8040',
    ],
    'riscv64-after': ['tdata1 [0].store=1'],
    'riscv64-mcontrol': [
      'tdata1 [0].type=0x2',
      'tdata1 [0].store=1',
      'tdata1 [0].maskmax=0xc',
      'tinfo [0].info=0x8004',
    ],
  };
  t.deepEqual(Object.keys(names).sort(), Object.keys(MODEL_TITLES).sort(), 'every model');
  for (const [model, wanted] of Object.entries(names)) {
    using simulation = new Simulation(checkScenario({ ...base, model }));
    const [cpu] = simulation.view.cpus;
    const said = cpu?.registers.flatMap(({ name, fields }) => [
      name,
      ...fields.map((field) => `${name}.${field.name}=${field.value}`),
    ]);
    for (const one of wanted) t.true(said?.includes(one), `${model}: ${one}`);
    t.deepEqual(simulation.view, simulation.view, model);
  }
});
