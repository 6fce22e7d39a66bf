import { type Breakpoint, EVENTS, type HitHandler, type Kernel, PRIORITIES, type Task } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import type { ScenarioWatch } from '../scenario.js';
import type { WatchSetting } from './setting.js';

/** Where a watch is that was accepted, and if it is nowhere, why. */
export type PlacedState =
  | 'in a register'
  | 'waits for a register'
  | 'its task is not on a CPU'
  | 'its task has exited'
  | 'its debugger waits for the task to stop'
  | 'out of the way while its debugger steps';

/** A watch that was accepted. */
export interface PlacedWatch {
  /** Hits so far. */
  readonly hits: number;
  readonly state: PlacedState;
  release(): void;
}

/** Where a watch for a task is; `undefined`: for whatever runs. `active`: it is in a register of some CPU. */
export function placedState({ machine }: Kernel, task: Task | undefined, active: boolean): PlacedState {
  if (active) return 'in a register';
  if (task === undefined) return 'waits for a register';
  if (!task.alive) return 'its task has exited';
  const running = machine.cpus.some((cpu) => machine.current(cpu) === task);
  return running ? 'waits for a register' : 'its task is not on a CPU';
}

/** Whom a watch is for, and by what. */
export interface Placement {
  readonly kernel: Kernel;
  readonly watch: ScenarioWatch;
  readonly setting: WatchSetting;
  /** `undefined`: whatever runs. */
  readonly task: Task | undefined;
  /** Called in the exception of each hit, where the owner has such a thing. */
  readonly hit: HitHandler;
}

/** A watch whose owner is not part of the composition. */
export class NotComposedError extends Error {
  override readonly name = 'NotComposedError';
}

function ofBreakpoints(
  { kernel, task }: Pick<Placement, 'kernel' | 'task'>,
  breakpoints: readonly Breakpoint[],
  release: () => void,
): PlacedWatch {
  return {
    get hits() {
      return breakpoints.reduce((sum, { hits }) => sum + hits, 0);
    },
    get state() {
      const active = breakpoints.some(({ state }) => state === 'active');
      return placedState(kernel, task, active);
    },
    release,
  };
}

function byKernel(placement: Placement): PlacedWatch {
  const { kernel, setting, task, hit } = placement;
  const { breakpoints } = kernel;
  if (task !== undefined) {
    const one = breakpoints.registerUser(setting, hit, task, { owner: 'kernel' });
    return ofBreakpoints(placement, [one], () => breakpoints.unregister(one));
  }
  const before = new Set(breakpoints.registered);
  const wide = breakpoints.registerWide(setting, hit, { owner: 'kernel' });
  const members = breakpoints.registered.filter((one) => !before.has(one));
  return ofBreakpoints(placement, members, () => breakpoints.unregisterWide(wide));
}

function byKwatch({ kernel, watch, setting, task, hit }: Placement): PlacedWatch {
  if (kernel.facet(PRIORITIES) === undefined) {
    throw new NotComposedError("kwatch is not in this kernel: it needs the slot policy 'priorities'; choose it");
  }
  const kwatch = kernel.get(Kwatch);
  const request = {
    address: setting.bp_addr,
    length: setting.bp_len,
    type: setting.bp_type,
    triggered: (_: unknown, told: Parameters<HitHandler>[0]) => hit(told),
    ...(watch.priority === undefined ? {} : { priority: watch.priority }),
  };
  const made = task === undefined ? kwatch.registerKernel(request) : kwatch.registerUser(task, request);
  return {
    get hits() {
      return made.hits;
    },
    get state() {
      return placedState(kernel, task, made.installed);
    },
    release: () => kwatch.unregister(made),
  };
}

function byPerf(placement: Placement): PlacedWatch {
  const { kernel, watch, setting, task } = placement;
  if (kernel.facet(EVENTS) === undefined) {
    throw new NotComposedError("perf is not in this kernel: it needs the breakpoint scheduler 'events'; choose it");
  }
  const { bp_type, bp_addr, bp_len } = setting;
  const attr = {
    type: PERF_TYPE_BREAKPOINT,
    bp_type,
    bp_addr,
    bp_len,
    sample_period: 1,
    pinned: watch.pinned ?? false,
  };
  const { breakpoints, machine } = kernel;
  const perf = kernel.get(Perf);
  const before = new Set(breakpoints.registered);
  const files: ReturnType<Perf['open']>[] = [];
  const release = (): void => {
    for (const file of files) file.close();
  };
  try {
    const targets = task === undefined ? machine.cpus.map(({ index: cpu }) => ({ pid: -1, cpu })) : [{ pid: task.pid }];
    for (const target of targets) files.push(perf.open(attr, target));
  } catch (error) {
    release();
    throw error;
  }
  return ofBreakpoints(
    placement,
    breakpoints.registered.filter((one) => !before.has(one)),
    release,
  );
}

function byDebugger({ kernel, setting, hit }: Placement): PlacedWatch {
  const { debugger: slots } = kernel.breakpoints;
  const made: ReturnType<typeof slots.reserve>[] = [];
  const release = (): void => {
    for (const one of made) one?.release();
  };
  try {
    for (const { index } of kernel.machine.onlineCpus) {
      const reservation = slots.reserve(setting, hit, index, 'kgdb');
      made.push(reservation);
      reservation?.install();
    }
  } catch (error) {
    release();
    throw error;
  }
  return ofBreakpoints(
    { kernel, task: undefined },
    made.flatMap((one) => one?.breakpoint ?? []),
    release,
  );
}

const OWNERS = { kernel: byKernel, kwatch: byKwatch, perf: byPerf, debugger: byDebugger } as const;

/** Asks for a watch as its owner would; throws what that is refused with. ptrace's go through a {@link Debugger}. */
export function place(by: keyof typeof OWNERS, placement: Placement): PlacedWatch {
  return OWNERS[by](placement);
}
