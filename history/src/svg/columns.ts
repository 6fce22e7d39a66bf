/**
 * A piece of a lane: `key` says which are alike, `label` everything that is to say of it, `name` what it has inside.
 */
export interface Piece {
  readonly key: number;
  readonly label: () => string;
  readonly name: () => string;
  readonly from: number;
  readonly to: number;
}

/** What is drawn: one piece, or several that have no pixel of their own. */
export interface Drawn {
  readonly key: number;
  readonly x: number;
  readonly width: number;
  readonly label: string;
  /** What is written inside, if it has room: that of a piece alone. */
  readonly name: string;
  /** How many pieces it stands for. */
  readonly pieces: number;
}

/** Where counts lie in a picture. */
export interface Scale {
  /** Pixels. */
  readonly width: number;
  /** Pixels from the left, between 0 and `width`. */
  at(count: number): number;
}

export function scaleOf(from: number, to: number, width: number): Scale {
  const span = Math.max(to - from, 1);
  return { width, at: (count) => Math.min(Math.max((count - from) / span, 0), 1) * width };
}

/** Pieces of at least so many pixels are drawn by themselves. */
const OWN = 2;

/** The pieces that begin in one column of pixels, and have no room in it. */
interface Column {
  readonly pieces: Map<number, number>;
  count: number;
  readonly label: () => string;
}

/**
 * The pieces of one lane, which do not overlap. Narrow ones are merged, by column of pixels: it has the key that most
 * of it has. So there are at most 1.5 times as many as pixels, however many pieces there are.
 */
export function drawnOf(pieces: Iterable<Piece>, scale: Scale): readonly Drawn[] {
  const drawn: Drawn[] = [];
  const columns = new Map<number, Column>();
  for (const { key, label, name, from, to } of pieces) {
    const x = scale.at(from);
    const width = scale.at(to) - x;
    if (width >= OWN) {
      drawn.push({ key, x, width, label: label(), name: name(), pieces: 1 });
      continue;
    }
    const at = Math.min(Math.floor(x), scale.width - 1);
    const column = columns.get(at) ?? { pieces: new Map<number, number>(), count: 0, label };
    columns.set(at, column);
    column.pieces.set(key, (column.pieces.get(key) ?? 0) + width);
    column.count++;
  }
  for (const [x, { pieces: shares, count, label }] of columns) {
    const [key] = [...shares].reduce((most, share) => (share[1] > most[1] ? share : most));
    const text = count === 1 ? label() : `${count} in this column, the first: ${label()}`;
    drawn.push({ key, x, width: 1, label: text, name: '', pieces: count });
  }
  return drawn.sort((a, b) => a.x - b.x);
}

/** A mark at a count. */
export interface Mark {
  readonly count: number;
  readonly label: () => string;
}

/** Marks, one for each column of pixels at most. */
export function marksOf(marks: Iterable<Mark>, scale: Scale): readonly Pick<Drawn, 'x' | 'label'>[] {
  const columns = new Map<number, { count: number; readonly label: () => string }>();
  for (const { count, label } of marks) {
    const at = Math.min(Math.floor(scale.at(count)), scale.width - 1);
    const column = columns.get(at);
    if (column === undefined) columns.set(at, { count: 1, label });
    else column.count++;
  }
  return [...columns].map(([x, { count, label }]) => {
    return { x, label: count === 1 ? label() : `${count}, the first: ${label()}` };
  });
}
