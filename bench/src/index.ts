import Table from 'cli-table3';
import { accessPath } from './access-path.js';
import { composition } from './composition.js';
import { guests } from './guests.js';
import { historyCosts } from './history.js';
import { hits } from './hits.js';
import { interrupts } from './interrupts.js';
import { contextSwitch, eventCosts, registration } from './kernel-costs.js';
import { traceReplay } from './replay.js';
import { type Missing, meets, type Row } from './row.js';
import { pinnedRoundTrips } from './rsp/pinned.js';
import { startUp } from './start-up.js';
import { taskSwitch } from './task-switch.js';
import { watchUntilHit } from './watch-until-hit.js';

/*
 * Figures beside their targets. Ratios come from loops that are run in turn in this process; every figure is a median,
 * with the smallest and the largest sample in brackets, which say how noisy the machine was.
 */
const started = performance.now();
const groups: readonly (() => readonly (Row | Missing)[] | Promise<readonly (Row | Missing)[]>)[] = [
  accessPath,
  watchUntilHit,
  registration,
  contextSwitch,
  taskSwitch,
  hits,
  historyCosts,
  interrupts,
  eventCosts,
  guests,
  composition,
  traceReplay,
  startUp,
  pinnedRoundTrips,
];
const digits = { x: 2, U: 0, ns: 0, us: 1, KiB: 1, 'M/s': 0 } as const;
const table = new Table({ head: ['what', 'figure', 'samples', 'target', ''], style: { head: [], border: [] } });
const notes: string[] = [];
let missed = 0;
for (const group of groups) {
  for (const row of await group()) {
    if ('missing' in row) {
      table.push([row.what, '-', '', '', `skipped: ${row.missing}`]);
      continue;
    }
    const { what, figure, unit, bound, target, note } = row;
    const show = (value: number): string => value.toFixed(row.digits ?? digits[unit]);
    const met = meets(row);
    if (!met) missed++;
    if (note !== undefined) notes.push(`${what}: ${note}`);
    const limit = target === undefined ? '' : `${bound === 'most' ? '<=' : '>='} ${target} ${unit}`;
    table.push([
      what,
      `${show(figure.median)} ${unit}`,
      `${show(figure.min)}..${show(figure.max)}`,
      limit,
      target === undefined ? '' : met ? 'met' : 'MISSED',
    ]);
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
process.stdout.write(
  `${table.toString()}\n${notes.join('\n')}\n${missed} target(s) missed, ${seconds} s, Node ${process.version}\n`,
);
