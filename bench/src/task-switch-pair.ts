import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  defineTaskScheduler,
  NOTHING,
  type Plugin,
  program,
  roundRobin,
  type SchedulingClass,
  type SchedulingHost,
} from '@hwbp/core';
import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import { alternate } from './measure.js';
import { noBreakpoints } from './no-breakpoints.js';

/*
 * A context switch by one scheduling class, by turns with round robin, in a process of its own: a kernel has one class,
 * and what V8 knows of calls would be of all those that one process has seen. Arguments: the class, and how many tasks.
 */

/** Round robin as anybody would write it from the contract; `told` false: with nothing for what it need not hear. */
function stranger(told: boolean): Plugin {
  const create = (host: SchedulingHost): SchedulingClass => ({
    name: 'stranger',
    place: (task) => host.idlest(task),
    enqueue: told ? () => {} : NOTHING,
    dequeue: told ? () => {} : NOTHING,
    pick: (cpu, admits) => host.waiting(cpu).first(admits),
    tick: (cpu) => host.waiting(cpu).length > 0,
    preempts: () => false,
    halt() {},
    exit() {},
  });
  return defineTaskScheduler('stranger', create);
}

const CLASSES: Readonly<Record<string, () => Plugin>> = {
  'a round robin of somebody else': () => stranger(false),
  'the same, told of everything': () => stranger(true),
  'fixedPriority()': fixedPriority,
  'fair()': fair,
  'earliestDeadline()': earliestDeadline,
  'randomSchedule()': randomSchedule,
};
const SWITCHES = 1000;

/** Each of `tasks` gives the CPU to the next one. */
function switching(taskScheduler: Plugin, tasks: number): () => void {
  const { machine } = composeKernel({ arch: x86(), breakpointScheduler: noBreakpoints, taskScheduler });
  const idle = program([]);
  for (let i = 0; i < tasks; i++) machine.spawn(idle);
  return () => {
    for (let i = 0; i < SWITCHES; i++) machine.schedule(0);
  };
}

const [name = '', count = ''] = process.argv.slice(2);
const plugin = CLASSES[name];
if (plugin === undefined) process.stdout.write(JSON.stringify(Object.keys(CLASSES)));
else {
  const tasks = Number(count);
  const loops = { plugged: switching(plugin(), tasks), roundRobin: switching(roundRobin(), tasks) };
  process.stdout.write(JSON.stringify(alternate(SWITCHES, loops, 500)));
}
