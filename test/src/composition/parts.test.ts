import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import {
  BREAKPOINT_SCHEDULER,
  BREAKPOINTS,
  type BreakpointScheduler,
  type Breakpoints,
  composeKernel,
  DirectScheduler,
  DRIVERS,
  EVENTS,
  HANDLER_ERRORS,
  HARDWARE,
  HandlerErrors,
  Hardware,
  type HwBreakpointAttr,
  inject,
  injectable,
  type KernelOptions,
  LinuxSlotPolicy,
  LOGGER,
  type Logger,
  MACHINE,
  MANIFEST,
  type Machine,
  PORT,
  type PortBase,
  plugin,
  program,
  provide,
  provideClass,
  provideValue,
  QUIRKS,
  QuirkSet,
  REGISTER_FILE,
  REGISTERS,
  type Registers,
  RingLogger,
  SETTINGS,
  SLOT_POLICY,
  StaticSymbolTable,
  SYMBOLS,
  Token,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';

const WATCH: HwBreakpointAttr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
const ignore = (): void => {};

/** x86, two CPUs, and these parts. */
const compose = (provides: Parameters<typeof plugin>[1][], options: Partial<KernelOptions> = {}) =>
  composeKernel({ arch: x86(), cpus: 2, plugins: [plugin('mine', ...provides)], ...options });

class Notes implements Logger {
  readonly messages: string[] = [];

  log(level: string, message: string): void {
    this.messages.push(`${level}: ${message}`);
  }
}

test('LOGGER: core’s own messages, the architecture’s and those of plugins all go to yours', (t) => {
  const notes = new Notes();
  const kernel = compose([provideValue(LOGGER, notes)], { logger: new RingLogger() });
  const { machine, breakpoints } = kernel;
  t.is(machine.logger, notes);
  // The error channel of handlers.
  const clumsy = (): void => {
    throw new Error('planted');
  };
  const accesses = [{ kind: 'write', address: 0x1000n, size: 4 }] as const;
  const task = machine.spawn(program([{ pc: 0x10n, length: 4, accesses }]));
  breakpoints.registerUser(WATCH, clumsy, task, { owner: 'clumsy' });
  // The entry code of the architecture.
  machine.spawn(program([{ pc: 0xffff_8000_0000_0000n, length: 1, trap: 'breakpoint' }]), { mode: 'kernel' });
  machine.run();
  // The breakpoint API.
  breakpoints.registerCpu(WATCH, ignore, 1);
  machine.setOnline(1, false);
  const said = (what: RegExp) =>
    t.true(
      notes.messages.some((message) => what.test(message)),
      String(what),
    );
  said(/^error: the handler of clumsy's breakpoint at 0x1000 threw: Error: planted$/);
  said(/^error: int3 in the kernel at 0xffff800000000000 that nobody planted$/);
  said(/^warn: CPU 1 went offline: kernel's breakpoint at 0x1000 is lost/);
});

test('SYMBOLS: the table of the kernel, and of a consumer', (t) => {
  const symbols = new StaticSymbolTable([{ name: 'mine', address: 0xffff_ffff_8000_0000n, size: 4 }]);
  const kernel = composeKernel({ arch: x86(), plugins: [plugin('map', provideValue(SYMBOLS, symbols)), KsymTracer] });
  t.is(kernel.symbols, symbols);
  kernel.get(KsymTracer).files.write('ksym_trace_filter', 'mine:rw-');
  t.is(kernel.breakpoints.registered.length, 1);
  t.is(kernel.describe().symbols, 1);
});

test('SLOT_POLICY: core’s accounting asks yours, and places by it', (t) => {
  class Backwards extends LinuxSlotPolicy {
    override readonly name: 'linux' = 'linux';

    override place(_claim: unknown, occupied: readonly unknown[]): number {
      return occupied.lastIndexOf(undefined);
    }
  }
  const make = provide(SLOT_POLICY, [MANIFEST, MACHINE, QUIRKS], (manifest, machine: Machine, quirks: QuirkSet) => {
    return new Backwards({ manifest, machine, quirks });
  });
  const { breakpoints } = compose([make]);
  t.is(breakpoints.registerCpu(WATCH, ignore, 0).register, 3);
  for (let n = 0; n < 3; n++) breakpoints.registerCpu(WATCH, ignore, 0);
  t.throws(() => breakpoints.registerCpu(WATCH, ignore, 0), { code: 'HWBP_NO_SLOT' });
});

test('BREAKPOINT_SCHEDULER: the breakpoint API, a debugger’s reservations and ptrace go through yours', (t) => {
  const calls: string[] = [];
  class Noting extends DirectScheduler {
    override open(...args: Parameters<DirectScheduler['open']>): ReturnType<DirectScheduler['open']> {
      calls.push(`open for ${args[0].owner}`);
      return super.open(...args);
    }

    override aside(cpu: number, action: () => void): void {
      calls.push(`aside on ${cpu}`);
      super.aside(cpu, action);
    }
  }
  const make = provide(
    BREAKPOINT_SCHEDULER,
    [MACHINE, REGISTERS, LOGGER],
    (machine: Machine, registers: Registers, logger: Logger): BreakpointScheduler =>
      new Noting(machine, registers, logger),
  );
  const kernel = composeKernel({ arch: x86(), plugins: [plugin('noting', make), Ptrace] });
  const task = kernel.machine.spawn(program([]), { run: false });
  kernel.breakpoints.registerCpu(WATCH, ignore, 0, { owner: 'me' });
  kernel.breakpoints.debugger.reserve(WATCH, ignore, 0, 'debugger')?.install();
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.pokeUser(task, tracer.debugOffset(0), 0x2000n);
  t.deepEqual(calls, ['open for me', 'aside on 0', 'open for user debug registers']);
  t.is(kernel.describe().breakpointScheduler, 'direct');
});

test('HARDWARE: the machine, its drivers and whoever asks have yours', (t) => {
  const units = [new X86DebugUnit(), new X86DebugUnit(), new X86DebugUnit()];
  const createUnit = (cpu: number): X86DebugUnit => units[cpu] as X86DebugUnit;
  const hardware = new Hardware({ cpus: 3, pageSize: 4096, createUnit });
  const kernel = composeKernel({
    arch: x86(),
    offline: [2],
    plugins: [plugin('box', provideValue(HARDWARE, hardware))],
  });
  t.is(kernel.hardware, hardware);
  t.is(kernel.machine.hardware, hardware);
  t.deepEqual(kernel.describe().online, [0, 1]);
  kernel.breakpoints.registerCpu(WATCH, ignore, 1);
  t.is(units[1]?.address(0), 0x1000n);
});

test('QUIRKS: the architecture and ptrace behave by yours', (t) => {
  const { quirks: catalogue } = x86();
  const kernel = composeKernel({
    arch: x86(),
    plugins: [plugin('q', provideValue(QUIRKS, new QuirkSet(catalogue, ['x86-detach-keeps-breakpoints']))), Ptrace],
  });
  t.deepEqual(
    kernel.describe().quirks.filter(({ on }) => !on),
    [{ name: 'x86-detach-keeps-breakpoints', on: false }],
  );
  const task = kernel.machine.spawn(program([]), { run: false });
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.pokeUser(task, tracer.debugOffset(0), 0x2000n);
  tracer.detach(task);
  t.false(kernel.breakpoints.isUsed);
});

test('SETTINGS and HANDLER_ERRORS: what core reads of them is yours', (t) => {
  const kernel = compose([
    provide(HANDLER_ERRORS, [MACHINE, LOGGER], (machine: Machine, logger: Logger) => {
      return new HandlerErrors(machine, logger, () => 'stop');
    }),
  ]);
  const task = kernel.machine.spawn(
    program([{ pc: 0n, length: 4, accesses: [{ kind: 'write', address: 0x1000n, size: 4 }] }]),
  );
  const clumsy = (): void => {
    throw new Error('planted');
  };
  kernel.breakpoints.registerUser(WATCH, clumsy, task);
  t.is(kernel.machine.run().reason, 'stopped');
  const settings = { ...kernel.get(SETTINGS), cpus: 5 };
  t.is(compose([provideValue(SETTINGS, settings)]).machine.cpus.length, 5);
});

test('a part can be made of core’s parts, of others’, and of its own: each is made once for each kernel, when it is needed', (t) => {
  const COUNT = new Token<{ readonly n: number }>('Count', 'compose a counter');
  const DOUBLE = new Token<number>('Double', 'compose a counter');
  let made = 0;
  const count = provide(COUNT, [BREAKPOINTS], ({ manifest }: Breakpoints) => ({ n: ++made + manifest.slots.data }));
  const double = provide(DOUBLE, [COUNT], ({ n }: { readonly n: number }) => 2 * n);
  const parts = plugin('counter', double, count);
  const kernels = [0, 1].map(() => composeKernel({ arch: x86(), plugins: [parts] }));
  t.is(made, 0, 'nobody has asked');
  t.deepEqual(
    kernels.map((kernel) => [kernel.get(DOUBLE), kernel.get(COUNT).n, kernel.get(DOUBLE)]),
    [
      [10, 5, 10],
      [12, 6, 12],
    ],
  );
});

test('provideClass: an object of a class, of what its constructor injects', (t) => {
  @injectable()
  class Doubler {
    readonly cpus: number;

    constructor(@inject(MACHINE) { cpus }: Machine) {
      this.cpus = 2 * cpus.length;
    }
  }
  const DOUBLER = new Token<Doubler>('Doubler', 'compose it');
  t.is(compose([provideClass(DOUBLER, Doubler)]).get(DOUBLER).cpus, 4);
});

test('a value of undefined is one, and is made once', (t) => {
  const NOTHING = new Token<undefined>('Nothing', 'compose it');
  let made = 0;
  const kernel = compose([
    provide(NOTHING, [], () => {
      made++;
      return undefined;
    }),
  ]);
  t.deepEqual([kernel.get(NOTHING), kernel.get(NOTHING), made], [undefined, undefined, 1]);
});

test('every part of core can be had by its token, and facets as tokens are', (t) => {
  const kernel = compose([]);
  t.is(kernel.get(MACHINE), kernel.machine);
  t.is(kernel.get(BREAKPOINTS), kernel.breakpoints);
  t.is(kernel.get(DRIVERS).length, 2);
  t.is<unknown, unknown>(kernel.get(REGISTER_FILE).driver(1), kernel.get(DRIVERS)[1]);
  t.is<unknown, unknown>((kernel.get(PORT) as PortBase).driver(kernel.machine.cpu(1)), kernel.get(DRIVERS)[1]);
  t.is<unknown, unknown>(kernel.get(USER_DEBUG_REGISTERS), kernel.facet(USER_DEBUG_REGISTERS));
  t.throws(() => kernel.get(EVENTS), {
    code: 'COMPOSE_NOT_COMPOSED',
    message: "nobody provides 'Events' in this kernel; compose the kernel with perfEvents()",
  });
  t.is(kernel.facet(EVENTS), undefined);
});
