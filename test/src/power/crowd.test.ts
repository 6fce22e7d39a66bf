import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Breakpoint,
  type Cpu,
  DRIVERS,
  directScheduler,
  type Hit,
  type HitHandler,
  type Kernel,
  perfEvents,
  priorities,
  USER_DEBUGGERS,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import type { Cast } from './crowd/cast.js';
import { Crowd, type Sabotage } from './crowd/crowd.js';
import { crowdOps, place } from './crowd/ops.js';
import { writes } from './support.js';

/*
 * Everybody who uses debug registers, in one kernel: breakpoints of CPUs, tasks and all CPUs, tracers, perf's events,
 * gdb, kwatch, guests. CPUs come and go, the machine is suspended, kernels end and crash, and any of it may be refused
 * by somebody or called off by an interrupt. Whatever comes in which order: slots are conserved, armed is what ought to
 * be and nothing else, each store is seen once by everybody whom it concerns, nothing is lost without notice, and
 * nothing of a kernel that is gone is called.
 */

const CASTS: readonly Cast[] = [
  { title: 'x86, direct', arch: x86, scheduler: directScheduler, perf: false, tracesApart: false },
  { title: 'x86, events', arch: x86, scheduler: perfEvents, perf: true, tracesApart: false },
  {
    title: 'x86, events, priorities',
    arch: x86,
    scheduler: perfEvents,
    slotPolicy: priorities(),
    perf: true,
    tracesApart: false,
  },
  {
    title: 'ppc64 power7, events',
    arch: () => ppc64({ cpu: 'power7' }),
    scheduler: perfEvents,
    perf: true,
    tracesApart: true,
  },
  {
    title: 'ppc64 power10, direct, priorities',
    arch: () => ppc64({ cpu: 'power10' }),
    scheduler: directScheduler,
    slotPolicy: priorities(),
    perf: false,
    tracesApart: true,
  },
  {
    title: 'ppc64 power10, events',
    arch: () => ppc64({ cpu: 'power10' }),
    scheduler: perfEvents,
    perf: true,
    tracesApart: true,
  },
];

function holds(cast: Cast, sabotage?: Sabotage) {
  return fc.property(crowdOps, (ops) => {
    const crowd = new Crowd(cast, sabotage);
    for (const one of ops) crowd.perform(one);
    crowd.leave();
  });
}

for (const cast of CASTS) {
  test(`a crowd, powered off and on (${cast.title})`, (t) => check(t, holds(cast), 60));
}

/** Handlers of breakpoints of CPUs, by the kernel that they were registered with. */
const HANDLERS = new WeakMap<Kernel, HitHandler[]>();

/** What goes wrong, each of which the property must find in one of the casts. */
const SABOTAGE: Readonly<Record<string, readonly [cast: string, Sabotage]>> = {
  'a resume forgets wide breakpoints': [
    'x86, direct',
    ({ machine, breakpoints }) => {
      const wide = new Set<Breakpoint>();
      const register = breakpoints.registerWide.bind(breakpoints);
      breakpoints.registerWide = (...given) => {
        const made = register(...given);
        for (const member of made.members.values()) wide.add(member);
        return made;
      };
      onResume(machine, () => {
        for (const one of breakpoints.registered) if (wide.has(one)) breakpoints.disable(one);
      });
    },
  ],
  'a resume arms what was disabled': [
    'x86, events',
    ({ machine, breakpoints }) => {
      onResume(machine, () => {
        for (const one of breakpoints.registered) breakpoints.enable(one);
      });
    },
  ],
  'a tracer’s watch does not survive a suspend': ['x86, events', (kernel) => losesOnResume(kernel, USER_DEBUGGERS)],
  'perf’s events do not survive a suspend': ['ppc64 power10, events', (kernel) => losesOnResume(kernel, 'perf')],
  'watches of kwatch do not survive a suspend': [
    'ppc64 power10, direct, priorities',
    (kernel) => losesOnResume(kernel, 'kwatch'),
  ],
  'gdb’s watch does not survive a suspend': [
    'ppc64 power7, events',
    ({ machine, breakpoints }) => {
      onResume(machine, (cpu) => {
        if (breakpoints.debugger.claims.length > 0) cpu.unit.reset();
      });
    },
  ],
  'the machine that gdb has stopped is not stopped after a suspend': [
    'x86, direct',
    (kernel) => {
      onResume(kernel.machine, (cpu) => {
        const driver = kernel.get(DRIVERS)[cpu.index];
        if (kernel.breakpoints.debugger.inside !== undefined) driver?.unmute();
      });
    },
  ],
  'a resume leaves the registers of a CPU muted': [
    'x86, events',
    (kernel) => onResume(kernel.machine, (cpu) => void kernel.get(DRIVERS)[cpu.index]?.mute()),
  ],
  'nobody asks for interrupts that wake': [
    'x86, direct',
    ({ machine }) => {
      machine.power.wakesAt = () => () => {};
    },
  ],
  'a CPU that stays is half down': [
    'x86, direct',
    ({ machine, breakpoints }) => {
      machine.hotplug.register('online', 'sabotage', {
        teardown: ({ index }) => {
          for (const one of breakpoints.registered) {
            if (one.task === undefined && one.cpu === index) breakpoints.disable(one);
          }
        },
      });
    },
  ],
  'a CPU that comes has its registers reset once more': [
    'ppc64 power10, events',
    ({ machine }) => {
      machine.hotplug.register('online', 'sabotage', { startup: (cpu) => cpu.unit.reset() });
    },
  ],
  'what is lost with a CPU is not said to be': [
    'x86, events',
    ({ machine }) => {
      machine.logger.log = () => {};
    },
  ],
  'owners are not told that they had to make room': [
    'x86, events, priorities',
    ({ breakpoints }) => {
      const register = breakpoints.registerWide.bind(breakpoints);
      breakpoints.registerWide = (attr, handler, options) =>
        register(attr, handler, { ...options, uninstalled: () => {} });
    },
  ],
  'a kernel finds registers armed': [
    'x86, direct',
    ({ machine }, before) => {
      const { filter } = machine.cpu(1).unit;
      if (before !== undefined) filter.arm(filter.allot(), 2, 0, Number(place(0)), 8);
    },
  ],
  'a handler of the kernel before is called': [
    'x86, direct',
    (kernel, before) => {
      const { breakpoints, machine } = kernel;
      const own: HitHandler[] = [];
      HANDLERS.set(kernel, own);
      const register = breakpoints.registerCpu.bind(breakpoints);
      breakpoints.registerCpu = (attr, handler, ...rest) => {
        own.push(handler);
        return register(attr, handler, ...rest);
      };
      const late = before === undefined ? [] : (HANDLERS.get(before) ?? []);
      machine.hooks.contextSwitch.add(() => {
        for (const handler of late) handler({} as Hit);
      });
    },
  ],
  'a slot stays taken over a kexec': [
    'x86, direct',
    ({ breakpoints }, before) => {
      if (before !== undefined) breakpoints.registerCpu(writes(), () => {}, 0);
    },
  ],
};

/** The last thing of a resume, for every CPU that is there. */
function onResume(machine: Kernel['machine'], act: (cpu: Cpu) => void): void {
  machine.power.register('devices', 'sabotage', {
    resume: () => {
      for (const cpu of machine.onlineCpus) act(cpu);
    },
  });
}

function losesOnResume({ machine, breakpoints }: Kernel, owner: string): void {
  onResume(machine, () => {
    for (const one of breakpoints.registered) if (one.owner === owner) breakpoints.disable(one);
  });
}

for (const [what, [title, sabotage]] of Object.entries(SABOTAGE)) {
  test(`the property finds: ${what}`, (t) => {
    const cast = CASTS.find((one) => one.title === title) as Cast;
    const { failed, errorInstance } = fc.check(holds(cast, sabotage), {
      seed: 20091108,
      numRuns: 400,
      endOnFailure: true,
    });
    t.true(failed);
    t.regex(String(errorInstance), /AssertionError|no answer/);
  });
}
