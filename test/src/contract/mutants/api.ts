import {
  type Breakpoints,
  DirectScheduler,
  defineScheduler,
  type HookList,
  type HotplugCallbacks,
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

/** A direct scheduler that does something else as CPUs come and go. */
function withHotplug(
  { machine, registers, logger }: SchedulerParts,
  change: (callbacks: HotplugCallbacks) => HotplugCallbacks,
): DirectScheduler {
  const { hotplug } = machine;
  const original = hotplug.register;
  hotplug.register = (state, name, callbacks) => original.call(hotplug, state, name, change(callbacks));
  try {
    return new DirectScheduler(machine, registers, logger);
  } finally {
    hotplug.register = original;
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
  backendMutant(
    '#46: a CPU that goes offline keeps its registers',
    ['scheduler/a-cpu-that-goes-takes-its-breakpoints-along'],
    () => ({}),
    {
      options: {
        breakpointScheduler: defineScheduler('mutant', (parts) =>
          withHotplug(parts, ({ startup }) => (startup === undefined ? {} : { startup })),
        ),
      },
    },
  ),
  backendMutant(
    'hotplug: a CPU that comes up in vain loses what waited for it',
    ['scheduler/a-cpu-that-comes-up-in-vain-changes-nothing'],
    () => ({}),
    {
      options: {
        breakpointScheduler: defineScheduler('mutant', (parts) =>
          withHotplug(parts, ({ startup = () => {}, teardown }) => ({
            startup,
            teardown: (cpu) => teardown?.(cpu, 'hotplug'),
          })),
        ),
      },
    },
  ),
  apiMutant(
    'hotplug: breakpoints are lost before everybody has agreed that their CPU goes',
    ['scheduler/a-cpu-that-stays-keeps-its-breakpoints'],
    ({ breakpoints, machine }) => {
      const setOnline = machine.setOnline.bind(machine);
      machine.setOnline = (index, online) => {
        const goes = breakpoints.registered.filter(({ task, cpu }) => task === undefined && cpu === index);
        if (!online) for (const breakpoint of goes) breakpoints.disable(breakpoint);
        setOnline(index, online);
      };
    },
  ),
  backendMutant(
    'suspend: breakpoints of secondary CPUs are lost as on any hotplug',
    ['scheduler/a-suspend-keeps-what-cpus-watch'],
    () => ({}),
    {
      options: {
        breakpointScheduler: defineScheduler('mutant', (parts) =>
          withHotplug(parts, ({ startup = () => {}, teardown }) => ({
            startup,
            teardown: (cpu, why) => teardown?.(cpu, why === 'suspend' ? 'hotplug' : why),
          })),
        ),
      },
    },
  ),
  apiMutant(
    'suspend: nobody writes the registers of the last CPU when it comes back',
    ['scheduler/a-suspend-keeps-what-cpus-watch', 'scheduler/a-suspend-keeps-what-is-wide'],
    ({ machine }) => {
      machine.power.register('devices', 'mutant', { resume: (cpu) => cpu.unit.reset() });
    },
  ),
  apiMutant(
    'suspend: whatever was off is on afterwards',
    ['scheduler/what-is-disabled-stays-so-over-a-suspend'],
    ({ machine, breakpoints }) => {
      machine.power.register('devices', 'mutant', {
        resume: () => {
          for (const breakpoint of breakpoints.registered) breakpoints.enable(breakpoint);
        },
      });
    },
  ),
  apiMutant(
    'suspend: tasks are moved to the last CPU, and stay there',
    ['scheduler/a-suspend-keeps-what-tasks-watch'],
    ({ machine }) => {
      machine.power.register('devices', 'mutant', {
        suspend: () => {
          for (const task of machine.tasks.values()) machine.setAffinity(task, [0]);
        },
      });
    },
  ),
];
