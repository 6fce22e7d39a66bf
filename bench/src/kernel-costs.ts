import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  directScheduler,
  HW_BREAKPOINT_W,
  type HwBreakpointAttr,
  type Kernel,
  type ProgramFactory,
  perfEvents,
  type Task,
} from '@hwbp/core';
import { inLoads, unit } from './access-path.js';
import { alternate, beside, nanoseconds, ratio } from './measure.js';
import { noBreakpoints } from './no-breakpoints.js';
import type { Row } from './row.js';

/** What the real kernel of the study takes to open and close a breakpoint, in nanoseconds. */
const REAL_OPEN_CLOSE = 5300;

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

/** Few: a machine that others load interrupts a long sample more often than not. */
const PAIRS = 500;

const inNanoseconds = (samples: readonly number[]): string => `${nanoseconds(samples).median.toFixed(0)} ns`;

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
      unit,
      small: pair(kernelWith(1, 1)),
      manyTasks: pair(kernelWith(10_000, 1)),
      manyCpus: pair(kernelWith(1, 256)),
      both: pair(kernelWith(10_000, 256)),
    },
    200,
  );
  const real = times.small.map(() => REAL_OPEN_CLOSE);
  return [
    {
      what: 'register + unregister',
      figure: ratio(times.small, inLoads(times.unit, PAIRS)),
      unit: 'U',
      bound: 'most',
      target: 500,
      note: inNanoseconds(times.small),
    },
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
    breakpointScheduler: noBreakpoints,
  });
  sleeper(kernel);
  sleeper(kernel);
  return () => {
    for (let i = 0; i < SWITCHES; i++) kernel.machine.schedule(0);
  };
}

const SWITCHES = 1000;

/** What breakpoints add to a context switch. */
export function contextSwitch(): readonly Row[] {
  const times = alternate(SWITCHES, { unit, bare: bareSwitching(), none: switching(0), four: switching(4) }, 400);
  const note = `the switch itself: ${inNanoseconds(times.bare)}`;
  return [
    {
      what: 'context switch, 4 and 4 breakpoints, direct scheduler',
      figure: beside(times.four, times.bare, inLoads(times.unit, SWITCHES)),
      unit: 'U',
      bound: 'most',
      target: 200,
      note,
    },
    {
      what: 'context switch, neither task has one',
      figure: beside(times.none, times.bare, inLoads(times.unit, SWITCHES)),
      unit: 'U',
      bound: 'most',
      target: 15,
      note,
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
export function eventCosts(): readonly Row[] {
  const engine = perfEvents();
  const registered = alternate(
    PAIRS,
    {
      unit,
      direct: pair(kernelWith(1, 1)),
      small: pair(kernelWith(1, 1, engine)),
      large: pair(kernelWith(10_000, 256, engine)),
    },
    200,
  );
  const toggled = alternate(PAIRS, { direct: toggling(), events: toggling(engine) }, 200);
  const switched = alternate(
    SWITCHES,
    { unit, bare: bareSwitching(), none: switching(0, engine), four: switching(4, engine) },
    400,
  );
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
      figure: ratio(registered.small, inLoads(registered.unit, PAIRS)),
      unit: 'U',
      bound: 'most',
      target: 700,
      note: inNanoseconds(registered.small),
    },
    times('events: register + unregister / the real kernel (5.3 us)', registered.small, real, 0.1),
    times('events: register + unregister, 10,000 tasks and 256 CPUs / 1 and 1', registered.large, registered.small, 2),
    times('events: register + unregister / direct scheduler', registered.small, registered.direct, 2),
    times('events: disable + enable, task on its CPU / direct scheduler', toggled.events, toggled.direct, 2),
    {
      what: 'events: context switch, 4 and 4 breakpoints',
      figure: beside(switched.four, switched.bare, inLoads(switched.unit, SWITCHES)),
      unit: 'U',
      bound: 'most',
      target: 400,
      note: `the switch itself: ${inNanoseconds(switched.bare)}`,
    },
    {
      what: 'events: context switch, neither task has one',
      figure: beside(switched.none, switched.bare, inLoads(switched.unit, SWITCHES)),
      unit: 'U',
      bound: 'most',
      target: 15,
    },
  ];
}
