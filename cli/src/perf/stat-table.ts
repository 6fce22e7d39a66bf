import { grouped } from '../replay/text-table.js';
import type { EventCount } from './count.js';

/** Columns of perf: the count, right-aligned, and its unit. */
const COUNT_WIDTH = 18;
const UNIT_WIDTH = 5;
const NAME_WIDTH = 24;

function value({ outcome, clock, scaled }: EventCount): string {
  if (outcome !== 'counted') return `<${outcome}>`;
  return clock ? (scaled / 1e6).toFixed(2) : grouped(scaled);
}

/** How far the estimate is from the exact count. */
function deviation({ exact, scaled, outcome }: EventCount): string {
  if (exact === undefined) return '';
  const text = `  # exactly ${grouped(exact).padStart(9)}`;
  if (outcome !== 'counted' || exact === scaled) return text;
  if (exact === 0) return text;
  const percent = ((scaled - exact) / exact) * 100;
  return `${text}  ${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
}

/** One event as `perf stat` prints it: the percentage says how long it had a register, unless that was always. */
function line(count: EventCount, nameWidth: number): string {
  const { name, clock, outcome, enabled, running } = count;
  const share = outcome === 'counted' && running < enabled ? `  (${((running / enabled) * 100).toFixed(2)}%)` : '';
  const exact = deviation(count);
  const unit = (outcome === 'counted' && clock ? 'msec' : '').padEnd(UNIT_WIDTH);
  const shown = `${value(count).padStart(COUNT_WIDTH)} ${unit}${name.padEnd(nameWidth)}${share.padEnd(share === '' && exact === '' ? 0 : 11)}${exact}`;
  return `${shown.trimEnd()}\n`;
}

/** What `perf stat` prints, with the exact counts behind where they are known, and why events are not supported. */
export function statTable(what: string, counts: readonly EventCount[], nanoseconds: number): string {
  const nameWidth = Math.max(NAME_WIDTH, ...counts.map(({ name }) => name.length));
  const lines = counts.map((count) => line(count, nameWidth)).join('');
  const reasons = counts
    .filter(({ reason }) => reason !== undefined)
    .map(({ name, reason }) => `  ${name}: ${reason}\n`);
  const why = reasons.length === 0 ? '' : `\n${reasons.join('')}`;
  return `\n Performance counter stats for '${what}':\n\n${lines}${why}\n${(nanoseconds / 1e9).toFixed(9).padStart(COUNT_WIDTH)} seconds of the kernel's time elapsed\n`;
}
