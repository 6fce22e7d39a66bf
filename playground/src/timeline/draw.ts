import { ownerColour } from '@hwbp/history';
import type { PackedTimeline } from './packed.js';
import { type Extent, eachVisible } from './visible.js';

/** Pixels. */
const LANE = 16;
const RUNS = 12;
const GAP = 6;
export const NAMES = 92;
const AXIS = 20;

/** Colours of the page, which may be dark or light. */
export interface Paint {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly lane: string;
  readonly now: string;
}

/** A row of the picture: where it is, and what of the timeline it shows. */
export interface Row {
  readonly y: number;
  readonly height: number;
  readonly name: string;
  /** `undefined`: the tasks of that CPU. */
  readonly lane: number | undefined;
  readonly cpu: number;
}

/** The rows of a timeline, CPU by CPU. */
export function rowsOf({ cpus, registers }: Pick<PackedTimeline, 'cpus' | 'registers'>): readonly Row[] {
  const rows: Row[] = [];
  let y = AXIS;
  for (let cpu = 0; cpu < cpus; cpu++) {
    rows.push({ y, height: RUNS, name: `CPU ${cpu}`, lane: undefined, cpu });
    y += RUNS + 2;
    for (const [register, name] of registers.entries()) {
      rows.push({ y, height: LANE, name, lane: cpu * registers.length + register, cpu });
      y += LANE + 1;
    }
    y += GAP;
  }
  return rows;
}

/** Pixels that a timeline needs. */
export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last === undefined ? AXIS : last.y + last.height + GAP;
}

/** A round number of counts between two ticks of the axis. */
function tickOf(counts: number, width: number): number {
  const rough = (counts / width) * 90;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power * 10;
}

/**
 * Draws a timeline: registers as lanes, owners as colours, hits as marks. `extent.width` is that of the lanes; what is
 * drawn is in pixels of the page.
 */
export function draw(
  on: CanvasRenderingContext2D,
  timeline: PackedTimeline,
  rows: readonly Row[],
  extent: Extent,
  now: number,
  paint: Paint,
): void {
  const height = heightOf(rows);
  on.clearRect(0, 0, NAMES + extent.width, height);
  on.font = '11px system-ui, sans-serif';
  on.textBaseline = 'middle';
  const scale = extent.width / (extent.to - extent.from);
  const at = (count: number): number => NAMES + (count - extent.from) * scale;

  on.save();
  on.beginPath();
  on.rect(NAMES, 0, extent.width, height);
  on.clip();
  const tick = tickOf(extent.to - extent.from, extent.width);
  for (let count = Math.ceil(extent.from / tick) * tick; count <= extent.to; count += tick) {
    on.fillStyle = paint.line;
    on.fillRect(Math.round(at(count)), AXIS - 4, 1, height - AXIS);
    on.fillStyle = paint.dim;
    on.fillText(count.toLocaleString('en'), at(count) + 3, AXIS / 2);
  }
  for (const row of rows) {
    const { y, height: rowHeight, lane, cpu } = row;
    if (lane === undefined) {
      eachVisible(timeline.runs, cpu, extent, (record, left, right) => {
        const text = timeline.runs.text[record] ?? 0;
        const width = Math.max(right - left, 1);
        on.fillStyle = text % 2 === 0 ? paint.lane : paint.line;
        on.fillRect(NAMES + left, y, width, rowHeight);
        if (width < 40) return;
        on.fillStyle = paint.text;
        on.save();
        on.beginPath();
        on.rect(NAMES + Math.max(left, 0), y, Math.min(right, extent.width) - Math.max(left, 0), rowHeight);
        on.clip();
        on.fillText(timeline.texts[text] ?? '', NAMES + Math.max(left, 0) + 3, y + rowHeight / 2);
        on.restore();
      });
      continue;
    }
    on.fillStyle = paint.lane;
    on.fillRect(NAMES, y, extent.width, rowHeight);
    eachVisible(timeline.stays, lane, extent, (record, left, right) => {
      on.fillStyle = ownerColour(timeline.stays.owner[record] ?? 0);
      on.fillRect(NAMES + left, y, Math.max(right - left, 1), rowHeight);
    });
    on.fillStyle = paint.text;
    eachVisible(timeline.marks, lane, extent, (_, left) => {
      on.beginPath();
      on.moveTo(NAMES + left, y + 3);
      on.lineTo(NAMES + left + 3, y + rowHeight - 2);
      on.lineTo(NAMES + left - 3, y + rowHeight - 2);
      on.fill();
    });
  }
  on.fillStyle = paint.now;
  on.fillRect(Math.round(at(now)), 0, 2, height);
  on.restore();

  for (const { y, height: rowHeight, name, lane } of rows) {
    on.fillStyle = lane === undefined ? paint.text : paint.dim;
    on.fillText(name, lane === undefined ? 2 : 12, y + rowHeight / 2, NAMES - 14);
  }
}
