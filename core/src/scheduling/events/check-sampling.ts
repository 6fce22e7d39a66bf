import { coreError } from '../../errors/index.js';
import type { EventRecord } from './event-record.js';
import { periodNumber } from './period-number.js';

const PERIOD_LIMIT = 2 ** 63;

/** Whether an event can be enabled for a number of overflows: EINVAL if it does not overflow, or is inherited. */
export function checkRefresh(event: EventRecord, overflows: number): void {
  if (!Number.isInteger(overflows)) throw new TypeError(`a number of overflows is whole, got ${String(overflows)}`);
  if (event.attr.inherit !== true && event.sampling) return;
  const why = event.sampling ? 'children inherit it' : 'it has no period';
  throw coreError('EVENT_NO_REFRESH', `${event} cannot be enabled for a number of overflows: ${why}`);
}

/**
 * A new period (or frequency) as a number. EINVAL for an event without one, for 0, and beyond 63 bits or the sample
 * rate.
 */
export function checkPeriod(event: EventRecord, wanted: number | bigint, sampleRate: number): number {
  const period = periodNumber(wanted);
  if (!Number.isInteger(period)) throw new TypeError(`a period is a whole number, got ${String(wanted)}`);
  const most = event.attr.freq === true ? sampleRate : PERIOD_LIMIT;
  if (event.sampling && period > 0 && period <= most && period !== PERIOD_LIMIT) return period;
  const why = event.sampling ? `${wanted} is not between 1 and ${most}` : 'it was opened without one';
  throw coreError('EVENT_BAD_PERIOD', `${event} cannot be given this period: ${why}`, { period });
}
