import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nanoseconds, ratio } from './measure.js';
import type { Row } from './row.js';

const PAIR = fileURLToPath(new URL('task-switch-pair.js', import.meta.url));
const MANY = 10_000;

function inProcess<T>(...args: readonly string[]): T {
  return JSON.parse(execFileSync(process.execPath, [PAIR, ...args], { encoding: 'utf8' })) as T;
}

function rowsOf(name: string): readonly Row[] {
  return [2, MANY].map((tasks): Row => {
    const { plugged = [], roundRobin = [] } = inProcess<Readonly<Record<string, number[]>>>(name, String(tasks));
    const [own, base] = [nanoseconds(plugged), nanoseconds(roundRobin)].map(({ median }) => median.toFixed(0));
    return {
      what: tasks === MANY ? `${name}, ${MANY} tasks / round robin` : `task switch, ${name} / round robin`,
      figure: ratio(plugged, roundRobin),
      unit: 'x',
      bound: 'most',
      ...(tasks === MANY ? {} : { target: 1.2 }),
      note: `${own} ns, round robin ${base} ns`,
    };
  });
}

/** A switch between tasks that a scheduling class from outside of core decides, beside one by round robin. */
export function taskSwitch(): readonly Row[] {
  return inProcess<readonly string[]>().flatMap(rowsOf);
}
