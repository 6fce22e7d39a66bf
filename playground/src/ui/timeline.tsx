import { SET_ASIDE } from '@hwbp/history';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Camera, followed, moved, whole, zoomed } from '../timeline/camera.js';
import { draw, type Paint } from '../timeline/draw.js';
import type { PackedTimeline } from '../timeline/packed.js';
import { heightOf, NAMES, type Row, rowsOf } from '../timeline/rows.js';
import { recordAt } from '../timeline/visible.js';
import { Pointers } from './pointers.js';
import type { Store } from './store.js';
import { TimelineLegend } from './timeline-legend.js';

interface TimelineProps {
  readonly timeline: PackedTimeline;
  /** Where the simulation stands. */
  readonly count: number;
  readonly go: (count: number) => void;
  /** Its link has the part that is shown. */
  readonly store: Pick<Store, 'part'>;
}

/** Pixels beside a mark that still mean it. */
const REACH = 4;
/** Lanes that are spoken: a reader has no more patience. */
const SPOKEN = 64;

const HINT =
  'Point at something to see what it is, click to go to that count. Drag to move; Ctrl and the wheel, two fingers, or + and - zoom.';

function paintOf(element: Element): Paint {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: colour('--text'),
    dim: colour('--dim'),
    line: colour('--line'),
    lane: colour('--lane'),
    now: colour('--accent'),
  };
}

const number = (count: number | undefined): string => (count ?? 0).toLocaleString('en');

/** What is at a place of a row: of the marks the nearest, else who is there. `undefined`: a row of nothing. */
function describe(timeline: PackedTimeline, row: Row, count: number, reach: number): string | undefined {
  const { texts, hits, stays, runs, events, away } = timeline;
  const { kind, lane, cpuLane, cpu, name } = row;
  if (kind === 'heading') return undefined;
  if (kind === 'runs') {
    const run = recordAt(runs, lane, count, 0);
    return run < 0
      ? `${cpu}: idle`
      : `${cpu}: ${texts[runs.text[run] ?? 0]}, from ${number(runs.from[run])} to ${number(runs.to[run])}`;
  }
  const marks = kind === 'events' ? events : hits;
  const mark = recordAt(marks, lane, count, reach);
  const where = kind === 'events' ? cpu : `${cpu} ${name}`;
  if (mark >= 0) return `${where}: at ${number(marks.from[mark])}: ${texts[marks.text[mark] ?? 0]}`;
  if (kind === 'events') return `${where}: nothing happened here`;
  // What happened at a count has happened there; the last count has nothing behind it.
  const within = Math.min(Math.floor(count), timeline.to - 1) + 0.5;
  const aside = recordAt(away, cpuLane, within, 0) < 0 ? '' : `, ${SET_ASIDE}`;
  const stay = recordAt(stays, lane, count, 0);
  if (stay < 0) return `${where}: free${aside}`;
  const span = `from ${number(stays.from[stay])} to ${number(stays.to[stay])}`;
  return `${where}: ${texts[stays.text[stay] ?? 0]}, ${span}${aside}`;
}

/** Who held which register when: registers as lanes, owners as colours, hits as marks; guests below their host. */
export function Timeline({ timeline, count, go, store }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { from, to } = timeline;
  const all = useMemo(() => ({ from, to }), [from, to]);
  const before = useRef(all);
  const [camera, setCamera] = useState<Camera>(whole(all));
  const [width, setWidth] = useState(600);
  const [cursor, setCursor] = useState(count);
  const [hint, setHint] = useState('');
  const [theme, setTheme] = useState(0);
  const pointers = useMemo(() => new Pointers(), []);
  const rows = useMemo(() => rowsOf(timeline), [timeline]);
  const height = heightOf(rows);

  useEffect(() => {
    const known = before.current;
    before.current = all;
    setCamera((shown) => followed(shown, known, all, count));
    setCursor(count);
  }, [all, count]);
  // What a link says is shown as soon as there is so much.
  const wanted = useRef(store.part);
  useEffect(() => {
    const show = wanted.current;
    if (show === undefined || all.to <= show.from) return;
    wanted.current = undefined;
    setCamera(moved(show, all, 0));
  }, [all]);
  useEffect(() => {
    if (wanted.current !== undefined) return;
    const { from: first, to: last } = whole(all);
    const everything = camera.from <= first && camera.to >= last;
    store.part = everything ? undefined : { from: Math.floor(camera.from), to: Math.ceil(camera.to) };
  }, [camera, all, store]);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(100, element.clientWidth - NAMES)));
    observer.observe(element);
    const themes = new MutationObserver(() => setTheme((n) => n + 1));
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => setTheme((n) => n + 1);
    system.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      themes.disconnect();
      system.removeEventListener('change', redraw);
    };
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const on = element?.getContext('2d');
    if (element === null || on === null || on === undefined) return;
    const frame = requestAnimationFrame(() => {
      const density = devicePixelRatio;
      const [wide, high] = [Math.round((NAMES + width) * density), Math.round(height * density)];
      // To set a size is to make the canvas anew, even if it has that size.
      if (element.width !== wide) element.width = wide;
      if (element.height !== high) element.height = high;
      on.setTransform(density, 0, 0, density, 0, 0);
      draw(on, timeline, rows, { ...camera, width }, cursor, paintOf(element));
    });
    return () => cancelAnimationFrame(frame);
  }, [timeline, rows, camera, width, height, cursor, theme]);

  const perPixel = (camera.to - camera.from) / width;
  const countAt = (x: number): number => camera.from + (x - NAMES) * perPixel;
  // Several events may come between two frames: each goes on from where the one before has left it.
  const zoom = (factor: number, around = cursor): void =>
    setCamera((shown) => zoomed(shown, all, factor, Math.min(Math.max(around, shown.from), shown.to)));
  const pan = (pixels: number): void =>
    setCamera((shown) => moved(shown, all, (pixels * (shown.to - shown.from)) / width));

  const onPointerMove = (event: PointerEvent): void => {
    if (pointers.held) {
      const gesture = pointers.move(event);
      if (gesture === undefined) return;
      if (gesture.factor !== 1) zoom(gesture.factor, countAt(gesture.around));
      pan(-gesture.moved);
      return;
    }
    const row = rows.find(({ y, height: rowHeight }) => event.offsetY >= y && event.offsetY < y + rowHeight);
    const inside = row !== undefined && event.offsetX >= NAMES;
    setHint((inside ? describe(timeline, row, countAt(event.offsetX), REACH * perPixel) : undefined) ?? '');
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (!pointers.up(event) || event.offsetX < NAMES) return;
    go(Math.min(Math.max(Math.round(countAt(event.offsetX)), 0), timeline.to));
  };
  const onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) zoom(1.25 ** Math.sign(event.deltaY), countAt(event.offsetX));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX || event.deltaY);
    else return;
    event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? Math.max(1, Math.round((camera.to - camera.from) / 10)) : 1;
    const show = (wanted: number): void => {
      const next = Math.min(Math.max(wanted, timeline.from), timeline.to);
      setCursor(next);
      setCamera((shown) => followed(shown, all, all, next));
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => show(cursor - step),
      ArrowRight: () => show(cursor + step),
      Home: () => show(timeline.from),
      End: () => show(timeline.to),
      Enter: () => go(cursor),
      '+': () => zoom(0.5),
      '-': () => zoom(2),
    };
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  // Frames that show another part of the same leave it alone.
  const legend = useMemo(() => <TimelineLegend timeline={timeline} />, [timeline]);
  const spoken = useMemo(
    () =>
      rows
        .filter(({ kind }) => kind === 'register')
        .slice(0, SPOKEN)
        .map((row) => describe(timeline, row, cursor, 0))
        .join('; '),
    [timeline, rows, cursor],
  );

  return (
    <section class="timeline" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div class="bar">
        <button type="button" onClick={() => zoom(0.5)}>
          Zoom in
        </button>
        <button type="button" onClick={() => zoom(2)}>
          Zoom out
        </button>
        <button type="button" onClick={() => setCamera(whole(all))}>
          Everything
        </button>
        <p class="range" data-testid="range">
          {number(Math.round(camera.from))} to {number(Math.round(camera.to))}
        </p>
        {legend}
      </div>
      <canvas
        ref={canvas}
        data-testid="timeline"
        tabIndex={0}
        role="slider"
        aria-label="Count on the timeline; Enter goes there, plus and minus zoom"
        aria-valuemin={timeline.from}
        aria-valuemax={timeline.to}
        aria-valuenow={cursor}
        aria-valuetext={`${cursor}. ${spoken}`}
        style={{ height: `${height}px` }}
        onPointerDown={(event) => {
          pointers.down(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={(event) => pointers.cancel(event)}
        onPointerLeave={() => setHint('')}
        onWheel={onWheel}
        onKeyDown={onKeyDown}
      />
      <p class="hint" data-testid="hint">
        {hint || HINT}
      </p>
    </section>
  );
}
