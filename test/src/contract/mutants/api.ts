import {
  type Breakpoints,
  DirectScheduler,
  defineScheduler,
  type HookList,
  registrationOf,
  type SchedulerParts,
  WideBreakpoint,
} from '@hwbp/core';
import { apiMutant, backendMutant, type Mutant } from './mutant.js';

type Method<K extends keyof Breakpoints> = Breakpoints[K];

/** Replaces a method of one kernel's breakpoint API. */
function replace<K extends 'modify' | 'modifyWide' | 'registerWide' | 'registerUser'>(
  breakpoints: Breakpoints,
  method: K,
  make: (original: Method<K>) => Method<K>,
): void {
  breakpoints[method] = make(breakpoints[method].bind(breakpoints) as Method<K>);
}

/** A direct scheduler that is given other hooks than the machine's. */
function withHook<Arguments extends readonly unknown[]>(
  hooks: HookList<Arguments>,
  change: (hook: (...args: Arguments) => void) => (...args: Arguments) => void,
  { machine, registers, logger }: SchedulerParts,
): DirectScheduler {
  const original = hooks.add;
  hooks.add = (hook) => original.call(hooks, change(hook));
  try {
    return new DirectScheduler(machine, registers, logger);
  } finally {
    hooks.add = original;
  }
}

export const apiMutants: readonly Mutant[] = [
  apiMutant(
    '#13: modify unregisters and registers',
    ['together/refused-modify-changes-nothing', 'together/modify-moves-in-place'],
    ({ breakpoints }) => {
      replace(breakpoints, 'modify', () => (breakpoint, changes) => {
        const { attr, task, cpu, owner } = breakpoint;
        const { handler } = registrationOf(breakpoint);
        breakpoints.unregister(breakpoint);
        if (task === undefined) breakpoints.registerCpu({ ...attr, ...changes }, handler, cpu, { owner });
        else breakpoints.registerUser({ ...attr, ...changes }, handler, task, { owner, cpu });
      });
    },
  ),
  apiMutant('#36: wide breakpoints want every possible CPU', ['scheduler/wide-leaves-offline-cpus-out'], (kernel) => {
    const { breakpoints, machine } = kernel;
    replace(breakpoints, 'registerWide', (original) => (attr, handler, options) => {
      for (const { index, online } of machine.cpus) {
        if (!online) breakpoints.registerCpu(attr, handler, index, options);
      }
      return original(attr, handler, options);
    });
  }),
  apiMutant(
    '#41: a wide change stops after the first CPU',
    ['scheduler/wide-is-modified-everywhere-or-nowhere'],
    (kernel) => {
      const { breakpoints } = kernel;
      replace(breakpoints, 'modifyWide', () => (wide, changes) => {
        const [first] = wide.members.values();
        if (first !== undefined) breakpoints.modify(first, changes);
        Object.defineProperty(wide, 'attr', { value: { ...wide.attr, ...changes } });
      });
    },
  ),
  apiMutant('#38: a failed wide request leaves CPUs registered', ['scheduler/wide-is-all-or-nothing'], (kernel) => {
    const { breakpoints, machine } = kernel;
    replace(breakpoints, 'registerWide', () => (attr, handler, options = {}) => {
      const made = machine.onlineCpus.map(
        ({ index }) => [index, breakpoints.registerCpu(attr, handler, index, options)] as const,
      );
      return new WideBreakpoint({ attr, owner: 'mutant', members: new Map(made) });
    });
  }),
  apiMutant(
    'api: a breakpoint of a task on one CPU follows it anywhere',
    ['scheduler/a-task-on-one-cpu-only'],
    (kernel) => {
      replace(kernel.breakpoints, 'registerUser', (original) => (attr, handler, task, options = {}) => {
        const { cpu: _, ...rest } = options;
        return original(attr, handler, task, rest);
      });
    },
  ),
  backendMutant('#23: leaving tasks keep their registers', ['scheduler/follows-its-task-and-no-other'], () => ({}), {
    options: {
      breakpointScheduler: defineScheduler('mutant', (parts) =>
        withHook(
          parts.machine.hooks.contextSwitch,
          (hook) => (cpu, _previous, next) => hook(cpu, undefined, next),
          parts,
        ),
      ),
    },
  }),
  backendMutant(
    'scheduler: a context switch lets go of what a debugger has muted',
    ['scheduler/a-switch-leaves-a-debuggers-mute-alone'],
    () => ({}),
    {
      options: {
        breakpointScheduler: defineScheduler('mutant', (parts) =>
          withHook(
            parts.machine.hooks.contextSwitch,
            (hook) => (cpu, previous, next) => {
              hook(cpu, previous, next);
              const driver = parts.registers.driver(cpu.index);
              while (driver.muted) driver.unmute();
            },
            parts,
          ),
        ),
      },
    },
  ),
];
