import { ownerColour } from '@hwbp/history';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Camera, moved, whole, zoomed } from '../timeline/camera.js';
import { draw, heightOf, NAMES, type Paint, rowsOf } from '../timeline/draw.js';
import type { PackedTimeline } from '../timeline/packed.js';
import { recordAt } from '../timeline/visible.js';
import { numbered } from './numbered.js';

interface TimelineProps {
  readonly timeline: PackedTimeline;
  /** Where the simulation stands. */
  readonly count: number;
  readonly go: (count: number) => void;
}

/** Pixels beside a mark that still mean it. */
const REACH = 4;

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

/** What is at a place: of the marks the nearest, else who is in the register. */
function describe(timeline: PackedTimeline, lane: number, count: number, reach: number): string {
  const mark = recordAt(timeline.marks, lane, count, reach);
  if (mark >= 0) return `at ${timeline.marks.from[mark]}: ${timeline.texts[timeline.marks.text[mark] ?? 0]}`;
  const { stays, texts } = timeline;
  const stay = recordAt(stays, lane, count, 0);
  if (stay < 0) return 'free';
  return `${texts[stays.text[stay] ?? 0]}, from ${stays.from[stay]} to ${stays.to[stay]}`;
}

/** Who held which register when: registers as lanes, owners as colours, hits as marks. */
export function Timeline({ timeline, count, go }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const all = useMemo(() => ({ from: timeline.from, to: timeline.to }), [timeline]);
  const [camera, setCamera] = useState<Camera>(whole(all));
  const [width, setWidth] = useState(600);
  const [cursor, setCursor] = useState(count);
  const [hint, setHint] = useState('');
  const [theme, setTheme] = useState(0);
  const drag = useRef<{ readonly x: number; readonly camera: Camera; moved: boolean } | undefined>(undefined);
  const rows = useMemo(() => rowsOf(timeline), [timeline]);
  const height = heightOf(rows);

  // What there is has grown or shrunk: who has looked at everything still does.
  useEffect(() => setCamera(whole(all)), [all]);
  useEffect(() => setCursor(count), [count]);
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
      element.width = (NAMES + width) * density;
      element.height = height * density;
      on.setTransform(density, 0, 0, density, 0, 0);
      draw(on, timeline, rows, { ...camera, width }, cursor, paintOf(element));
    });
    return () => cancelAnimationFrame(frame);
  }, [timeline, rows, camera, width, height, cursor, theme]);

  const perPixel = (camera.to - camera.from) / width;
  const countAt = (x: number): number => camera.from + (x - NAMES) * perPixel;
  const zoom = (factor: number, around = cursor): void => {
    const inside = Math.min(Math.max(around, camera.from), camera.to);
    setCamera(zoomed(camera, all, factor, inside));
  };

  const onPointerMove = (event: PointerEvent): void => {
    const held = drag.current;
    if (held !== undefined) {
      const far = event.offsetX - held.x;
      if (Math.abs(far) > REACH) held.moved = true;
      if (held.moved) setCamera(moved(held.camera, all, -far * perPixel));
      return;
    }
    const row = rows.find(({ y, height: rowHeight }) => event.offsetY >= y && event.offsetY < y + rowHeight);
    const at = countAt(event.offsetX);
    if (row === undefined || event.offsetX < NAMES) setHint('');
    else if (row.lane === undefined) {
      const run = recordAt(timeline.runs, row.cpu, at, 0);
      setHint(`CPU ${row.cpu}: ${run < 0 ? 'idle' : timeline.texts[timeline.runs.text[run] ?? 0]}`);
    } else setHint(`CPU ${row.cpu} ${row.name}: ${describe(timeline, row.lane, at, REACH * perPixel)}`);
  };
  const onPointerUp = (event: PointerEvent): void => {
    const held = drag.current;
    drag.current = undefined;
    if (held === undefined || held.moved || event.offsetX < NAMES) return;
    go(Math.min(Math.max(Math.round(countAt(event.offsetX)), 0), timeline.to));
  };
  const onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, countAt(event.offsetX));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      setCamera(moved(camera, all, (event.deltaX || event.deltaY) * perPixel));
    else return;
    event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? Math.max(1, Math.round((camera.to - camera.from) / 10)) : 1;
    const to = (wanted: number): void => {
      const next = Math.min(Math.max(wanted, timeline.from), timeline.to);
      setCursor(next);
      if (next < camera.from || next > camera.to) setCamera(moved(camera, all, next - (camera.from + camera.to) / 2));
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => to(cursor - step),
      ArrowRight: () => to(cursor + step),
      Home: () => to(timeline.from),
      End: () => to(timeline.to),
      Enter: () => go(cursor),
      '+': () => zoom(0.5),
      '-': () => zoom(2),
    };
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const spoken = rows
    .filter(({ lane }) => lane !== undefined)
    .map(({ cpu, name, lane = 0 }) => `CPU ${cpu} ${name}: ${describe(timeline, lane, cursor, 0)}`)
    .join('; ');

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
        <ul class="legend" aria-label="Owners">
          {numbered(timeline.owners).map(({ item: owner, place }) => (
            <li key={place}>
              <span class="swatch" style={{ background: ownerColour(place) }} /> {owner}
            </li>
          ))}
          <li>▲ hit</li>
        </ul>
        {timeline.lost > 0 && <p class="lost">{timeline.lost.toLocaleString('en')} older records were dropped</p>}
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
          drag.current = { x: event.offsetX, camera, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setHint('')}
        onWheel={onWheel}
        onKeyDown={onKeyDown}
      />
      <p class="hint" data-testid="hint">
        {hint || 'Click to go to a count. Drag to move; Ctrl and the wheel, or + and -, zoom.'}
      </p>
    </section>
  );
}
