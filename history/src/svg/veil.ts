import { VEIL } from '../palette.js';
import type { SetAsideSpan } from '../set-aside.js';
import type { Scale } from './columns.js';
import { element } from './xml.js';

/** Shades of what has no pixel of its own: as much of a pixel is set aside. */
const SHADES = 4;

/**
 * What makes bars of a CPU's registers pale where they are set aside. There are a few elements, with at most 1.5 pieces
 * for each pixel. `ground`: the colour under the bars.
 */
export function veilOf(spans: Iterable<SetAsideSpan>, scale: Scale, height: number, ground: string): string {
  const shades = Array.from({ length: SHADES }, (): string[] => []);
  const put = (x: number, width: number, share: number): void => {
    const [left, wide] = [x, width].map((pixels) => Math.round(pixels * 100) / 100);
    shades[Math.max(Math.round(share * SHADES), 1) - 1]?.push(`M${left} 0h${wide}v${height}h-${wide}z`);
  };
  const columns = new Map<number, number>();
  for (const { from, to } of spans) {
    const x = scale.at(from);
    const width = scale.at(to) - x;
    const column = Math.min(Math.floor(x), scale.width - 1);
    if (width >= 2) put(x, width, 1);
    else if (width > 0) columns.set(column, Math.min((columns.get(column) ?? 0) + width, 1));
  }
  for (const [x, share] of columns) put(x, 1, share);
  return shades
    .map((pieces, shade) => {
      const opacity = Math.round(((VEIL * (shade + 1)) / SHADES) * 100) / 100;
      const look = { fill: ground, 'fill-opacity': opacity, 'pointer-events': 'none' };
      return pieces.length === 0 ? '' : element('path', { d: pieces.join(''), ...look });
    })
    .join('');
}
