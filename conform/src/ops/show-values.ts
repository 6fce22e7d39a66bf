import { PERF_FORMAT_TOTAL_TIME_ENABLED, PERF_FORMAT_TOTAL_TIME_RUNNING, type PerfFile } from '@hwbp/perf';
import type { Value } from '../format/script.js';
import type { OpenEvents } from '../player/open-events.js';
import type { Results } from '../player/results.js';

/**
 * What read(2) of an event gives, as transcripts have it: of times, only whether they are 0 and which is the longer.
 */
export function showValues(file: PerfFile, events: OpenEvents): Results {
  const values = file.values();
  if (values === undefined) return { ret: 0 };
  const { read_format = 0 } = file.attr;
  const { time_enabled: enabled = 0n, time_running: running = 0n } = values;
  const hasEnabled = (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED) !== 0;
  const hasRunning = (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING) !== 0;
  const result: Results = { ret: file.read().length };
  if (!('values' in values)) result.value = Number(values.value);
  if (hasEnabled) result.enabled = enabled > 0n ? '>0' : '0';
  if (hasRunning) result.running = running > 0n ? '>0' : '0';
  if (hasEnabled && hasRunning) result.times = `running${relation(running, enabled)}enabled`;
  if (!('values' in values)) return result;
  result.values = values.values.map(
    ({ value, id, lost }): Value => ({
      ...(id === undefined ? {} : { ev: events.nameOf('id', id) }),
      value: Number(value),
      ...(lost === undefined ? {} : { lost: Number(lost) }),
    }),
  );
  return result;
}

function relation(one: bigint, other: bigint): string {
  return one === other ? '=' : one < other ? '<' : '>';
}
