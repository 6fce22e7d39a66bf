import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  architecture,
  type Breakpoint,
  type Breakpoints,
  composeKernel,
  DRIVERS,
  directScheduler,
  type HwBreakpointAttr,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type Plugin,
  perfEvents,
  program,
  RingLogger,
  type SpawnOptions,
  type Task,
} from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';

/** What is powered off and on, and how its breakpoints are scheduled. */
export interface Subject {
  readonly title: string;
  arch(): Architecture;
  scheduler(): Plugin;
}

const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  x86,
  'ppc64 power7': () => ppc64({ cpu: 'power7' }),
  'ppc64 power10': () => ppc64({ cpu: 'power10' }),
  arm64,
  'fake of 2': () => architecture(fakeBackend({ slots: 2 })),
};
const SCHEDULERS: Readonly<Record<string, () => Plugin>> = { direct: directScheduler, events: perfEvents };

/** Every architecture with every scheduler. */
export const SUBJECTS: readonly Subject[] = Object.entries(ARCHITECTURES).flatMap(([name, arch]) =>
  Object.entries(SCHEDULERS).map(([how, scheduler]) => ({ title: `${name}, ${how}`, arch, scheduler })),
);

export const TEXT = 0x40_0000n;
export const DATA = 0x10_0000n;

export const nop = (pc = TEXT): Instruction => ({ pc, length: 4 });

/** A store of 8 bytes. */
export const store = (address = DATA, pc = TEXT): Instruction => ({
  pc,
  length: 4,
  accesses: [{ kind: 'write', address, size: 8, value: 1n }],
});

/** A write watch of 8 bytes. */
export const writes = (bp_addr = DATA): HwBreakpointAttr => ({ bp_type: 2, bp_addr, bp_len: 8 });

/** A kernel, and what it has logged. */
export interface Rig extends Disposable {
  readonly kernel: Kernel;
  readonly log: RingLogger;
  readonly arch: Architecture;
  readonly machine: Kernel['machine'];
  readonly breakpoints: Breakpoints;
  /** A task that executes these instructions. */
  task(code: readonly Instruction[], options?: SpawnOptions): Task;
  /** Lets a task on a CPU store, and counts what a breakpoint sees of it. */
  hitsOf(breakpoint: Breakpoint, cpu: number, address?: bigint): number;
  /** Messages of a level. */
  said(level: string): readonly string[];
}

/** A strict kernel of two CPUs, unless it says otherwise. */
export function rigOf({ arch, scheduler }: Subject, options: Partial<KernelOptions> = {}): Rig {
  const log = new RingLogger();
  const made = arch();
  const kernel = composeKernel({
    arch: made,
    breakpointScheduler: scheduler(),
    cpus: 2,
    strict: true,
    logger: log,
    ...options,
  });
  const { machine, breakpoints } = kernel;
  const task: Rig['task'] = (code, given) => machine.spawn(program(code), given);
  return {
    kernel,
    log,
    arch: made,
    machine,
    breakpoints,
    task,
    hitsOf(breakpoint, cpu, address = breakpoint.address) {
      const before = breakpoint.hits;
      task([store(address)], { affinity: [cpu] });
      machine.run(1000);
      return breakpoint.hits - before;
    },
    said: (level) => log.entries.filter((entry) => entry.level === level).map(({ message }) => message),
    [Symbol.dispose]: () => kernel.dispose(),
  };
}

const describe = ({ owner, address, state, hits, task, cpu, attr }: Breakpoint) =>
  [owner, address, state, hits, task?.pid, cpu, attr.disabled === true] as const;

/** Everything about CPUs, registers and slots that coming and going could change. */
export function stateOf({ kernel, machine, breakpoints }: Rig): unknown {
  const drivers = kernel.get(DRIVERS);
  return {
    cpus: machine.cpus.map(({ index, online, unit }) => ({
      online,
      armed: unit.filter.ranges.map(({ address, length }) => [address, length]),
      occupants: breakpoints.occupants(index).map((one) => (one === undefined ? undefined : describe(one))),
      active: drivers[index]?.active,
      muted: drivers[index]?.muted,
    })),
    registered: breakpoints.registered.map(describe),
    claims: breakpoints.debugger.claims.map(({ breakpoint }) => describe(breakpoint)),
    tasks: [...machine.tasks.values()].map((one) => [one.pid, one.cpu, one.state, one.context.pc]),
    gates: machine.gates,
  };
}
