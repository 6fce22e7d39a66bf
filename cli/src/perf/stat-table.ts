import { visible } from '@hwbp/conform/text';
import { grouped } from '../replay/counted.js';
import { type EventCount, isEstimate } from './count.js';

/** Columns of perf: the count, right-aligned, and its unit. */
const COUNT_WIDTH = 18;
const UNIT_WIDTH = 5;
const NAME_WIDTH = 24;
const SHARE_WIDTH = 20;

function value({ outcome, clock, scaled }: EventCount): string {
  if (outcome !== 'counted') return `<${outcome}>`;
  return clock ? (scaled / 1e6).toFixed(2) : grouped(scaled);
}

/** How far off an estimate may well be. Nobody can use a number that is larger than the estimate. */
function spread({ error }: EventCount): string {
  if (error === undefined) return '?';
  return error > 1 ? '>100%' : `${(error * 100).toFixed(1)}%`;
}

/** How long it had a register, unless that was always, and how far off the estimate may be. */
function share(count: EventCount): string {
  if (!isEstimate(count)) return '';
  const { enabled, running } = count;
  return `  (${((running / enabled) * 100).toFixed(2).padStart(5)}%) +- ${spread(count).padStart(6)}`;
}

/** Every hit, and how far the estimate is from that. */
function exactly({ exact, scaled, outcome }: EventCount): string {
  if (exact === undefined) return '';
  const text = `  # exactly ${grouped(exact).padStart(9)}`;
  if (outcome !== 'counted' || exact === scaled || exact === 0) return text;
  const percent = ((scaled - exact) / exact) * 100;
  return `${text} ${`${percent < 0 ? '' : '+'}${percent.toFixed(1)}%`.padStart(8)}`;
}

function line(count: EventCount, nameWidth: number): string {
  const { name, clock, outcome } = count;
  const unit = (outcome === 'counted' && clock ? 'msec' : '').padEnd(UNIT_WIDTH);
  const shown = `${value(count).padStart(COUNT_WIDTH)} ${unit}${visible(name).padEnd(nameWidth)}${share(count).padEnd(SHARE_WIDTH)}${exactly(count)}`;
  return `${shown.trimEnd()}\n`;
}

/**
 * What `perf stat` prints, with the exact counts behind where they are known, and why events are not supported or not
 * counted.
 */
export function statTable(what: string, counts: readonly EventCount[], nanoseconds: number): string {
  const nameWidth = Math.max(NAME_WIDTH, ...counts.map(({ name }) => visible(name).length));
  const lines = counts.map((count) => line(count, nameWidth)).join('');
  const reasons = counts
    .filter(({ reason }) => reason !== undefined)
    .map(({ name, reason }) => `  ${visible(`${name}: ${reason}`)}\n`);
  if (counts.some((count) => isEstimate(count) && count.error === undefined)) {
    reasons.push('  +- ?: too few turns on a register, or none with a hit, to say how far off the estimate may be\n');
  }
  const why = reasons.length === 0 ? '' : `\n${reasons.join('')}`;
  return `\n Performance counter stats for '${visible(what)}':\n\n${lines}${why}\n${(nanoseconds / 1e9).toFixed(9).padStart(COUNT_WIDTH)} seconds of the kernel's time elapsed\n`;
}
