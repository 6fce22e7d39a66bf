import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  architecture,
  composeKernel,
  consumerPlugin,
  FACET_SERVICES,
  Facet,
  flexible,
  HARDWARE_DEBUG_REQUESTS,
  type KernelDescription,
  LOGGER,
  MACHINE,
  nullBackend,
  offer,
  perfEvents,
  plugin,
  provide,
  provideValue,
  RingLogger,
  SLOT_POLICY,
  StaticSymbolTable,
  SYMBOLS,
  Token,
} from '@hwbp/core';
import { Perf, perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';

const POWER = new Facet<{ readonly watts: number }>('power', 'Power (watts), and offer it with POWER');
const FUEL = new Token<string>('Fuel', 'compose a plugin that provides it, such as hay');

class Engine {
  static readonly plugin = { name: 'engine' };
  static readonly inject = [POWER, FUEL];
  readonly fuel: string;

  constructor(_power: { readonly watts: number }, fuel: string) {
    this.fuel = fuel;
  }

  start(): void {}

  stop(): void {}
}

const withPower = architecture(nullBackend(), { facets: [offer(POWER, () => ({ watts: 5 }))] });
const hay = plugin('hay', provideValue(FUEL, 'hay'));

const partOf = ({ parts }: KernelDescription, token: Token<unknown>) =>
  parts.find(({ token: name }) => name === token.name);
const madeOf = ({ parts }: KernelDescription) => parts.filter(({ made }) => made).map(({ token }) => token);

test('describe says what was composed, as data and as a boot tree', (t) => {
  const kernel = composeKernel({
    arch: withPower,
    cpus: 3,
    offline: [1],
    symbols: [{ name: 'jiffies', address: 0x1000n, size: 8 }],
    plugins: [hay, Engine],
  });
  t.like(kernel.describe(), {
    cpus: 3,
    online: [0, 2],
    slotPolicy: 'linux',
    breakpointScheduler: 'direct',
    taskScheduler: 'round robin',
    symbols: 1,
    facets: ['power'],
    plugins: [
      { name: 'none', options: {}, facets: [] },
      { name: 'hay', options: {}, facets: [] },
      { name: 'engine', options: {}, facets: ['power'] },
    ],
    quirks: [],
  });
  t.deepEqual(String(kernel.describe()).split('\n'), [
    'architecture  none: 0 shared by data and instruction; watches none',
    'cpus          3, online 0, 2',
    'slot policy   linux',
    'scheduler     direct',
    'tasks         round robin',
    'symbols       1',
    'facets        power',
    'plugins       none, hay, engine (uses power)',
    'quirks        none',
    'overrides     none',
    'made          Settings, ArchManifest, ArchBackend, Hardware, Logger, Random, Scheduling, TaskScheduler, Services, SystemCalls, Machine, QuirkSet, CpuDrivers, ArchHost, ArchPort, HandlerErrors, HitDelivery, SlotPolicy, SlotAccounting, RegisterFile, Registers, BreakpointScheduler, Breakpoints, FacetServices, power, Fuel, SymbolTable',
  ]);
});

test('an option of a plugin is one word: of a list or a table how much is in it', (t) => {
  const options = { names: ['a', 'b'], numbers: { read: 0, write: 1, exit: 60 }, depth: 7, how: 'gently' };
  const kernel = composeKernel({ arch: withPower, plugins: [{ name: 'many', options }] });
  t.regex(String(kernel.describe()), /many { names 2, numbers 3, depth 7, how gently }/);
});

test('it says who provides each part, and in whose place', (t) => {
  const kernel = composeKernel({
    arch: x86(),
    slotPolicy: flexible(),
    breakpointScheduler: perfEvents(),
    plugins: [plugin('console', provideValue(LOGGER, new RingLogger())), hay],
  });
  const description = kernel.describe();
  t.deepEqual(partOf(description, LOGGER), { token: 'Logger', by: 'console', overrides: true, made: true });
  t.deepEqual(partOf(description, SLOT_POLICY), { token: 'SlotPolicy', by: 'flexible', overrides: true, made: true });
  t.deepEqual(partOf(description, FUEL), { token: 'Fuel', by: 'hay', overrides: false, made: false });
  t.deepEqual(partOf(description, MACHINE), { token: 'Machine', by: 'core', overrides: false, made: true });
  t.is(partOf(description, HARDWARE_DEBUG_REQUESTS), undefined, 'x86 does not offer it');
  t.is(description.slotPolicy, 'flexible');
  t.is(description.breakpointScheduler, 'events');
  const lines = String(description).split('\n');
  t.is(lines.at(-2), 'overrides     Logger by console, SlotPolicy by flexible, BreakpointScheduler by events');
  t.is(description.quirks.length > x86().quirks.length, true, 'those of the scheduler are among them');
});

test('it says what was made in which order, and what nobody has needed yet', (t) => {
  const first = new Token<string>('First', 'compose it');
  const second = new Token<string>('Second', 'compose it');
  const parts = [provide(second, [first], (of: string) => `${of}, 2`), provide(first, [], () => '1')];
  const kernel = composeKernel({ arch: x86(), plugins: [plugin('numbers', ...parts)] });
  const before = madeOf(kernel.describe());
  for (const [later, earlier] of [
    ['Machine', 'Hardware'],
    ['CpuDrivers', 'Hardware'],
    ['ArchPort', 'Machine'],
    ['Registers', 'SlotAccounting'],
    ['Breakpoints', 'BreakpointScheduler'],
  ] as const) {
    t.true(before.includes(earlier) && before.indexOf(later) > before.indexOf(earlier), `${earlier}, then ${later}`);
  }
  t.false(before.includes('First') || before.includes(FACET_SERVICES.name));
  t.deepEqual(madeOf(kernel.describe()), before, 'looking makes nothing');
  t.is(kernel.get(second), '1, 2');
  t.deepEqual(madeOf(kernel.describe()), [...before, 'First', 'Second']);
});

test('it shows the options of a plugin, defaults included, and no others', (t) => {
  class Radio {
    static readonly plugin = { name: 'radio' };
    start(): void {}
    stop(): void {}
  }
  const kernel = composeKernel({
    arch: x86(),
    breakpointScheduler: perfEvents({ sampleRate: 5000 }),
    plugins: [perf({ perf_event_paranoid: 0 }), consumerPlugin(Radio, { band: 'short' }, []), Ptrace],
  });
  const { plugins } = kernel.describe();
  t.deepEqual(
    plugins.map(({ name, options }) => [name, options]),
    [
      ['x86', {}],
      ['events', { sampleRate: 5000, exclusiveBreakpoints: false, excludeGuests: false, pmus: 0 }],
      ['perf', { perf_event_paranoid: 0, refusesEndedLeader: true }],
      ['radio', { band: 'short' }],
      ['ptrace', {}],
    ],
  );
  t.deepEqual(
    plugins.at(-1)?.facets,
    ['user-visible debug registers', 'user area', 'trap instruction'],
    'those that it uses and there are',
  );
  t.regex(
    String(kernel.describe()),
    /plugins {7}x86, events \{ sampleRate 5000, .*\}, perf \{ .* \}, radio \{ band short \}, ptrace \(uses /,
  );
  t.true(kernel.get(Perf) instanceof Perf);
});

test('what a plugin wants and nobody provides is no part of the kernel', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
  t.is(partOf(kernel.describe(), HARDWARE_DEBUG_REQUESTS), undefined);
  t.is(kernel.facet(HARDWARE_DEBUG_REQUESTS), undefined);
  t.throws(() => kernel.get(HARDWARE_DEBUG_REQUESTS), { code: 'COMPOSE_NOT_COMPOSED' });
});

test('it is data of the moment: CPUs that went since are not online, and a table that was put in counts', (t) => {
  const symbols = new StaticSymbolTable([1n, 2n, 3n].map((address) => ({ name: `s${address}`, address, size: 1 })));
  const kernel = composeKernel({ arch: x86(), cpus: 2, plugins: [plugin('map', provideValue(SYMBOLS, symbols))] });
  const before = kernel.describe();
  kernel.machine.setOnline(1, false);
  t.deepEqual([before.online, kernel.describe().online], [[0, 1], [0]]);
  t.is(before.symbols, 3);
});

test('an architecture says what it was called with', (t) => {
  const given = composeKernel({ arch: x86({ bits: 32 }) });
  t.like(given.describe().plugins[0], { name: 'x86', options: { bits: 32 } });
  t.regex(String(given.describe()), /^plugins +x86 \{ bits 32 \}$/m);
  t.deepEqual(composeKernel({ arch: x86() }).describe().plugins[0]?.options, {});
  t.deepEqual(composeKernel({ arch: ppc64({ cpu: 'power8' }) }).describe().plugins[0]?.options, { cpu: 'power8' });
});
