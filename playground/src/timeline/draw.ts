import { EVENT_MARKS, ownerColour, ownerInk, VEIL } from '@hwbp/history';
import { MARKED, type PackedTimeline } from './packed.js';
import { AXIS, HITS, heightOf, NAMES, type Row } from './rows.js';
import { type Extent, eachVisible } from './visible.js';

/** Narrower bars have no label. */
const LABELLED = 40;
/** Half of the width of a hit's triangle. */
const HALF = 3.5;

/** Colours of the page, which may be dark or light. */
export interface Paint {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly lane: string;
  readonly now: string;
}

/** A round number of counts between two ticks of the axis. */
function tickOf(counts: number, width: number): number {
  const rough = (counts / width) * 90;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power * 10;
}

/** A frame: what is drawn has at most a few shapes for each pixel of its width, however many records there are. */
class Frame {
  readonly #on: CanvasRenderingContext2D;
  readonly #timeline: PackedTimeline;
  readonly #extent: Extent;
  readonly #paint: Paint;

  constructor(on: CanvasRenderingContext2D, timeline: PackedTimeline, extent: Extent, paint: Paint) {
    this.#on = on;
    this.#timeline = timeline;
    this.#extent = extent;
    this.#paint = paint;
  }

  /** Pixels of a count. */
  at(count: number): number {
    const { from, to, width } = this.#extent;
    return NAMES + ((count - from) / (to - from)) * width;
  }

  axis(height: number): void {
    const { from, to, width } = this.#extent;
    const tick = tickOf(to - from, width);
    for (let count = Math.ceil(from / tick) * tick; count <= to; count += tick) {
      this.#on.fillStyle = this.#paint.line;
      this.#on.fillRect(Math.round(this.at(count)), AXIS - 4, 1, height - AXIS);
      this.#on.fillStyle = this.#paint.dim;
      this.#on.fillText(count.toLocaleString('en'), this.at(count) + 3, AXIS / 2);
    }
  }

  row(row: Row): void {
    if (row.kind === 'runs') this.#runs(row);
    else if (row.kind === 'events') this.#events(row);
    else if (row.kind === 'register') this.#register(row);
  }

  now(count: number, height: number): void {
    this.#on.fillStyle = this.#paint.now;
    this.#on.fillRect(Math.round(this.at(count)) - 1, 0, 2, height);
  }

  #runs({ y, height, lane }: Row): void {
    const { runs, texts } = this.#timeline;
    const { line, lane: quiet, text: ink } = this.#paint;
    eachVisible(runs, lane, this.#extent, (record, left, right) => {
      const text = runs.text[record] ?? 0;
      this.#bar(left, right, y, height, text % 2 === 0 ? quiet : line, ink, texts[text]);
    });
  }

  #events({ y, height, lane }: Row): void {
    const { events } = this.#timeline;
    this.#ground(y, height);
    eachVisible(events, lane, this.#extent, (record, left) => {
      const kind = MARKED[events.colour[record] ?? 0];
      this.#on.fillStyle = kind === undefined ? this.#paint.text : EVENT_MARKS[kind].colour;
      this.#on.fillRect(NAMES + left - 1, y, 3, height);
    });
  }

  #register({ y, height, lane, cpuLane }: Row): void {
    const { stays, hits, away, texts } = this.#timeline;
    this.#ground(y, height);
    eachVisible(stays, lane, this.#extent, (record, left, right) => {
      const colour = stays.colour[record] ?? 0;
      const text = texts[stays.label[record] ?? 0];
      this.#bar(left, right, y + HITS, height - HITS, ownerColour(colour), ownerInk(colour), text);
    });
    this.#on.fillStyle = this.#paint.lane;
    this.#on.globalAlpha = VEIL;
    eachVisible(away, cpuLane, this.#extent, (_, left, right) => {
      this.#on.fillRect(NAMES + left, y + HITS, right - left, height - HITS);
    });
    this.#on.globalAlpha = 1;
    this.#on.fillStyle = this.#paint.text;
    this.#on.beginPath();
    let before = Number.NEGATIVE_INFINITY;
    const mark = (_: number, left: number): void => {
      const dense = left - before < 2 * HALF;
      before = left;
      // Where they run into each other nobody sees a triangle, and a rectangle is drawn many times as fast.
      if (dense) {
        this.#on.fillRect(NAMES + left - 1, y + 0.5, 2, HITS - 1);
        return;
      }
      this.#on.moveTo(NAMES + left, y + HITS + 1);
      this.#on.lineTo(NAMES + left + HALF, y + 0.5);
      this.#on.lineTo(NAMES + left - HALF, y + 0.5);
    };
    eachVisible(hits, lane, this.#extent, mark, HALF - 1);
    this.#on.fill();
  }

  #ground(y: number, height: number): void {
    this.#on.fillStyle = this.#paint.lane;
    this.#on.fillRect(NAMES, y, this.#extent.width, height);
  }

  #bar(
    left: number,
    right: number,
    y: number,
    height: number,
    colour: string,
    ink: string,
    label: string | undefined,
  ): void {
    const on = this.#on;
    const begin = Math.max(left, 0);
    const width = Math.min(right, this.#extent.width) - begin;
    on.fillStyle = colour;
    // A hair of the ground between two bars, where there is room for it.
    on.fillRect(NAMES + begin, y, Math.max(width - (width > 4 ? 0.5 : 0), 1), height);
    if (width < LABELLED || label === undefined) return;
    on.save();
    on.beginPath();
    on.rect(NAMES + begin, y, width - 3, height);
    on.clip();
    on.fillStyle = ink;
    on.fillText(label, NAMES + begin + 4, y + height / 2 + 0.5);
    on.restore();
  }
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
  const frame = new Frame(on, timeline, extent, paint);
  on.save();
  on.beginPath();
  on.rect(NAMES, 0, extent.width, height);
  on.clip();
  frame.axis(height);
  for (const row of rows) frame.row(row);
  frame.now(now, height);
  on.restore();
  for (const { kind, y, height: rowHeight, name } of rows) {
    const strong = kind === 'runs' || kind === 'heading';
    on.fillStyle = strong ? paint.text : paint.dim;
    on.font = `${strong ? 'bold ' : ''}11px system-ui, sans-serif`;
    const middle = kind === 'register' ? y + HITS + (rowHeight - HITS) / 2 : y + rowHeight / 2;
    on.fillText(name, strong ? 2 : 12, middle + 0.5, kind === 'heading' ? undefined : NAMES - 14);
  }
}
