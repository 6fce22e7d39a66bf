import type { Columns } from './packed.js';

/** What a picture shows: counts from the left edge to the right one, on so many pixels. */
export interface Extent {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** The first record of a lane, from `begin` on, with `column` at or above a value; the lane's end if there is none. */
function firstFrom(column: Float64Array, value: number, begin: number, end: number): number {
  let below = begin;
  let above = end;
  while (below < above) {
    const middle = (below + above) >>> 1;
    if ((column[middle] ?? 0) >= value) above = middle;
    else below = middle + 1;
  }
  return below;
}

/**
 * Calls `draw` for what of a lane can be seen, from left to right, with pixels: of the records that end in one pixel
 * the first alone, so that whatever is wider than a pixel is there. A lane of a million records costs what its pixels
 * cost. `grain`: pixels that are one here, for marks that are wider.
 */
export function eachVisible(
  { from, to, lanes }: Columns,
  lane: number,
  extent: Extent,
  draw: (record: number, left: number, right: number) => void,
  grain = 1,
): void {
  const scale = extent.width / (extent.to - extent.from);
  const end = lanes[lane + 1] ?? 0;
  // Those of a lane follow each other, so their ends are in order too.
  let record = firstFrom(to, extent.from, lanes[lane] ?? 0, end);
  while (record < end && (from[record] ?? 0) <= extent.to) {
    const left = ((from[record] ?? 0) - extent.from) * scale;
    const right = ((to[record] ?? 0) - extent.from) * scale;
    draw(record, left, right);
    const next = record + 1;
    const pixel = (Math.floor(Math.max(right, 0) / grain) + 1) * grain;
    const close = next < end && ((to[next] ?? 0) - extent.from) * scale < pixel;
    record = close ? firstFrom(to, extent.from + pixel / scale, next + 1, end) : next;
  }
}

/** The record of a lane that is at a count, or the nearest within `reach`; -1: none. */
export function recordAt({ from, to, lanes }: Columns, lane: number, count: number, reach: number): number {
  const end = lanes[lane + 1] ?? 0;
  const first = firstFrom(to, count - reach, lanes[lane] ?? 0, end);
  let best = -1;
  let distance = reach;
  for (let record = first; record < end && (from[record] ?? 0) <= count + reach; record++) {
    const far = Math.max((from[record] ?? 0) - count, count - (to[record] ?? 0), 0);
    if (far > distance || (best >= 0 && far === distance)) continue;
    best = record;
    distance = far;
    if (far === 0) break;
  }
  return best;
}
