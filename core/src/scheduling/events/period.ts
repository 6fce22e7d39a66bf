import type { EventRecord } from './event-record.js';

/**
 * A period has run out, or begins: sets up the next one and returns how many have run out. The one that is running has
 * the length that was set when it began, so that a new length counts from the next overflow on.
 */
export function nextPeriod(event: EventRecord): number {
  const length = event.lastPeriod;
  event.lastPeriod = event.samplePeriod;
  if (event.left < 0) return 0;
  const periods = Math.floor((length + event.left) / length);
  event.left -= periods * length;
  return periods;
}

/** The share of an old period that a new one keeps, as a filter against jumps. */
const FILTER = 8;
const SECOND = 1_000_000_000;

/**
 * Moves the period of an event with a frequency towards what gives that many overflows a second, by what it has counted
 * since the last time; if that is longer ago than `most` nanoseconds, which says nothing of now, that is only noted.
 */
export function adaptPeriod(event: EventRecord, now: number, most: number): void {
  const elapsed = now - event.adaptedAt;
  if (elapsed <= 0) return;
  const count = event.count - event.adaptedCount;
  event.adaptedAt = now;
  event.adaptedCount = event.count;
  if (count <= 0 || elapsed >= most) return;
  const frequency = Number(event.attr.sample_period ?? 0);
  const ideal = Math.max(1, Math.round((count * SECOND) / (elapsed * frequency)));
  const step = Math.trunc((ideal - event.samplePeriod + FILTER - 1) / FILTER);
  event.samplePeriod = Math.max(1, event.samplePeriod + step);
}
