import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import {
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  composeKernel,
  defineSlotPolicy,
  Hardware,
  type KernelOptions,
  LinuxSlotPolicy,
  type Logger,
  MACHINE,
  type Machine,
  NOBODY,
  perfEvents,
  plugin,
  program,
  provide,
  provideValue,
  RingLogger,
  Token,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';

const WATCH = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
const ignore = (): void => {};
const hardwareOf = (cpus: number): Hardware =>
  new Hardware({ cpus, pageSize: 4096, createUnit: () => new X86DebugUnit() });

/** Takes all that it can, and does not start. */
class Grabbing implements Consumer {
  static readonly plugin = { name: 'grabbing' };
  static readonly inject = [MACHINE, BREAKPOINTS, USER_DEBUG_REGISTERS];
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;

  constructor(machine: Machine, breakpoints: Breakpoints) {
    this.machine = machine;
    this.breakpoints = breakpoints;
  }

  start(): void {
    const task = this.machine.spawn(program([{ pc: 0n, length: 4 }]), { affinity: [0] });
    this.breakpoints.registerWide(WATCH, ignore);
    this.breakpoints.registerUser(WATCH, ignore, task);
    this.breakpoints.debugger.reserve(WATCH, ignore, 0, 'grabbing')?.install();
    this.breakpoints.debugger.enter('grabbing');
    this.machine.run(1);
    throw new RangeError('too late');
  }

  stop(): void {}
}

/** Whether a disposable was disposed, and how often. */
class Lamp implements Disposable {
  ends = 0;

  [Symbol.dispose](): void {
    this.ends++;
  }
}

const LAMP = new Token<Lamp>('Lamp', 'compose a lamp');

// --- a composition that is refused ---

for (const scheduler of ['direct', 'events'] as const) {
  test(`a refused composition leaves nothing on hardware that was lent to it [${scheduler}]`, (t) => {
    const hardware = hardwareOf(2);
    const owner = { trap: ignore };
    for (const cpu of hardware.cpus) cpu.traps = owner;
    const state = () =>
      hardware.cpus.map((cpu) => ({
        online: cpu.online,
        traps: cpu.traps,
        context: cpu.context,
        translation: cpu.mmu.translation,
        alarm: cpu.alarms.next,
        armed: cpu.unit.filter.ranges,
        control: (cpu.unit as X86DebugUnit).control,
      }));
    const before = state();
    const events = scheduler === 'direct' ? {} : { breakpointScheduler: perfEvents() };
    const options: KernelOptions = { arch: x86(), hardware, offline: [1], plugins: [Ptrace, Grabbing], ...events };
    const error = t.throws(() => composeKernel(options), { code: 'COMPOSE_START_FAILED' });
    t.true(error?.cause instanceof RangeError);
    t.deepEqual(state(), before);
    t.is(hardware.planted.size, 0);
    const next = composeKernel({ arch: x86(), hardware });
    t.is(next.machine.onlineCpus.length, 2);
    for (let n = 0; n < 4; n++) next.breakpoints.registerCpu(WATCH, ignore, 1);
  });
}

test('parts that were made for a composition that is then refused end, those that were passed in do not', (t) => {
  const [made, lent] = [new Lamp(), new Lamp()];
  const OTHER = new Token<Lamp>('Other', 'compose another');
  class Dark implements Consumer {
    static readonly plugin = { name: 'dark' };
    static readonly inject = [LAMP, OTHER];
    readonly lamps: readonly Lamp[];

    constructor(...lamps: readonly Lamp[]) {
      this.lamps = lamps;
    }

    start(): void {
      throw new Error('no light');
    }

    stop(): void {}
  }
  const parts = plugin(
    'lamps',
    provide(LAMP, [], () => made),
    provideValue(OTHER, lent),
  );
  t.throws(() => composeKernel({ arch: x86(), plugins: [parts, Dark] }), { code: 'COMPOSE_START_FAILED' });
  t.deepEqual([made.ends, lent.ends], [1, 0]);
});

test('a part that cannot be made: its own error is thrown, and those before it end', (t) => {
  const lamp = new Lamp();
  const POWER = new Token<string>('Power', 'compose power');
  const failing = defineSlotPolicy('failing', () => {
    throw new RangeError('no policy today');
  });
  t.throws(() => composeKernel({ arch: x86(), slotPolicy: failing }), {
    instanceOf: RangeError,
    message: 'no policy today',
  });
  class Fridge implements Consumer {
    static readonly plugin = { name: 'fridge', needs: [LAMP] };
    static readonly inject = [LAMP, POWER];
    readonly parts: readonly unknown[];

    constructor(...parts: readonly unknown[]) {
      this.parts = parts;
    }

    start(): void {}

    stop(): void {}
  }
  const parts = plugin(
    'parts',
    provide(LAMP, [], () => lamp),
    provide(POWER, [], (): string => {
      throw new RangeError('no power');
    }),
  );
  const error = t.throws(() => composeKernel({ arch: x86(), plugins: [parts, Fridge] }), {
    code: 'COMPOSE_START_FAILED',
    message: "the consumer 'fridge' did not start: no power",
  });
  t.true(error?.cause instanceof RangeError);
  t.is(lamp.ends, 1);
});

test('a part that does not end either hides nothing: the reason is thrown, the rest ends, and the logger is told', (t) => {
  const logger = new RingLogger();
  const hardware = hardwareOf(1);
  const glued = provide(LAMP, [BREAKPOINTS], (_breakpoints: Breakpoints) => {
    return Object.assign(new Lamp(), {
      [Symbol.dispose]() {
        throw new Error('glued');
      },
    });
  });
  class Dark extends Grabbing {
    static override readonly plugin = { name: 'dark', needs: [LAMP] };
    static override readonly inject = [MACHINE, BREAKPOINTS, LAMP] as unknown as typeof Grabbing.inject;
  }
  const plugins = [plugin('glue', glued), Dark];
  t.throws(() => composeKernel({ arch: x86(), hardware, logger, plugins }), { message: /too late/ });
  t.deepEqual(hardware.cpu(0).unit.filter.ranges, []);
  t.is(hardware.cpu(0).traps, NOBODY);
  t.true(logger.entries.some(({ message }) => message === 'a part did not end: Error: glued'));
});

// --- a kernel that ends ---

test('what was passed in does not end with the kernel, be it a logger, a table, hardware or a value; what was made does, once', async (t) => {
  const logger: Logger & Lamp = Object.assign(new Lamp(), { log: ignore });
  const [value, made, unused] = [new Lamp(), new Lamp(), new Lamp()];
  const symbols = Object.assign(new Lamp(), { lookup: () => undefined, resolve: () => undefined, symbols: [] });
  const policy = new Lamp();
  const slotPolicy = defineSlotPolicy('lit', (host) =>
    Object.assign(new LinuxSlotPolicy(host), {
      [Symbol.dispose]: () => policy[Symbol.dispose](),
    }),
  );
  const VALUE = new Token<Lamp>('Value', 'compose it');
  const UNUSED = new Token<Lamp>('Unused', 'compose it');
  const parts = plugin(
    'lamps',
    provideValue(VALUE, value),
    provide(LAMP, [], () => made),
    provide(UNUSED, [], () => unused),
  );
  {
    await using kernel = composeKernel({ arch: x86(), logger, symbols, slotPolicy, plugins: [parts] });
    t.deepEqual([kernel.get(VALUE), kernel.get(LAMP), kernel.symbols], [value, made, symbols]);
    t.deepEqual([made.ends, policy.ends], [0, 0]);
  }
  t.deepEqual([logger.ends, symbols.ends, value.ends, unused.ends], [0, 0, 0, 0]);
  t.deepEqual([made.ends, policy.ends], [1, 1]);
});

test('an error of a part at the end keeps neither the others nor the consumers from ending; all errors are thrown', (t) => {
  const lamp = new Lamp();
  const order: string[] = [];
  const BAD = new Token<Disposable>('Bad', 'compose it');
  class Last implements Consumer {
    static readonly plugin = { name: 'last' };
    start(): void {}
    stop(): void {
      order.push('consumer');
      throw new Error('cannot stop');
    }
  }
  const bad = (): Disposable => ({
    [Symbol.dispose]() {
      order.push('part');
      throw new Error('cannot end');
    },
  });
  const parts = plugin(
    'parts',
    provide(LAMP, [], () => lamp),
    provide(BAD, [], bad),
  );
  const kernel = composeKernel({ arch: x86(), plugins: [parts, Last] });
  kernel.get(LAMP);
  kernel.get(BAD);
  const error = t.throws(() => kernel.dispose(), { instanceOf: AggregateError });
  t.deepEqual(error?.errors.map(String), ['Error: cannot stop', 'Error: cannot end']);
  t.deepEqual(order, ['consumer', 'part']);
  t.is(lamp.ends, 1);
  t.is(kernel.hardware.cpu(0).traps, NOBODY);
  t.notThrows(() => kernel.dispose());
});

test('nothing is made any more for a kernel that was disposed', (t) => {
  const kernel = composeKernel({ arch: x86() });
  const size = kernel.machine.hooks.fork.size;
  kernel.dispose();
  for (const ask of [() => kernel.get(USER_DEBUG_REGISTERS), () => kernel.facet(USER_DEBUG_REGISTERS)]) {
    t.throws(ask, { code: 'COMPOSE_DISPOSED', message: 'this kernel was disposed; compose a new one' });
  }
  t.is(kernel.machine.hooks.fork.size, size);
});

test('a thousand kernels on one computer, one after the other, and each of them ends', async (t) => {
  const hardware = hardwareOf(2);
  for (let n = 0; n < 1000; n++) {
    await using kernel = composeKernel({
      arch: x86(),
      hardware,
      plugins: [Ptrace, Perf],
      breakpointScheduler: perfEvents(),
    });
    kernel.breakpoints.registerWide(WATCH, ignore);
    kernel.get(Perf).open({ type: 5, ...WATCH }, { pid: -1, cpu: 1 });
  }
  for (const { traps, alarms, unit } of hardware.cpus) {
    t.is(traps, NOBODY);
    t.is(alarms.next, Number.POSITIVE_INFINITY);
    t.deepEqual(unit.filter.ranges, []);
  }
});
