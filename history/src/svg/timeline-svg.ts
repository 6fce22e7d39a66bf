import { briefly } from '../briefly.js';
import { type Colouring, colouringOf } from '../colouring.js';
import type { HistoryData, HistoryEvent, Interval } from '../data.js';
import { EVENT_MARKS } from '../event-marks.js';
import { happened } from '../happened.js';
import { machinesOf } from '../machines.js';
import { ownerColour, ownerInk, VEIL } from '../palette.js';
import { SET_ASIDE, setAsideOf } from '../set-aside.js';
import type { TaskRun } from '../task-runs.js';
import { type Drawn, drawnOf, type Mark, marksOf, type Piece, type Scale, scaleOf } from './columns.js';
import { Grouped } from './grouped.js';
import { ticksOf } from './ticks.js';
import { veilOf } from './veil.js';
import { element, escapeXml, shortened } from './xml.js';

/** How a timeline is drawn. */
export interface TimelineOptions {
  /** Pixels from edge to edge, 400 to 8192. Default 1000. */
  readonly width?: number;
  /** What is written above it. Default: nothing. */
  readonly title?: string;
  /** What part is drawn, in counts. Default: all that the history covers. */
  readonly from?: number;
  readonly to?: number;
}

const WIDTH = { least: 400, usual: 1000, most: 8192 };
const LEFT = 124;
const RIGHT = 16;
const LANE = 18;
const BAR = 14;
const GAP = 10;
const LINE = 16;
/** Characters need so many pixels each: on average, and those of a legend, which must not run into each other. */
const CHARACTER = 6;
const WIDEST = 7;
/** Characters that a label, and what is shown when it is pointed at, may have. */
const MOST_LABEL = 120;
const MOST_TITLE = 300;
/** Owners in the legend. */
const MOST_LEGEND = 24;
const TASK = '#d9d9d9';
const INK = '#222222';
const GROUND = '#f7f7f7';

/**
 * A history as a picture of its own: registers as lanes by CPU, owners as colours with a legend, hits as marks. Plain
 * SVG without script, style sheet or anything from outside. What has no pixel of its own is merged, so its size depends
 * on the registers and the width and not on how much happened.
 */
export function timelineSvg(data: HistoryData, options: TimelineOptions = {}): string {
  const width = Math.round(Math.min(Math.max(options.width ?? WIDTH.usual, WIDTH.least), WIDTH.most));
  const { from = data.from, to = data.to } = options;
  const scale = scaleOf(from, to, width - LEFT - RIGHT);
  const view = { from, to: Math.max(to, from + 1), scale, colouring: colouringOf(data) };
  const content: string[] = [];
  let y = GAP;
  if (options.title !== undefined) {
    y += LINE;
    content.push(text(GAP, y, shortened(options.title, MOST_LABEL), { 'font-weight': 'bold' }));
    y += GAP;
  }
  for (const [machine, { name, data: one }] of machinesOf(data).entries()) {
    if (name !== undefined) {
      content.push(text(GAP, y + 12, shortened(name, MOST_LABEL), { 'font-weight': 'bold' }));
      y += LANE;
    }
    const grouped = new Grouped(one, view.from, view.to);
    const away = setAsideOf({ name, data: one });
    for (let cpu = 0; cpu < one.cpus; cpu++) {
      const veil = veilOf(
        away.filter((span) => span.cpu === cpu),
        scale,
        BAR,
        GROUND,
      );
      content.push(text(GAP, y + 12, `CPU ${cpu}`, { 'font-weight': 'bold' }));
      for (const lane of lanesOf(cpu, one, grouped, { ...view, machine, veil })) {
        content.push(
          text(LEFT - 8, y + 12, shortened(lane.name, 14), { 'text-anchor': 'end' }),
          element('rect', { x: LEFT, y, width: scale.width, height: BAR, fill: GROUND }),
          element('g', { transform: `translate(${LEFT} ${y})` }, lane.content || '<!-- nothing -->'),
        );
        y += LANE;
      }
      y += GAP;
    }
  }
  content.push(axis(view, y));
  y += 2 * LINE + GAP;
  const [legend, height] = legendOf(data, view, y, width);
  content.push(legend);
  return picture(width, height, content.join('\n'));
}

interface View {
  readonly from: number;
  readonly to: number;
  readonly scale: Scale;
  readonly colouring: Colouring;
}

/** What is seen of one machine, by its place in `machinesOf`. */
interface MachineView extends View {
  readonly machine: number;
}

interface Lane {
  readonly name: string;
  /** From its own upper left corner. */
  readonly content: string;
}

function picture(width: number, height: number, content: string): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    'font-family': 'sans-serif',
    'font-size': 11,
    role: 'img',
  };
  const background = element('rect', { width, height, fill: '#ffffff' });
  const name = element('title', {}, 'Who held which debug register');
  return `${element('svg', attributes, `\n${name}\n${background}\n${content}\n`)}\n`;
}

function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, fill: INK, ...attributes }, escapeXml(content) || ' ');
}

function hover(label: string): string {
  return element('title', {}, escapeXml(shortened(label, MOST_TITLE)));
}

const rounded = (pixels: number): number => Math.round(pixels * 100) / 100;

/** `veil`: over what is in registers. */
function lanesOf(
  cpu: number,
  data: HistoryData,
  grouped: Grouped,
  view: MachineView & { readonly veil: string },
): readonly Lane[] {
  const { scale, veil } = view;
  const marked = data.events.some(({ kind }) => Object.hasOwn(EVENT_MARKS, kind));
  return [
    // What happened beside hits has a lane where there is any.
    ...(marked ? [{ name: 'events', content: marksOn(cpu, data, grouped, scale) }] : []),
    { name: 'task', content: bars(taskPieces(grouped.runs(cpu)), scale, () => [TASK, INK]) },
    ...data.registers.map((name, register) => {
      const held = bars(stays(grouped.stays(cpu, register), data, view), scale, (key) => [
        ownerColour(key),
        ownerInk(key),
      ]);
      return { name, content: `${held}${held === '' ? '' : veil}${hits(grouped.hits(cpu, register), data, scale)}` };
    }),
  ];
}

function taskPieces(runs: readonly TaskRun[]): readonly Piece[] {
  return runs.map(({ task, from, to }) => ({
    key: 0,
    label: () => `${task}, ${from} to ${to}`,
    name: () => task,
    from,
    to,
  }));
}

function stays(intervals: readonly Interval[], data: HistoryData, view: MachineView): readonly Piece[] {
  const { colouring, machine } = view;
  return intervals.map((interval) => {
    const { owner, what, from, to = data.to } = interval;
    const key = colouring.keyOf(interval, machine);
    const name = (): string => `${data.owners[owner]} ${briefly(what)}`;
    return { key, label: () => stayLabel(interval, data), name, from, to };
  });
}

function stayLabel({ owner, what, task, from, to, end, by }: Interval, { owners }: HistoryData): string {
  const whose = task === undefined ? '' : ` for ${task}`;
  const until = to === undefined ? `from ${from} on` : `${from} to ${to}, ${end}${by === undefined ? '' : ` by ${by}`}`;
  return `${owners[owner]}: ${what}${whose}, ${until}`;
}

/** `paint`: colour, and what can be read on it. */
function bars(pieces: readonly Piece[], scale: Scale, paint: (key: number) => readonly [string, string]): string {
  return drawnOf(pieces, scale)
    .map((drawn) => bar(drawn, ...paint(drawn.key)))
    .join('');
}

/** With its name in it, as far as there is room; the rest is said of it when it is pointed at. */
function bar({ x, width, label, name, pieces }: Drawn, colour: string, ink: string): string {
  const fits = Math.floor((width - 4) / CHARACTER);
  const shape = { x: rounded(x), y: 0, width: rounded(width), height: BAR, fill: colour };
  const edge = pieces === 1 && width > 3 ? { stroke: '#ffffff', 'stroke-width': 0.5 } : {};
  const inside = fits < 4 ? '' : text(rounded(x) + 3, 11, shortened(name, Math.min(fits, MOST_LABEL)), { fill: ink });
  return element('g', {}, `${hover(label)}${element('rect', { ...shape, ...edge })}${inside}`);
}

function* marks(events: readonly HistoryEvent[], data: HistoryData): Generator<Mark> {
  for (const event of events) yield { count: event.count, label: () => `${event.count}: ${happened(event, data)}` };
}

function hits(events: readonly HistoryEvent[], data: HistoryData, scale: Scale): string {
  return marksOf(marks(events, data), scale)
    .map(({ x, label }) => element('g', {}, `${hover(label)}${element('path', { d: `M${x} 0l3 -4h-6z`, fill: INK })}`))
    .join('');
}

/** In two rows, so that what happens at one moment is seen. */
function marksOn(cpu: number, data: HistoryData, grouped: Grouped, scale: Scale): string {
  const shape = { width: 2, height: BAR / 2 };
  return Object.entries(EVENT_MARKS)
    .map(([kind, { colour: fill }], row) => {
      const y = row % 2 === 0 ? 0 : BAR / 2;
      return marksOf(marks(grouped.happened(cpu, kind), data), scale)
        .map(({ x, label }) => element('g', {}, `${hover(label)}${element('rect', { x, y, ...shape, fill })}`))
        .join('');
    })
    .join('');
}

function axis({ from, to, scale }: View, y: number): string {
  const ticks = ticksOf(from, to, Math.max(2, Math.floor(scale.width / 120)));
  const line = element('path', { d: `M${LEFT} ${y}h${scale.width}`, stroke: INK, fill: 'none' });
  const words = ticks.map((count) => {
    const x = rounded(LEFT + scale.at(count));
    const mark = element('path', { d: `M${x} ${y}v4`, stroke: INK, fill: 'none' });
    return `${mark}${text(x, y + LINE, count.toLocaleString('en-US'), { 'text-anchor': 'middle' })}`;
  });
  return `${line}${words.join('')}${text(LEFT, y + 2 * LINE, 'instructions, over all CPUs')}`;
}

/** Owners, and marks that occur; what was lost. Returns the height of the picture, too. */
function legendOf(
  data: HistoryData,
  { colouring }: View,
  top: number,
  width: number,
): readonly [content: string, height: number] {
  const all = machinesOf(data);
  const machines = all.map((one) => one.data);
  const kinds = new Set(machines.flatMap(({ events }) => events.map(({ kind }) => kind)));
  const owners = colouring.names.map((name, key): readonly [string, string] => [ownerColour(key), name]);
  const shown = owners.slice(0, MOST_LEGEND);
  if (owners.length > MOST_LEGEND) shown.push(['#ffffff', `and ${owners.length - MOST_LEGEND} more`]);
  const marked = Object.entries(EVENT_MARKS).filter(([kind]) => kinds.has(kind as HistoryEvent['kind']));
  const box = (x: number, y: number, fill: string): string => element('rect', { x, y, width: 10, height: 10, fill });
  const pale = (x: number, y: number, fill: string): string =>
    box(x, y, fill) + element('rect', { x, y, width: 10, height: 10, fill: GROUND, 'fill-opacity': VEIL });
  const triangle = (x: number, y: number, fill: string): string =>
    element('path', { d: `M${x + 5} ${y + 9}l4 -7h-8z`, fill });
  const tick = (x: number, y: number, fill: string): string =>
    element('rect', { x: x + 4, y, width: 3, height: 10, fill });
  const entries = [
    ...shown.map(([colour, words]) => [box, colour, words] as const),
    ...(all.some((one) => setAsideOf(one).length > 0) ? [[pale, ownerColour(0), SET_ASIDE] as const] : []),
    ...(kinds.has('hit') ? [[triangle, INK, 'hit'] as const] : []),
    ...marked.map(([, { colour, words }]) => [tick, colour, words] as const),
  ];
  const content: string[] = [];
  let [x, y] = [LEFT, top];
  for (const [shape, colour, words] of entries) {
    const label = shortened(words, 40);
    const needed = 30 + label.length * WIDEST;
    if (x > LEFT && x + needed > width - RIGHT) [x, y] = [LEFT, y + LINE];
    content.push(shape(x, y, colour), text(x + 14, y + 9, label));
    x += needed;
  }
  y += LINE;
  const intervals = machines.reduce((sum, { lost }) => sum + lost.intervals, 0);
  const events = machines.reduce((sum, { lost }) => sum + lost.events, 0);
  if (intervals > 0 || events > 0) {
    const words = `older records were dropped: ${intervals.toLocaleString('en-US')} stays, ${events.toLocaleString('en-US')} events`;
    content.push(text(LEFT, y + 10, words));
    y += LINE;
  }
  return [content.join(''), y + GAP];
}
