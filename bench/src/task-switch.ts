import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Plugin, program, roundRobin, type SchedulingParameters } from '@hwbp/core';
import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import { alternate, ratio } from './measure.js';
import { noBreakpoints } from './no-breakpoints.js';
import type { Row } from './row.js';

const SWITCHES = 1000;
const MANY = 10_000;

/** Each of `tasks` gives the CPU to the next one. */
function switching(taskScheduler: Plugin, tasks: number, scheduling: SchedulingParameters = {}): () => void {
  const { machine } = composeKernel({ arch: x86(), breakpointScheduler: noBreakpoints, taskScheduler });
  const idle = program([]);
  for (let i = 0; i < tasks; i++) machine.spawn(idle, { scheduling });
  return () => {
    for (let i = 0; i < SWITCHES; i++) machine.schedule(0);
  };
}

/** A switch between tasks that a scheduling class from outside of core decides, beside one by round robin. */
export function taskSwitch(): readonly Row[] {
  const classes = {
    fixedPriority: fixedPriority(),
    fair: fair(),
    earliestDeadline: earliestDeadline(),
    randomSchedule: randomSchedule(),
  };
  const loops = Object.entries(classes).flatMap(([name, plugin]): [string, () => void][] => [
    [name, switching(plugin, 2)],
    [`${name}, many`, switching(plugin, MANY)],
  ]);
  const times: Readonly<Record<string, readonly number[]>> = alternate<string>(
    SWITCHES,
    {
      ...Object.fromEntries(loops),
      roundRobin: switching(roundRobin(), 2),
      'roundRobin, many': switching(roundRobin(), MANY),
    },
    300,
  );
  const rows = Object.keys(classes).flatMap((name): Row[] => [
    {
      what: `task switch, ${name}() / round robin`,
      figure: ratio(times[name] ?? [], times.roundRobin ?? []),
      unit: 'x',
      bound: 'most',
      target: 1.2,
    },
    {
      what: `the same with 10,000 tasks / round robin with as many`,
      figure: ratio(times[`${name}, many`] ?? [], times['roundRobin, many'] ?? []),
      unit: 'x',
      bound: 'most',
    },
  ]);
  return rows;
}
