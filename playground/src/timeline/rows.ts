import type { PackedTimeline } from './packed.js';

/** Pixels. */
const HEADING = 16;
const RUNS = 14;
const EVENTS = 10;
const GAP = 7;
/** Where the names of the lanes stand. */
export const NAMES = 92;
export const AXIS = 20;
/** Above the bars of a register's lane: where its hits are marked. */
export const HITS = 7;
const BAR = 14;

/** A row of the picture: where it is, and what of the timeline it shows. */
export interface Row {
  readonly kind: 'heading' | 'runs' | 'events' | 'register';
  readonly y: number;
  readonly height: number;
  readonly name: string;
  /** In the columns that it shows. */
  readonly lane: number;
  /** In the columns that have a lane for each CPU. */
  readonly cpuLane: number;
  /** Which CPU, for people. */
  readonly cpu: string;
}

/** The rows of a timeline, machine by machine, and in it CPU by CPU. */
export function rowsOf({ machines, events }: PackedTimeline): readonly Row[] {
  const rows: Row[] = [];
  let y = AXIS;
  const add = (row: Omit<Row, 'y'>): void => {
    rows.push({ ...row, y });
    y += row.height + 1;
  };
  for (const { name, cpus, registers, firstLane, firstCpu } of machines) {
    if (name !== undefined) add({ kind: 'heading', height: HEADING, name, lane: 0, cpuLane: 0, cpu: name });
    const marked = (events.lanes[firstCpu + cpus] ?? 0) > (events.lanes[firstCpu] ?? 0);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const which = name === undefined ? `CPU ${cpu}` : `${name} CPU ${cpu}`;
      const cpuLane = firstCpu + cpu;
      add({ kind: 'runs', height: RUNS, name: `CPU ${cpu}`, lane: cpuLane, cpuLane, cpu: which });
      if (marked) add({ kind: 'events', height: EVENTS, name: 'events', lane: cpuLane, cpuLane, cpu: which });
      for (const [register, registerName] of registers.entries()) {
        const lane = firstLane + cpu * registers.length + register;
        add({ kind: 'register', height: HITS + BAR, name: registerName, lane, cpuLane, cpu: which });
      }
      y += GAP;
    }
  }
  return rows;
}

/** Pixels that a timeline needs. */
export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last === undefined ? AXIS : last.y + last.height + GAP;
}
