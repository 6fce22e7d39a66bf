import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  directScheduler,
  HW_BREAKPOINT_W,
  type Kernel,
  type Plugin,
  perfEvents,
  program,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import { isLinear } from './steps.js';

const FEW = 150;
const SPIN = program(new Array(100_000).fill({ pc: 0x40_0000n, length: 1, accesses: [] }));

const kernelOf = (scheduler?: Plugin): Kernel =>
  composeKernel({ arch: x86(), cpus: 2, ...(scheduler === undefined ? {} : { breakpointScheduler: scheduler }) });

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** A process of so many threads, its first one first. */
function threads({ machine }: Kernel, count: number): Task[] {
  const first = machine.spawn(SPIN);
  return [first, ...times(count - 1, () => machine.fork(first, SPIN, { thread: true }))];
}

/** What is done to how many, by name. What it is done to is there before anything is counted. */
const WORK: Readonly<Record<string, (kernel: Kernel, count: number) => () => void>> = {
  'tasks come and go': (kernel, count) => {
    const { machine } = kernel;
    return () => {
      for (const task of times(count, () => machine.spawn(SPIN))) machine.exit(task);
    };
  },
  'tasks that wait for a CPU end, the last one first': ({ machine }, count) => {
    const tasks = times(count, () => machine.spawn(SPIN));
    return () => {
      for (const task of tasks.reverse()) machine.exit(task);
    };
  },
  'tasks that wait for a CPU are stopped, and woken': ({ machine }, count) => {
    const tasks = times(count, () => machine.spawn(SPIN));
    return () => {
      for (const task of [...tasks].reverse()) machine.halt(task);
      for (const task of tasks) machine.wake(task);
    };
  },
  'children end, and nobody waits for them; then somebody does, for each': ({ machine }, count) => {
    const parent = machine.spawn(SPIN);
    return () => {
      const children = times(count, () => machine.fork(parent, SPIN));
      for (const child of children) machine.exit(child, { code: 3 });
      for (const { pid } of children.reverse()) machine.children.wait(parent, { pid });
    };
  },
  'children stop, and their parent waits for those that end': ({ machine }, count) => {
    const parent = machine.spawn(SPIN);
    const children = times(2 * count, () => machine.fork(parent, SPIN));
    return () => {
      for (const child of children) machine.sendSignal(child, { si_signo: 'SIGSTOP', si_code: 0 });
      machine.run(8 * count);
      for (const child of children.slice(0, count)) {
        machine.exit(child);
        machine.children.wait(parent);
      }
    };
  },
  'a parent asks for the child that it has had longest, which lives': ({ machine }, count) => {
    const parent = machine.spawn(SPIN);
    const children = times(count, () => machine.fork(parent, SPIN));
    return () => {
      for (const { pid } of children) machine.children.wait(parent, { pid });
    };
  },
  'a process of threads ends as a whole': (kernel, count) => {
    const [first] = threads(kernel, count);
    return () => kernel.machine.exitGroup(first as Task);
  },
  'threads end, those that have children first': (kernel, count) => {
    const all = threads(kernel, count);
    const [first] = all;
    times(count, () => kernel.machine.fork(first as Task, SPIN));
    return () => {
      for (const thread of all) kernel.machine.exit(thread);
    };
  },
  'a process of threads stops, and goes on': (kernel, count) => {
    const { machine } = kernel;
    const [first] = threads(kernel, count);
    return () => {
      machine.sendSignal(first as Task, { si_signo: 'SIGSTOP', si_code: 0 });
      machine.run(4 * count);
      machine.sendSignal(first as Task, { si_signo: 'SIGCONT', si_code: 0 });
    };
  },
  'a thread of a process executes another program: the others end': (kernel, count) => {
    const [first] = threads(kernel, count);
    return () => kernel.machine.exec(first as Task, SPIN);
  },
  'a parent with many children ends': ({ machine }, count) => {
    const parent = machine.spawn(SPIN);
    times(count, () => machine.fork(parent, SPIN));
    return () => machine.exit(parent);
  },
  'tasks take turns': ({ machine }, count) => {
    times(count, () => machine.spawn(SPIN));
    return () => {
      for (let turn = 0; turn < count; turn++) {
        machine.run(2);
        machine.schedule(0);
        machine.schedule(1);
      }
    };
  },
  'each task has a breakpoint, and ends': ({ machine, breakpoints }, count) => {
    const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x1000n, bp_len: 4 };
    return () => {
      const tasks = times(count, () => machine.spawn(SPIN));
      for (const task of tasks) breakpoints.registerUser(attr, () => {}, task);
      for (const task of tasks.reverse()) machine.exit(task);
    };
  },
};

for (const [name, work] of Object.entries(WORK)) {
  for (const [kind, scheduler] of [
    ['direct', directScheduler],
    ['events', perfEvents],
  ] as const) {
    test(`steps in proportion to how many there are: ${name} (${kind})`, (t) => {
      isLinear(t, FEW, (count) => work(kernelOf(scheduler()), count));
    });
  }
}
