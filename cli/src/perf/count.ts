import { PERF_COUNT_SW_CPU_CLOCK, PERF_COUNT_SW_TASK_CLOCK, PERF_TYPE_SOFTWARE, type PerfEventAttr } from '@hwbp/perf';
import { errorBar, type Turn } from './error-bar.js';
import type { OpenedEvent } from './open-events.js';
import { reasonOf } from './refused.js';

/** What an event counted, over all tasks. */
export interface EventCount {
  readonly name: string;
  /** Nanoseconds, for a clock. */
  readonly clock: boolean;
  /** `not supported`: the kernel refused it; `not counted`: it never had a register. */
  readonly outcome: 'counted' | 'not counted' | 'not supported';
  /** As counted. */
  readonly raw: number;
  /** Estimated for the whole time: `raw * enabled / running`. */
  readonly scaled: number;
  /** Nanoseconds. */
  readonly enabled: number;
  readonly running: number;
  /** How far off an estimate may well be; `undefined`: it is none, or nobody can say. See `errorBar`. */
  readonly error: number | undefined;
  /** Every hit, where asked for and where it can be known. */
  readonly exact: number | undefined;
  /** Why it is not supported, or was not counted. */
  readonly reason: string | undefined;
}

/** True for a count that is scaled to a time in which it did not count. */
export function isEstimate({ outcome, enabled, running }: EventCount): boolean {
  return outcome === 'counted' && running < enabled;
}

/** True if it counts nanoseconds. */
function isClock({ type, config }: PerfEventAttr): boolean {
  const number = Number(config ?? 0);
  return type === PERF_TYPE_SOFTWARE && (number === PERF_COUNT_SW_CPU_CLOCK || number === PERF_COUNT_SW_TASK_CLOCK);
}

function whyNot(grouped: boolean): string {
  return grouped
    ? 'a group goes on as a whole or not at all, and the registers for all of it were never free together'
    : 'it never had a register';
}

/**
 * Reads an event, and adds its tasks up. An event whose read is at its end (in error) was not counted. `turns`: of each
 * of its files, where they were noted.
 */
export function readCount(
  { event, files, refusal, grouped }: OpenedEvent,
  exact: number | undefined,
  turns: readonly Turn[],
): EventCount {
  const sum = { raw: 0, enabled: 0, running: 0 };
  for (const file of files) {
    const values = file.values();
    if (values === undefined || 'values' in values) continue;
    sum.raw += Number(values.value);
    sum.enabled += Number(values.time_enabled ?? 0n);
    sum.running += Number(values.time_running ?? 0n);
  }
  const outcome = refusal !== undefined ? 'not supported' : sum.running === 0 ? 'not counted' : 'counted';
  const scaled =
    sum.running < sum.enabled && sum.running > 0 ? Math.round((sum.raw * sum.enabled) / sum.running) : sum.raw;
  const reason = refusal === undefined ? (outcome === 'not counted' ? whyNot(grouped) : undefined) : reasonOf(refusal);
  const error = errorBar(turns, sum.enabled);
  return { name: event.name, clock: isClock(event.attr), outcome, ...sum, scaled, error, exact, reason };
}
