import { X86DebugUnit, X86Driver } from '@hwbp/arch-x86';
import {
  DirectScheduler,
  DRIVERS,
  defineScheduler,
  type HotplugCallbacks,
  type HotplugState,
  type Kernel,
  registrationOf,
  type SchedulerParts,
  type SuccessorOptions,
} from '@hwbp/core';
import { apiMutant, backendMutant, driverMutant, type Mutant } from './mutant.js';

/** A direct scheduler that does something else as CPUs come and go. */
function withHotplug(
  { machine, registers, logger }: SchedulerParts,
  change: (callbacks: HotplugCallbacks) => HotplugCallbacks,
  to?: HotplugState,
): DirectScheduler {
  const { hotplug } = machine;
  const original = hotplug.register;
  hotplug.register = (state, name, callbacks) => original.call(hotplug, to ?? state, name, change(callbacks));
  try {
    return new DirectScheduler(machine, registers, logger);
  } finally {
    hotplug.register = original;
  }
}

/** A scheduler that is changed, on x86. */
const schedulerMutant = (
  name: string,
  kills: readonly string[],
  make: (parts: SchedulerParts) => DirectScheduler,
): Mutant =>
  backendMutant(name, kills, () => ({}), { options: { breakpointScheduler: defineScheduler('mutant', make) } });

/** What a kernel does instead when another one is to have its hardware. */
function successionMutant(
  name: string,
  kills: readonly string[],
  succeed: (how: (options: SuccessorOptions) => Kernel, options: SuccessorOptions, kernel: Kernel) => Kernel,
): Mutant {
  return apiMutant(name, kills, (kernel) => {
    for (const how of ['kexec', 'crash'] as const) {
      const original = kernel[how].bind(kernel);
      kernel[how] = (options) => succeed(original, options, kernel);
    }
  });
}

/** A driver that takes registers for clean when it begins. */
class TrustsWhatItFinds extends X86Driver {
  #used = false;

  override restore(): void {
    this.#used ||= this.active;
    if (this.#used) super.restore();
  }
}

export const powerMutants: readonly Mutant[] = [
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
  schedulerMutant(
    'hotplug: the scheduler has its turn when it was made, not in its state',
    [
      'scheduler/a-cpu-has-its-breakpoints-from-starting-to-online',
      'scheduler/a-cpus-own-breakpoints-are-there-before-its-first-task',
    ],
    (parts) => withHotplug(parts, (callbacks) => callbacks, 'online'),
  ),
  schedulerMutant(
    'hotplug: what is lost with a CPU is not said to be',
    ['scheduler/what-is-lost-with-a-cpu-is-said-to-be'],
    ({ machine, registers }) => new DirectScheduler(machine, registers, { log() {} }),
  ),
  apiMutant(
    'hotplug: everybody on a CPU is said to be lost',
    ['scheduler/what-is-lost-with-a-cpu-is-said-to-be'],
    ({ breakpoints, machine }) => {
      machine.hotplug.register('starting', 'mutant', {
        teardown: (cpu) => {
          for (const one of breakpoints.registered) {
            if (one.state === 'off') machine.logger.log('warn', `CPU ${cpu.index}: ${one.owner} is lost`);
          }
        },
      });
    },
  ),
  apiMutant(
    'hotplug: wide breakpoints stay where they were registered',
    ['scheduler/wide-follows-cpus-that-come-and-go'],
    ({ breakpoints, machine }) => {
      machine.hotplug.register('online', 'mutant', {
        startup: ({ index }) => {
          for (const one of breakpoints.registered) {
            if (one.owner === 'wide' && one.cpu === index) breakpoints.disable(one);
          }
        },
      });
    },
  ),
  apiMutant(
    'suspend: wide breakpoints are forgotten',
    ['scheduler/a-suspend-keeps-what-is-wide'],
    ({ breakpoints, machine }) => {
      const wide = new Set<unknown>();
      const register = breakpoints.registerWide.bind(breakpoints);
      breakpoints.registerWide = (...given) => {
        const made = register(...given);
        for (const member of made.members.values()) wide.add(member);
        return made;
      };
      machine.power.register('devices', 'mutant', {
        resume: () => {
          for (const one of breakpoints.registered) if (wide.has(one)) breakpoints.disable(one);
        },
      });
    },
  ),
  apiMutant('suspend: a mute is left over', ['scheduler/a-suspend-keeps-what-cpus-watch'], (kernel) => {
    kernel.machine.power.register('core', 'mutant', {
      suspend: ({ index }) => void kernel.get(DRIVERS)[index]?.mute(),
    });
  }),
  apiMutant(
    'suspend: whoever muted has let go afterwards',
    ['scheduler/a-debugger-stays-inside-over-a-suspend'],
    (kernel) => {
      kernel.machine.power.register('devices', 'mutant', {
        resume: () => {
          for (const driver of kernel.get(DRIVERS)) while (driver.muted) driver.unmute();
        },
      });
    },
  ),
  apiMutant(
    'suspend: what was done stays done when somebody refuses',
    ['scheduler/a-suspend-that-is-called-off-changes-nothing'],
    (kernel) => {
      const suspend = kernel.suspend.bind(kernel);
      kernel.suspend = () => {
        try {
          suspend();
        } catch (error) {
          for (const { unit } of kernel.hardware.cpus) unit.reset();
          throw error;
        }
      };
    },
  ),
  apiMutant(
    'suspend: interrupts that wake are overlooked',
    ['scheduler/a-suspend-that-is-called-off-changes-nothing'],
    ({ machine }) => {
      machine.power.wakesAt = () => () => {};
    },
  ),
  driverMutant(
    'crash: registers are taken for clean',
    ['together/the-next-kernel-begins-with-registers-that-are-off'],
    TrustsWhatItFinds,
  ),
  successionMutant(
    'kexec: registers stay armed',
    ['together/the-next-kernel-begins-with-registers-that-are-off'],
    (how, options, { hardware }) => {
      const kept = hardware.cpus.map(({ unit }) => (unit instanceof X86DebugUnit ? unit.control : 0));
      const next = how(options);
      hardware.cpus.forEach(({ unit }, i) => {
        if (unit instanceof X86DebugUnit) unit.setControl(kept[i] ?? 0);
      });
      return next;
    },
  ),
  successionMutant(
    'kexec: the next kernel inherits a mute',
    ['together/the-next-kernel-has-every-register'],
    (how, options) => {
      const next = how(options);
      for (const driver of next.get(DRIVERS)) driver.mute();
      return next;
    },
  ),
  successionMutant(
    'kexec: the end of the kernel before clears the registers of the next one',
    ['together/the-next-kernel-has-every-register'],
    (how, options, kernel) => {
      const next = how(options);
      kernel.dispose = () => {
        for (const { unit } of kernel.hardware.cpus) unit.reset();
      };
      return next;
    },
  ),
  successionMutant(
    'kexec: hits of the next kernel come to the handlers of the one before',
    ['together/the-next-kernel-begins-with-registers-that-are-off', 'together/nothing-of-the-kernel-before-is-called'],
    (how, options, { breakpoints }) => {
      const handlers = breakpoints.registered.map((one) => registrationOf(one).handler);
      const next = how(options);
      next.machine.hooks.contextSwitch.add(() => {
        for (const handler of handlers) handler({} as Parameters<typeof handler>[0]);
      });
      return next;
    },
  ),
  successionMutant(
    'kexec: timers of the kernel before go off',
    ['together/nothing-of-the-kernel-before-is-called'],
    (how, options, { hardware }) => {
      const all = hardware.cpus.map(({ alarms }) => ({ alarms, clear: alarms.clear }));
      for (const { alarms } of all) alarms.clear = () => () => {};
      const next = how(options);
      for (const { alarms, clear } of all) alarms.clear = clear;
      return next;
    },
  ),
  successionMutant(
    'kexec: the kernel lets go before it has looked at what it is asked for',
    ['together/a-refused-successor-changes-nothing'],
    (how, options, { breakpoints }) => {
      for (const one of breakpoints.registered) breakpoints.unregister(one);
      return how(options);
    },
  ),
];
