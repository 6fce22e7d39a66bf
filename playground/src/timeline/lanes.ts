import { Lane, type LaneRow } from './lane.js';
import type { Columns } from './packed.js';

/** The lanes of one kind of records, of one machine. */
export class Lanes {
  readonly #lanes: readonly Lane[];

  constructor(count: number) {
    this.#lanes = Array.from({ length: count }, () => new Lane());
  }

  get rows(): number {
    return this.#lanes.reduce((sum, { length }) => sum + length, 0);
  }

  add(lane: number, row: LaneRow): void {
    this.#lanes[lane]?.add(row);
  }

  /** Where the longest lane has a quarter of its rows behind it. */
  get quarter(): number | undefined {
    const longest = this.#lanes.reduce<Lane | undefined>(
      (best, lane) => (best === undefined || lane.length > best.length ? lane : best),
      undefined,
    );
    return longest?.endAt(1 / 4);
  }

  /** Drops what ended up to a count; returns how many rows that were. */
  dropTo(count: number): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.dropTo(count), 0);
  }

  get all(): readonly Lane[] {
    return this.#lanes;
  }
}

/** A row that is in no lane yet, for it may go on. */
export interface OpenRow extends LaneRow {
  readonly lane: number;
}

/** What of one machine goes into columns. */
export interface LanesWithOpen {
  readonly lanes: Lanes;
  readonly open: readonly OpenRow[];
}

/** The lanes of all machines in columns, what is open at the end of its lane. `colours`: by key. */
export function columnsOf(machines: readonly LanesWithOpen[], colours: Int32Array): Columns {
  const rows = machines.reduce((sum, { lanes, open }) => sum + lanes.rows + open.length, 0);
  const starts: number[] = [];
  const columns = {
    from: new Float64Array(rows),
    to: new Float64Array(rows),
    lane: new Int32Array(rows),
    colour: new Int32Array(rows),
    text: new Int32Array(rows),
    label: new Int32Array(rows),
  };
  let place = 0;
  for (const { lanes, open } of machines) {
    for (const [number, lane] of lanes.all.entries()) {
      starts.push(place);
      lane.copy(columns, place, starts.length - 1, colours);
      place += lane.length;
      for (const row of open) {
        if (row.lane !== number) continue;
        columns.from[place] = row.from;
        columns.to[place] = row.to;
        columns.lane[place] = starts.length - 1;
        columns.colour[place] = colours[row.key] ?? 0;
        columns.text[place] = row.text;
        columns.label[place] = row.label;
        place++;
      }
    }
  }
  return { ...columns, lanes: Int32Array.from([...starts, place]) };
}
