import { perfError } from '../errors.js';
import { PERF_FORMAT_MAX, PERF_SAMPLE_MAX } from './formats.js';
import type { PerfEventAttr } from './perf-event-attr.js';

/**
 * Refuses bits of `sample_type` and `read_format` that have no meaning: EINVAL, before any other check
 * (kernel/events/core.c).
 */
export function checkAttrBits(attr: Pick<PerfEventAttr, 'sample_type' | 'read_format'>): void {
  const { sample_type = 0, read_format = 0 } = attr;
  for (const [name, value, limit] of [
    ['sample_type', sample_type, PERF_SAMPLE_MAX],
    ['read_format', read_format, PERF_FORMAT_MAX],
  ] as const) {
    if (Number.isInteger(value) && value >= 0 && value < limit) continue;
    throw perfError(
      'PERF_ATTR_RESERVED',
      `${name} is a set of bits below 0x${limit.toString(16)}, got ${Number.isInteger(value) && value >= 0 ? `0x${value.toString(16)}` : String(value)}`,
      { field: name, value },
    );
  }
}
