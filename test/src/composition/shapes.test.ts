import { ppc64 } from '@hwbp/arch-ppc64';
import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import {
  type BreakpointScheduler,
  type CompositionErrorCode,
  CompositionTypeError,
  composeKernel,
  defineScheduler,
  defineSlotPolicy,
  HARDWARE,
  Hardware,
  type KernelOptions,
  LOGGER,
  type Logger,
  linuxSlotPolicy,
  MACHINE,
  perfEvents,
  plugin,
  provide,
  provideValue,
  type SlotPolicy,
  SYMBOLS,
  type SymbolTable,
  Token,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Perf, perf } from '@hwbp/perf';
import test, { type ExecutionContext } from 'ava';

class Idle {
  start(): void {}
  stop(): void {}
}

class Lasting {
  static readonly plugin = { name: 'lasting' };
  start(): void {}
}

class Late {
  static readonly plugin = { name: 'late' };
  stop(): void {}
}

class Twin extends Idle {
  static readonly plugin = { name: 'twin' };
}

const FUEL = new Token<string>('Fuel', 'compose hay');
const hardwareOf = (pageSize: number, byteOrder: 'little' | 'big' = 'little', cpus = 2): Hardware =>
  new Hardware({ cpus, pageSize, byteOrder, createUnit: () => new X86DebugUnit() });
const box = (hardware: unknown) => plugin('box', provideValue(HARDWARE, hardware as Hardware));

function refuse(t: ExecutionContext, code: CompositionErrorCode, options: object, message: RegExp): void {
  const all = { arch: x86(), ...options } as unknown as KernelOptions;
  const error = t.throws(() => composeKernel(all), { instanceOf: CompositionTypeError, message });
  t.is(error?.code, code);
  t.true(error instanceof TypeError);
}

/** What is wrong with one option, and what is said of it. */
const OPTIONS: readonly (readonly [object, RegExp])[] = [
  [{ arch: x86 }, /the option arch is an architecture: call the function that a backend package exports/],
  [{ handlerErrors: 'ignore' }, /handlerErrors is 'continue', 'stop' or a function that decides, got ignore/],
  [{ logger: {} }, /logger is an object with log\(level, message\)/],
  [{ logger: null }, /logger is an object with log/],
  [{ slotPolicy: 'linux' }, /slotPolicy is what a package exports for it, called: .*flexible\(\); got 'linux'/],
  [{ slotPolicy: linuxSlotPolicy }, /slotPolicy is what .*, called: linuxSlotPolicy\(\).*; got a function: call it/],
  [{ slotPolicy: perfEvents() }, /slotPolicy is what a package exports for it/],
  [{ breakpointScheduler: perfEvents }, /breakpointScheduler is what .* perfEvents\(\); got a function: call it/],
  [{ breakpointScheduler: {} }, /breakpointScheduler is what a package exports for it/],
  [{ cpus: '2' }, /cpus is a whole number from 1 to 4096, got 2/],
  [{ tick: 0 }, /tick is a whole number from 1/],
  [{ instructionTime: 0.5 }, /instructionTime is a whole number from 1/],
  [{ createUnit: new X86DebugUnit() }, /createUnit is a function, got an object/],
  [{ createClock: 7 }, /createClock is a function, got 7/],
  [{ strict: 'yes' }, /strict is true or false, got 'yes'/],
  [{ quirks: ['x86-fork-copies-dr6-dr7'] }, /quirks: '0' is true or false, got 'x86-fork/],
  [{ quirks: { 'x86-fork-copies-dr6-dr7': 'off' } }, /quirks: 'x86-fork-copies-dr6-dr7' is true or false, got 'off'/],
  [{ quirks: 'none' }, /quirks is an object: \{ name: true or false \}/],
  [{ symbols: 5 }, /symbols is a symbol table, or a list of \{ name, address, size \}/],
  [{ symbols: [1] }, /symbols is a list of \{ name, address, size \}: .*, but number 0 is not/],
  [{ symbols: [{ name: 'a', address: 1n, size: 1 }, {}] }, /symbols is a list of .*, but number 1 is not/],
  [{ symbols: new Map() }, /symbols is a symbol table, or a list of \{ name, address, size \}/],
  [
    { symbols: { lookup() {} } },
    /symbols is a symbol table: an object with lookup\(name\), resolve\(address\) and the/,
  ],
  [
    { createUnit: () => undefined },
    /createUnit returned no unit for CPU 0, but undefined: it returns a debug unit, such/,
  ],
  [{ createClock: () => undefined }, /createClock returned no clock for CPU 0, but undefined: it returns a clock/],
  [{ createClock: () => ({}) }, /createClock returned no clock for CPU 0, but an object: it returns a clock, such as/],
  [{ offline: 1 }, /offline is a list of CPU numbers/],
  [{ cpus: 2, offline: [2] }, /offline: each CPU is a whole number from 0 to 1, got 2/],
  [{ offline: [0] }, /at least one CPU must be online/],
  [{ plugins: Perf }, /plugins is a list/],
  [{ consumers: [Perf] }, /unknown option 'consumers'; known: .*plugins/],
  [{ scheduler: perfEvents() }, /unknown option 'scheduler'; known: .*breakpointScheduler/],
];

test('an option of a wrong shape is a TypeError that names it', (t) => {
  for (const [options, message] of OPTIONS) refuse(t, 'COMPOSE_INVALID_OPTION', options, message);
});

test('something among the plugins that is none, or not all of one, is a TypeError that says what to write', (t) => {
  const bad = (given: unknown, message: RegExp) => refuse(t, 'COMPOSE_NOT_A_PLUGIN', { plugins: [given] }, message);
  bad(perfEvents, /perfEvents is no plugin: .*a function that returns a plugin has to be called/);
  bad(perf, /perf is no plugin: .*has to be called/);
  bad(Idle, /Idle is no plugin: a consumer is a class with 'static readonly plugin = \{ name: \.\.\. \}'/);
  bad(Lasting, /the consumer 'lasting' \(class Lasting\) has no stop\(\): write one/);
  bad(Late, /the consumer 'late' \(class Late\) has no start\(\): write one/);
  bad({ name: 'brought', consumer: Lasting }, /the consumer 'lasting' \(class Lasting\) has no stop\(\)/);
  bad('perf', /perf is no plugin/);
  bad(null, /null is no plugin/);
  bad({ provides: [] }, /is no plugin/);
  bad({ name: 'x', provides: provideValue(FUEL, 'hay') }, /what the plugin 'x' provides is a list of provide/);
  bad({ name: 'x', provides: [FUEL] }, /what the plugin 'x' provides is a list of provide/);
  bad(
    plugin(
      'x',
      provide(FUEL, ['Machine'] as unknown as [], () => 'hay'),
    ),
    /what the plugin 'x' provides/,
  );
  bad({ name: 'x', needs: ['Machine'] }, /'needs' of the plugin 'x' is a list of tokens, such as MACHINE/);
  bad({ name: 'x', wants: MACHINE }, /'wants' of the plugin 'x' is a list of tokens/);
  bad({ name: 'x', conflicts: 'perf' }, /'conflicts' of the plugin 'x' is a list/);
});

test('a part is what its token stands for, whoever provides it', (t) => {
  const bad = (options: object, message: RegExp) => refuse(t, 'COMPOSE_NOT_A_PLUGIN', options, message);
  const logger = plugin('mine', provideValue(LOGGER, {} as Logger));
  bad(
    { plugins: [logger] },
    /the Logger that the plugin 'mine' provides is an object with log\(level, message\), got an/,
  );
  const made = plugin(
    'mine',
    provide(LOGGER, [], () => undefined as unknown as Logger),
  );
  bad({ plugins: [made] }, /the Logger that the plugin 'mine' provides is .*, got undefined/);
  const symbols = plugin('mine', provideValue(SYMBOLS, {} as SymbolTable));
  bad({ plugins: [symbols] }, /the SymbolTable that the plugin 'mine' provides is a symbol table/);
  const slotPolicy = defineSlotPolicy('x', () => ({}) as SlotPolicy);
  bad({ slotPolicy }, /the SlotPolicy that the plugin 'x' provides is a slot policy: an object with reserve, change/);
  const breakpointScheduler = defineScheduler('x', () => ({}) as BreakpointScheduler);
  bad({ breakpointScheduler }, /the BreakpointScheduler that the plugin 'x' provides is a breakpoint scheduler/);
  const hardware = hardwareOf(4096);
  const traps = hardware.cpu(0).traps;
  bad({ hardware, slotPolicy, offline: [1] }, /the SlotPolicy that/);
  t.true(hardware.cpu(1).online);
  t.is(hardware.cpu(0).traps, traps);
});

class Unlisted extends Idle {
  static readonly plugin = { name: 'unlisted' };
  static readonly inject = MACHINE;
}

test('static inject is a list', (t) => {
  const message = /static inject of Unlisted is a list of tokens: write static readonly inject = \[MACHINE\]/;
  refuse(t, 'COMPOSE_NOT_A_PLUGIN', { plugins: [Unlisted] }, message);
});

test('what an architecture or a scheduler does not know, or of a wrong type, is a TypeError that names it', (t) => {
  const bad = (call: (options: never) => unknown, options: object, message: RegExp) =>
    t.throws(() => call(options as never), { instanceOf: TypeError, message });
  bad(perfEvents, { sampelRate: 5 }, /perfEvents has no option 'sampelRate'; it has pmus, sampleRate, exclusive/);
  bad(perfEvents, { exclusiveBreakpoints: 'no' }, /exclusiveBreakpoints is true or false, got 'no'/);
  bad(perfEvents, { pmus: 'x' }, /pmus is a list of functions that make a PMU, got 'x'/);
  bad(perfEvents, { sampleRate: '5' }, /sampleRate is a whole number of overflows a second from 1, got '5'/);
  bad(x86, { nonsense: 1 }, /x86 has no option 'nonsense'; it has bits, rangeBreakpoints/);
  bad(x86, { taskSize: 5 }, /taskSize is a bigint of 64 bits, such as 0x1000n, got 5/);
  bad(x86, { rangeBreakpoints: 'yes' }, /rangeBreakpoints is true or false, got 'yes'/);
  bad(x86, { bits: 16 }, /bits is 64 or 32, got 16/);
  bad(x86, { kprobeBlacklist: [5] }, /kprobeBlacklist is a list of address ranges, such as/);
  bad(ppc64, { nonsense: 1 }, /ppc64 has no option 'nonsense'; it has cpu, pageSize/);
  bad(ppc64, { cpu: 'power6' }, /cpu is 'power7', 'power8', 'power9' or 'power10', got 'power6'/);
  bad(ppc64, { dabrx: 1 }, /dabrx is true or false, got 1/);
});

test('one consumer under two names would be started twice: compose one of them', (t) => {
  t.throws(() => composeKernel({ arch: x86(), plugins: [Twin, { name: 'other', consumer: Twin }] }), {
    code: 'COMPOSE_DUPLICATE_PLUGIN',
    message: "'twin' and 'other' are the same consumer (class Twin); compose one of them",
  });
});

test('a plugin that brings a class has what the class says of itself', (t) => {
  const kernel = composeKernel({
    arch: x86(),
    breakpointScheduler: perfEvents(),
    plugins: [{ name: 'mine', consumer: Perf }],
  });
  t.true(kernel.get(Perf) instanceof Perf, 'it wants settings, and does without');
  t.true(kernel.describe().quirks.some(({ name }) => name.startsWith('perf-')));
  t.true(kernel.describe().plugins.some(({ name }) => name === 'mine'));
});

// --- hardware ---

test('hardware together with how new hardware is built: one of them is to be left out', (t) => {
  const hardware = hardwareOf(4096);
  const options = { cpus: 2, createUnit: () => new X86DebugUnit(), createClock: () => {}, instructionTime: 5 };
  for (const [name, value] of Object.entries(options)) {
    const given = new RegExp(`${name} says how new hardware is built, but hardware is given: leave one out`);
    refuse(t, 'COMPOSE_INVALID_OPTION', { hardware, [name]: value }, given);
    const provided = new RegExp(`${name} is given, but the plugin 'box' provides the hardware: leave one out`);
    refuse(t, 'COMPOSE_INVALID_OPTION', { plugins: [box(hardware)], [name]: value }, provided);
  }
  const twice = /hardware is given, but the plugin 'box' provides the hardware/;
  refuse(t, 'COMPOSE_INVALID_OPTION', { hardware, plugins: [box(hardware)] }, twice);
});

test('hardware that a kernel of this architecture cannot run on, by whatever way it comes', (t) => {
  for (const [arch, hardware, message] of [
    [x86(), hardwareOf(65_536), /has pages of 65536 bytes in little-endian order, x86 needs 4096 in little-endian/],
    [x86(), hardwareOf(4096, 'big'), /in big-endian order, x86 needs 4096 in little-endian order/],
    [ppc64(), hardwareOf(4096), /has pages of 4096 bytes .*, ppc64 power10 needs 65536/],
    [x86(), { cpus: [] }, /hardware is a Hardware: new Hardware\(\{ \.\.\. \}\), or kernel\.hardware/],
  ] as const) {
    refuse(t, 'COMPOSE_INVALID_OPTION', { arch, hardware }, message);
    refuse(t, 'COMPOSE_INVALID_OPTION', { arch, plugins: [box(hardware)] }, message);
  }
  const two = hardwareOf(4096);
  refuse(t, 'COMPOSE_INVALID_OPTION', { hardware: two, offline: [2] }, /offline: each CPU .* from 0 to 1, got 2/);
  refuse(t, 'COMPOSE_INVALID_OPTION', { plugins: [box(two)], offline: [0, 1] }, /at least one CPU must be online/);
  two.cpu(0).powerOff();
  refuse(t, 'COMPOSE_INVALID_OPTION', { hardware: two, offline: [1] }, /at least one CPU must be online/);
  t.true(two.cpu(1).online);
  t.deepEqual(composeKernel({ arch: x86(), hardware: two, plugins: [KsymTracer] }).describe().online, [1]);
});
