import type { OpenedTrace } from '../replay/open-traces.js';
import { type EventCount, isEstimate } from './count.js';

/** One event as a line of JSON, with the keys of `perf stat -j` and our own `raw`, `error`, `exact`. */
export function statJson(count: EventCount): string {
  const { name, clock, outcome, raw, scaled, enabled, running, error, exact } = count;
  const counter = outcome === 'counted' ? (clock ? (scaled / 1e6).toFixed(6) : scaled.toFixed(6)) : `<${outcome}>`;
  const share = enabled > 0 ? Number(((running / enabled) * 100).toFixed(2)) : 0;
  const line = {
    'counter-value': counter,
    unit: clock ? 'msec' : '',
    event: name,
    'event-runtime': running,
    'pcnt-running': share,
    raw,
    ...(isEstimate(count) ? { error: error === undefined ? null : Number((error * 100).toFixed(2)) } : {}),
    ...(exact === undefined ? {} : { exact }),
  };
  return `${JSON.stringify(line)}\n`;
}

/**
 * What makes the counts doubtful, as one more line; nothing if there is nothing. `whole`: they were played to the end.
 */
export function doubtsJson(traces: readonly OpenedTrace[], whole: boolean): string {
  const doubts = traces.flatMap(({ evidence }) => evidence.doubts(whole).map(({ cause, fatal }) => ({ cause, fatal })));
  return doubts.length === 0 ? '' : `${JSON.stringify({ doubts })}\n`;
}
