import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  defineScheduler,
  directScheduler,
  HW_BREAKPOINT_W,
  type HwBreakpointAttr,
  type Instruction,
  type Kernel,
  type ProgramFactory,
  perfEvents,
  program,
  type Task,
} from '@hwbp/core';
import { bareContainer } from './bare-container.js';
import { alternate, nanoseconds, ratio, sink } from './measure.js';
import type { Row } from './row.js';

/** What the real kernel of the study takes to open and close a breakpoint, in nanoseconds. */
const REAL_OPEN_CLOSE = 5300;
/** The real thing for a counting hit, in nanoseconds. */
const REAL_HIT = 8400;

const attr = (bp_addr: bigint): HwBreakpointAttr => ({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len: 8 });
const nothing = (): void => {};
/** A program that is always ready and executes nothing. */
const idle: ProgramFactory = () => ({ state: 'ready', run: () => 0 });

/** A task that executes nothing of its own: it is only switched to and from. */
function sleeper(kernel: Kernel): Task {
  return kernel.machine.spawn(idle, { affinity: [0] });
}

function kernelWith(tasks: number, cpus: number, scheduler = directScheduler()): { kernel: Kernel; task: Task } {
  const kernel = composeKernel({ arch: x86(), cpus, breakpointScheduler: scheduler });
  for (let i = 1; i < tasks; i++) {
    const other = kernel.machine.spawn(idle);
    kernel.breakpoints.registerUser(attr(0x1000n), nothing, other);
  }
  return { kernel, task: kernel.machine.spawn(idle) };
}

const PAIRS = 2000;

function pair({ kernel, task }: { kernel: Kernel; task: Task }): () => void {
  return () => {
    for (let i = 0; i < PAIRS; i++)
      kernel.breakpoints.unregister(kernel.breakpoints.registerUser(attr(0x2000n), nothing, task));
  };
}

/** Register and unregister, on machines of different sizes. */
export function registration(): readonly Row[] {
  const times = alternate(
    PAIRS,
    {
      small: pair(kernelWith(1, 1)),
      manyTasks: pair(kernelWith(10_000, 1)),
      manyCpus: pair(kernelWith(1, 256)),
      both: pair(kernelWith(10_000, 256)),
    },
    60,
  );
  const real = times.small.map(() => REAL_OPEN_CLOSE);
  return [
    { what: 'register + unregister', figure: nanoseconds(times.small), unit: 'ns', bound: 'most', target: 500 },
    {
      what: 'register + unregister, 10,000 tasks / 1',
      figure: ratio(times.manyTasks, times.small),
      unit: 'x',
      bound: 'most',
      target: 2,
    },
    {
      what: 'register + unregister, 256 CPUs / 1',
      figure: ratio(times.manyCpus, times.small),
      unit: 'x',
      bound: 'most',
      target: 2,
    },
    {
      what: 'register + unregister, 10,000 tasks and 256 CPUs / 1 and 1',
      figure: ratio(times.both, times.small),
      unit: 'x',
      bound: 'most',
      target: 2,
    },
    {
      what: 'register + unregister / the real kernel (5.3 us)',
      figure: ratio(times.small, real),
      unit: 'x',
      bound: 'most',
      target: 0.1,
    },
  ];
}

function switching(breakpoints: number, scheduler = directScheduler()): () => void {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: scheduler });
  for (const [t, task] of [sleeper(kernel), sleeper(kernel)].entries()) {
    for (let i = 0; i < breakpoints; i++) {
      kernel.breakpoints.registerUser(attr(0x1000n + BigInt(64 * i + 4096 * t)), nothing, task);
    }
  }
  return () => {
    for (let i = 0; i < SWITCHES; i++) kernel.machine.schedule(0);
  };
}

/** A context switch of the same machine without a scheduler of breakpoints. */
function bareSwitching(): () => void {
  const kernel = composeKernel({
    arch: x86(),
    breakpointScheduler: defineScheduler('none', ({ registers }) => ({
      name: 'none',
      open: (request) => registers.admit(request, { hit() {}, displaced() {}, granted() {}, givenUp() {} }),
      activate() {},
      close() {},
      enable() {},
      disable() {},
      modify() {},
      aside: (_cpu, action) => action(),
      [Symbol.dispose]() {},
    })),
  });
  sleeper(kernel);
  sleeper(kernel);
  return () => {
    for (let i = 0; i < SWITCHES; i++) kernel.machine.schedule(0);
  };
}

const SWITCHES = 5000;

/** What breakpoints add to a context switch. */
export function contextSwitch(): readonly Row[] {
  const times = alternate(SWITCHES, { bare: bareSwitching(), none: switching(0), four: switching(4) }, 100);
  const added = (samples: readonly number[]): readonly number[] =>
    samples.map((value, i) => value - (times.bare[i] ?? 0));
  const bare = `the switch itself: ${nanoseconds(times.bare).median.toFixed(0)} ns`;
  return [
    {
      what: 'context switch, 4 and 4 breakpoints, direct scheduler',
      figure: nanoseconds(added(times.four)),
      unit: 'ns',
      bound: 'most',
      target: 150,
      note: bare,
    },
    {
      what: 'context switch, neither task has one',
      figure: nanoseconds(added(times.none)),
      unit: 'ns',
      bound: 'most',
      target: 10,
      note: bare,
    },
  ];
}

const HITS = 5000;
const STORE: Instruction = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };

/** A program that stores to the same place forever, which is watched or not. */
function storing(watched: boolean, scheduler = directScheduler()): () => void {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: scheduler });
  const forever = program(function* () {
    for (;;) yield STORE;
  });
  const task = kernel.machine.spawn(forever);
  if (watched) {
    kernel.breakpoints.registerUser(
      attr(0x2000n),
      () => {
        sink.value++;
      },
      task,
    );
  }
  return () => void kernel.machine.run(HITS);
}

/** From an access that hits to the handler and back, over the same program without a breakpoint. */
export function hits(): readonly Row[] {
  const times = alternate(HITS, { quiet: storing(false), hit: storing(true) }, 100);
  const added = times.hit.map((value, i) => value - (times.quiet[i] ?? 0));
  const note = `an instruction of an interpreted program: ${nanoseconds(times.quiet).median.toFixed(0)} ns`;
  return [
    { what: 'hit delivered to a handler', figure: nanoseconds(added), unit: 'ns', bound: 'most', target: 170, note },
    {
      what: 'hit delivered / a real counting hit (8.4 us)',
      figure: ratio(
        added,
        added.map(() => REAL_HIT),
      ),
      unit: 'x',
      bound: 'most',
      target: 0.02,
    },
  ];
}

function toggling(scheduler = directScheduler()): () => void {
  const { kernel, task } = kernelWith(1, 1, scheduler);
  const breakpoint = kernel.breakpoints.registerUser(attr(0x2000n), nothing, task);
  kernel.machine.schedule(0);
  return () => {
    for (let i = 0; i < PAIRS; i++) {
      kernel.breakpoints.disable(breakpoint);
      kernel.breakpoints.enable(breakpoint);
    }
  };
}

/** The same costs where breakpoints are events. */
export function events(): readonly Row[] {
  const engine = perfEvents();
  const registered = alternate(
    PAIRS,
    {
      direct: pair(kernelWith(1, 1)),
      small: pair(kernelWith(1, 1, engine)),
      large: pair(kernelWith(10_000, 256, engine)),
    },
    60,
  );
  const toggled = alternate(PAIRS, { direct: toggling(), events: toggling(engine) }, 60);
  const switched = alternate(
    SWITCHES,
    { bare: bareSwitching(), none: switching(0, engine), four: switching(4, engine), direct: switching(4) },
    100,
  );
  const stored = alternate(
    HITS,
    { quiet: storing(false, engine), hit: storing(true, engine), direct: storing(true) },
    100,
  );
  const less = (samples: readonly number[], base: readonly number[]): readonly number[] =>
    samples.map((value, i) => value - (base[i] ?? 0));
  const real = registered.small.map(() => REAL_OPEN_CLOSE);
  const times = (what: string, of: readonly number[], to: readonly number[], target: number): Row => ({
    what,
    figure: ratio(of, to),
    unit: 'x',
    bound: 'most',
    target,
  });
  return [
    {
      what: 'events: register + unregister',
      figure: nanoseconds(registered.small),
      unit: 'ns',
      bound: 'most',
      target: 500,
    },
    times('events: register + unregister / the real kernel (5.3 us)', registered.small, real, 0.1),
    times('events: register + unregister, 10,000 tasks and 256 CPUs / 1 and 1', registered.large, registered.small, 2),
    times('events: register + unregister / direct scheduler', registered.small, registered.direct, 2),
    times('events: disable + enable, task on its CPU / direct scheduler', toggled.events, toggled.direct, 2),
    {
      what: 'events: context switch, 4 and 4 breakpoints',
      figure: nanoseconds(less(switched.four, switched.bare)),
      unit: 'ns',
      bound: 'most',
      target: 400,
      note: `with the direct scheduler, in the same run: ${nanoseconds(less(switched.direct, switched.bare)).median.toFixed(0)} ns`,
    },
    {
      what: 'events: context switch, neither task has one',
      figure: nanoseconds(less(switched.none, switched.bare)),
      unit: 'ns',
      bound: 'most',
      target: 10,
    },
    {
      what: 'events: hit delivered to a handler',
      figure: nanoseconds(less(stored.hit, stored.quiet)),
      unit: 'ns',
      bound: 'most',
      target: 170,
      note: `with the direct scheduler, in the same run: ${nanoseconds(less(stored.direct, stored.quiet)).median.toFixed(0)} ns`,
    },
  ];
}

/** Composing a kernel, and what each takes of memory. */
export function composition(): readonly Row[] {
  const count = 300;
  const arch = x86();
  const composeOne = (): Kernel => composeKernel({ arch, cpus: 2 });
  const parts = composeOne()
    .describe()
    .parts.filter(({ made }) => made).length;
  const one = bareContainer(parts);
  const bare = (): void => {
    for (let i = 0; i < count; i++) one();
  };
  const compose = (): void => {
    for (let i = 0; i < count; i++) composeOne()[Symbol.dispose]();
  };
  const times = alternate(count, { bare, compose }, 100);
  const microseconds = (samples: readonly number[]): Row['figure'] => nanoseconds(samples.map((value) => value / 1000));
  const collect = globalThis.gc;
  const rows: Row[] = [
    {
      what: `compose a kernel / a bare container of ${parts} parts`,
      figure: ratio(times.compose, times.bare),
      unit: 'x',
      bound: 'most',
      target: 1.5,
      note: `a kernel ${microseconds(times.compose).median.toFixed(1)} us, a bare container ${microseconds(times.bare).median.toFixed(1)} us`,
    },
  ];
  if (collect === undefined) return rows;
  const heldBy = (): number => {
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 1000 }, composeOne);
    collect();
    const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
    sink.value += kept.length;
    return bytes / 1024;
  };
  const held = Array.from({ length: 5 }, heldBy);
  rows.push({ what: 'memory of a composed kernel', figure: nanoseconds(held), unit: 'KiB', bound: 'most', target: 48 });
  return rows;
}
