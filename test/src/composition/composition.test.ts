import { X86DebugUnit, x86, x86Backend } from '@hwbp/arch-x86';
import {
  architecture,
  BREAKPOINTS,
  type Breakpoints,
  COMPOSITION_ERRORS,
  CompositionError,
  type CompositionErrorCode,
  CompositionTypeError,
  type Consumer,
  composeKernel,
  Facet,
  inject,
  injectable,
  type KernelOptions,
  LOGGER,
  type Logger,
  MACHINE,
  type Machine,
  nullBackend,
  offer,
  plugin,
  provide,
  provideValue,
  SYMBOLS,
  Token,
  USER_DEBUG_REGISTERS,
  VirtualClock,
  type WideBreakpoint,
} from '@hwbp/core';
import test from 'ava';

const POWER = new Facet<{ readonly watts: number }>('power', 'Power (watts), and offer it with POWER');
const FUEL = new Token<string>('Fuel', 'compose a plugin that provides it, such as hay');
const HEN = new Token<string>('Hen', 'compose a farm');
const EGG = new Token<string>('Egg', 'compose a farm');
const log: string[] = [];

@injectable()
class Watcher implements Consumer {
  static readonly plugin = { name: 'watcher' };
  readonly breakpoints: Breakpoints;
  readonly machine: Machine;
  #held: WideBreakpoint | undefined;

  constructor(@inject(BREAKPOINTS) breakpoints: Breakpoints, @inject(MACHINE) machine: Machine) {
    this.breakpoints = breakpoints;
    this.machine = machine;
  }

  start(): void {
    this.#held ??= this.breakpoints.registerWide({ bp_type: 2, bp_addr: 0x1000n, bp_len: 4 }, () => {});
    log.push('watcher starts');
  }

  stop(): void {
    this.breakpoints.unregisterWide(this.#held);
    this.#held = undefined;
    log.push('watcher stops');
  }
}

@injectable()
class Engine implements Consumer {
  static readonly plugin = { name: 'engine', conflicts: ['horse'] };
  readonly power: { readonly watts: number };
  readonly fuel: string;

  constructor(@inject(POWER) power: { readonly watts: number }, @inject(FUEL) fuel: string) {
    this.power = power;
    this.fuel = fuel;
  }

  start(): void {
    log.push('engine starts');
  }

  stop(): void {
    log.push('engine stops');
  }
}

class Idle implements Consumer {
  start(): void {}
  stop(): void {}
}

class Horse extends Idle {
  static readonly plugin = { name: 'horse' };
}

class Stubborn extends Idle {
  static readonly plugin = { name: 'stubborn' };

  override start(): void {
    throw new RangeError('no oats');
  }
}

class Sticky extends Idle {
  static readonly plugin = { name: 'sticky' };

  override stop(): void {
    throw new Error('glued');
  }
}

const withPower = architecture(nullBackend(), { facets: [offer(POWER, () => ({ watts: 5 }))] });
const hot = architecture(x86Backend(), { facets: [offer(POWER, () => ({ watts: 5 }))] });
const fuel = plugin('hay', provideValue(FUEL, 'hay'));

const REFUSALS: Readonly<
  Record<Exclude<CompositionErrorCode, 'COMPOSE_NOT_COMPOSED' | 'COMPOSE_DISPOSED'>, readonly [KernelOptions, RegExp]>
> = {
  COMPOSE_INVALID_OPTION: [{ arch: x86(), cpus: 0 }, /cpus is a whole number from 1 to 4096, got 0/],
  COMPOSE_MISSING_FACET: [
    { arch: x86(), plugins: [Engine] },
    /'engine' needs the facet 'power', which the architecture 'x86' does not offer; .* implement Power \(watts\)/,
  ],
  COMPOSE_MISSING_PART: [
    { arch: withPower, plugins: [Engine] },
    /'engine' needs 'Fuel', which nobody provides; compose a plugin that provides it, such as hay/,
  ],
  COMPOSE_DUPLICATE_PLUGIN: [{ arch: x86(), plugins: [Horse, Horse] }, /two plugins are named 'horse'; compose one/],
  COMPOSE_PROVIDED_TWICE: [
    { arch: x86(), plugins: [fuel, plugin('oats', provideValue(FUEL, 'oats'))] },
    /'hay' and 'oats' both provide 'Fuel'; compose one of them/,
  ],
  COMPOSE_CIRCULAR: [
    { arch: x86(), plugins: [plugin('hen', provide(HEN, [EGG], String)), plugin('egg', provide(EGG, [HEN], String))] },
    /'Hen' \(of 'hen'\) needs 'Egg' \(of 'egg'\) needs 'Hen' \(of 'hen'\): let one of them be made without the other/,
  ],
  COMPOSE_CONFLICT: [{ arch: withPower, plugins: [fuel, Engine, Horse] }, /'engine' cannot live beside 'horse'/],
  COMPOSE_NOT_A_PLUGIN: [
    { arch: x86(), plugins: [Idle as unknown as typeof Horse] },
    /Idle is no plugin: .*static readonly plugin = \{ name: \.\.\. \}/,
  ],
  COMPOSE_START_FAILED: [{ arch: x86(), plugins: [Stubborn] }, /'stubborn' did not start: no oats/],
  COMPOSE_UNKNOWN_QUIRK: [
    { arch: x86(), quirks: { nonsense: true } },
    /no part of this kernel has a quirk 'nonsense' \(known: x86-/,
  ],
};

for (const [code, [options, message]] of Object.entries(REFUSALS)) {
  test(`${code}: a composition is refused with a message that says what to change`, (t) => {
    const mistake = code === 'COMPOSE_INVALID_OPTION' || code === 'COMPOSE_NOT_A_PLUGIN';
    const instanceOf = mistake ? CompositionTypeError : CompositionError;
    const error = t.throws(() => composeKernel(options), { instanceOf, message });
    t.is(error instanceof TypeError, mistake);
    t.is(error.code, code as CompositionErrorCode);
  });
}

test('COMPOSE_NOT_COMPOSED and COMPOSE_DISPOSED: get says what the kernel has, and that it is gone', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [Horse] });
  t.throws(() => kernel.get(Watcher), { code: 'COMPOSE_NOT_COMPOSED', message: /'watcher' .*\(it has: horse\)/ });
  t.true(kernel.get(Horse) instanceof Horse);
  kernel.dispose();
  kernel.dispose();
  t.throws(() => kernel.get(Horse), { code: 'COMPOSE_DISPOSED', message: /was disposed/ });
  t.is<number, number>(COMPOSITION_ERRORS.length, Object.keys(REFUSALS).length + 2, 'every code has its test');
});

test('options that cannot be are refused by name: unknown ones, wrong numbers, no architecture, all CPUs offline', (t) => {
  const refuse = (options: object, message: RegExp) =>
    t.throws(() => composeKernel(options as KernelOptions), { code: 'COMPOSE_INVALID_OPTION', message });
  refuse({ arch: x86(), cpu: 2 }, /unknown option 'cpu'; known: arch, plugins, /);
  refuse({}, /the option arch is an architecture/);
  refuse({ arch: x86(), quantum: 1.5 }, /quantum is a whole number/);
  refuse({ arch: x86(), cpus: 2, offline: [0, 1] }, /at least one CPU must be online/);
  refuse({ arch: x86(), cpus: 2, offline: [2] }, /offline: each CPU is a whole number from 0 to 1/);
});

test('consumers start in their order and stop in reverse, and give everything back', (t) => {
  log.length = 0;
  const kernel = composeKernel({ arch: hot, cpus: 2, plugins: [fuel, Engine, Watcher] });
  const { machine, breakpoints } = kernel;
  t.is(kernel.get(Engine).fuel, 'hay');
  t.is<unknown, unknown>(kernel.get(Engine).power, kernel.facet(POWER), 'a facet is made once for each kernel');
  t.is(kernel.get(Watcher).machine, machine);
  kernel.dispose();
  t.deepEqual(log, ['engine starts', 'watcher starts', 'watcher stops', 'engine stops']);
  t.false(breakpoints.isUsed);
});

test('a consumer that does not start: those before it are stopped, and the cause is kept', (t) => {
  log.length = 0;
  const error = t.throws(() => composeKernel({ arch: x86(), plugins: [Watcher, Sticky, Stubborn] }), {
    code: 'COMPOSE_START_FAILED',
  });
  t.true(error?.cause instanceof RangeError);
  t.deepEqual(log, ['watcher starts', 'watcher stops'], 'although one between them cannot stop');
});

test('a consumer that does not start leaves nothing behind, not even in a debug unit that was lent', (t) => {
  @injectable()
  class Leaky extends Idle {
    static readonly plugin = { name: 'leaky' };
    readonly breakpoints: Breakpoints;

    constructor(@inject(BREAKPOINTS) breakpoints: Breakpoints) {
      super();
      this.breakpoints = breakpoints;
    }

    override start(): void {
      this.breakpoints.registerCpu({ bp_type: 2, bp_addr: 0x1000n, bp_len: 4 }, () => {}, 0);
      throw new RangeError('too late');
    }
  }
  const unit = new X86DebugUnit();
  const options = { arch: x86(), createUnit: () => unit, plugins: [Leaky] };
  t.throws(() => composeKernel(options), { code: 'COMPOSE_START_FAILED' });
  t.deepEqual(unit.filter.ranges, []);
});

test('dispose goes on after an error of one consumer, and then throws it', (t) => {
  log.length = 0;
  const kernel = composeKernel({ arch: x86(), plugins: [Watcher, Sticky] });
  const error = t.throws(() => kernel.dispose(), { instanceOf: AggregateError });
  t.deepEqual(error.errors.map(String), ['Error: glued']);
  t.deepEqual(log, ['watcher starts', 'watcher stops']);
  t.false(kernel.breakpoints.isUsed);
});

test('a disposed kernel holds no slot, no register and no hook of its breakpoints; using disposes', async (t) => {
  const open = () => composeKernel({ arch: x86(), cpus: 2, strict: true });
  const fresh = open();
  const hooks = ({ machine: { hooks: all } }: typeof fresh) => Object.values(all).map(({ size }) => size);
  let kept: typeof fresh | undefined;
  {
    using kernel = open();
    kept = kernel;
    const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
    kernel.breakpoints.registerWide(attr, () => {});
    kernel.breakpoints.registerCpu(attr, () => {}, 1);
    kernel.breakpoints.debugger.reserve(attr, () => {}, 0, 'debugger')?.release();
  }
  t.false(kept.breakpoints.isUsed);
  t.deepEqual(kept.breakpoints.registered, []);
  for (const { unit } of kept.machine.cpus) t.deepEqual(unit.filter.ranges, []);
  fresh.dispose();
  t.deepEqual(hooks(kept), hooks(fresh));
  {
    await using kernel = composeKernel({ arch: x86(), plugins: [Watcher] });
    kept = kernel;
  }
  t.false(kept.breakpoints.isUsed);
});

test('quirks: on by default, all off under strict, and each can be switched', (t) => {
  const states = (options: Partial<KernelOptions>) =>
    composeKernel({ arch: x86(), ...options })
      .describe()
      .quirks.map(({ on }) => on);
  const [quirk] = x86().quirks;
  if (quirk === undefined) throw new Error('x86 has quirks');
  t.true(states({}).every((on) => on));
  t.false(states({ strict: true }).some((on) => on));
  t.is(states({ strict: true, quirks: { [quirk.name]: true } })[0], true);
  t.is(states({ quirks: { [quirk.name]: false } })[0], false);
});

test('a plugin that provides a token of core replaces core’s part for the consumers of that kernel, and of no other', (t) => {
  @injectable()
  class Talker extends Idle {
    static readonly plugin = { name: 'talker' };
    readonly logger: Logger;
    readonly symbols: unknown;

    constructor(@inject(LOGGER) logger: Logger, @inject(SYMBOLS) symbols: unknown) {
      super();
      this.logger = logger;
      this.symbols = symbols;
    }
  }
  const mine: Logger = { log() {} };
  const override = composeKernel({ arch: x86(), plugins: [Talker, plugin('mine', provideValue(LOGGER, mine))] });
  const plain = composeKernel({ arch: x86(), plugins: [Talker] });
  t.is(override.get(Talker).logger, mine);
  t.is(override.get(Talker).symbols, override.symbols);
  t.is(plain.get(Talker).logger, plain.machine.logger);
  t.not(plain.get(Talker), override.get(Talker));
});

test('units, clocks, time and symbol table of a machine can be somebody else’s', (t) => {
  const units = [new X86DebugUnit(), new X86DebugUnit()];
  const [first] = units;
  const clock = new VirtualClock(7);
  const kernel = composeKernel({
    arch: x86(),
    cpus: 2,
    createUnit: (cpu) => units[cpu] ?? new X86DebugUnit(),
    createClock: () => clock,
  });
  t.deepEqual(
    kernel.machine.cpus.map(({ unit }) => unit),
    units,
  );
  t.is(kernel.machine.cpu(1).clock, clock);
  kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: 0x1000n, bp_len: 4 }, () => {}, 0);
  t.is(first?.address(0), 0x1000n);
  t.throws(() => composeKernel({ arch: x86(), createUnit: () => nullBackend().createUnit() }), {
    instanceOf: TypeError,
    message: /needs an x86 debug unit/,
  });
});

test('an architecture without breakpoint hardware composes, and refuses every registration with ENOSYS', (t) => {
  const kernel = composeKernel({ arch: architecture(nullBackend()) });
  for (const bp_type of [2, 4]) {
    t.throws(() => kernel.breakpoints.registerCpu({ bp_type, bp_addr: 0n, bp_len: 8 }, () => {}, 0), {
      code: 'HWBP_NO_SUPPORT',
      message: /ENOSYS.*compose another/,
    });
  }
  t.notThrows(() => kernel.breakpoints.unregister(undefined));
  t.is(kernel.facet(USER_DEBUG_REGISTERS), undefined);
  t.false(kernel.breakpoints.isUsed);
});

test('a thousand kernels live side by side and know nothing of each other', (t) => {
  const kernels = Array.from({ length: 1000 }, () => composeKernel({ arch: x86() }));
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  for (const { breakpoints } of kernels.slice(0, 999)) {
    for (let i = 0; i < 4; i++) breakpoints.registerCpu(attr, () => {}, 0);
  }
  t.false(kernels[999]?.breakpoints.isUsed);
});
