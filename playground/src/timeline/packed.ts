import {
  colouringOf,
  EVENT_MARKS,
  type HistoryData,
  happened,
  type MachineHistory,
  machinesOf,
  taskRuns,
} from '@hwbp/history';

/**
 * A history in columns, which go from the worker to the page without being copied, and are drawn without an object for
 * each of a million records.
 */
export interface PackedTimeline {
  readonly from: number;
  readonly to: number;
  /** The host, and its guests. */
  readonly machines: readonly PackedMachine[];
  /** What the colours of stays stand for. */
  readonly colours: readonly string[];
  /** Records that were lost, the oldest first. */
  readonly lost: number;
  /** By register: see {@link PackedMachine}. */
  readonly stays: Columns;
  /** Hits, by register. `from` and `to` are the same: when it happened. */
  readonly hits: Columns;
  /** Who ran where, by CPU. */
  readonly runs: Columns;
  /** What else happened, by CPU; its colour is an index in {@link MARKED}. */
  readonly events: Columns;
  /** What is said of records, once each. */
  readonly texts: readonly string[];
}

/** One machine: its registers are lanes, CPU by CPU, and so are its CPUs. */
export interface PackedMachine {
  /** `undefined`: the host. */
  readonly name: string | undefined;
  readonly cpus: number;
  /** Names of one CPU's registers. */
  readonly registers: readonly string[];
  /** The lane of its first register. */
  readonly firstLane: number;
  /** The lane of its first CPU. */
  readonly firstCpu: number;
}

/** Records in columns: those of a lane stand together, in their order. */
export interface Columns {
  readonly from: Float64Array<ArrayBuffer>;
  readonly to: Float64Array<ArrayBuffer>;
  readonly lane: Int32Array<ArrayBuffer>;
  /** Number of a colour. */
  readonly colour: Int32Array<ArrayBuffer>;
  /** Index in the texts: everything that is to say of it. */
  readonly text: Int32Array<ArrayBuffer>;
  /** Likewise: what is written where it is drawn. */
  readonly label: Int32Array<ArrayBuffer>;
  /** Where each lane begins, and behind the last one its end. */
  readonly lanes: Int32Array<ArrayBuffer>;
}

/** Kinds of events that are marked, in the order of their colours. */
export const MARKED = Object.keys(EVENT_MARKS) as (keyof typeof EVENT_MARKS)[];

interface Row {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly colour: number;
  readonly text: number;
  readonly label: number;
}

/** Texts, each of them once. */
class Texts {
  readonly list: string[] = [];
  readonly #known = new Map<string, number>();

  index(text: string): number {
    let index = this.#known.get(text);
    if (index === undefined) {
      index = this.list.push(text) - 1;
      this.#known.set(text, index);
    }
    return index;
  }
}

function columns(rows: Row[], lanes: number): Columns {
  rows.sort((a, b) => a.lane - b.lane || a.from - b.from || a.to - b.to);
  const starts = new Int32Array(lanes + 1);
  for (const { lane } of rows) starts[lane + 1] = (starts[lane + 1] ?? 0) + 1;
  for (let lane = 0; lane < lanes; lane++) starts[lane + 1] = (starts[lane + 1] ?? 0) + (starts[lane] ?? 0);
  return {
    from: Float64Array.from(rows, ({ from }) => from),
    to: Float64Array.from(rows, ({ to }) => to),
    lane: Int32Array.from(rows, ({ lane }) => lane),
    colour: Int32Array.from(rows, ({ colour }) => colour),
    text: Int32Array.from(rows, ({ text }) => text),
    label: Int32Array.from(rows, ({ label }) => label),
    lanes: starts,
  };
}

/** `w counter` of `w 0x1000+8 counter`: what has a name needs no address where there is little room. */
function briefly(what: string): string {
  return what.replace(/(^| )([rwx]+) 0x[0-9a-f]+\+\d+ (\S+)$/, '$1$2 $3');
}

/** Rows of all machines. */
class Rows {
  readonly texts = new Texts();
  readonly stays: Row[] = [];
  readonly hits: Row[] = [];
  readonly runs: Row[] = [];
  readonly events: Row[] = [];

  /** `colourOf`: of a stay. */
  add(
    { firstLane, firstCpu, registers }: PackedMachine,
    { data }: MachineHistory,
    colourOf: (interval: HistoryData['intervals'][number]) => number,
  ): void {
    const { texts } = this;
    const laneOf = (cpu: number, register: number): number => firstLane + cpu * registers.length + register;
    for (const one of data.intervals) {
      const { cpu, register, owner, what, task, from, to = data.to, end, by } = one;
      const why = end === undefined ? 'held still' : by === undefined ? end : `${end} by ${by}`;
      const text = texts.index(`${data.owners[owner]} ${what}${task === undefined ? '' : ` for ${task}`}: ${why}`);
      const label = texts.index(`${data.owners[owner]} ${briefly(what)}`);
      this.stays.push({ lane: laneOf(cpu, register), from, to, colour: colourOf(one), text, label });
    }
    for (const { cpu, task, from, to } of taskRuns(data)) {
      const text = texts.index(task);
      this.runs.push({ lane: firstCpu + cpu, from, to, colour: text, text, label: text });
    }
    for (const event of data.events) {
      if (event.kind === 'switch') continue;
      const { count, cpu, task } = event;
      const text = texts.index(`${happened(event, data)}${task === undefined ? '' : `, ${task}`}`);
      const when = { from: count, to: count, text, label: text };
      if (event.kind === 'hit') this.hits.push({ ...when, lane: laneOf(cpu, event.register), colour: event.owner });
      else this.events.push({ ...when, lane: firstCpu + Math.max(cpu, 0), colour: MARKED.indexOf(event.kind) });
    }
  }
}

/** Packs a history. */
export function pack(data: HistoryData): PackedTimeline {
  const rows = new Rows();
  const colouring = colouringOf(data);
  const machines: PackedMachine[] = [];
  let [firstLane, firstCpu, lost] = [0, 0, 0];
  for (const [number, machine] of machinesOf(data).entries()) {
    const { name, data: own } = machine;
    const { cpus, registers } = own;
    const packed = { name, cpus, registers, firstLane, firstCpu };
    rows.add(packed, machine, (interval) => colouring.keyOf(interval, number));
    machines.push(packed);
    firstLane += cpus * registers.length;
    firstCpu += cpus;
    lost += own.lost.events + own.lost.intervals;
  }
  return {
    from: data.from,
    to: data.to,
    machines,
    colours: colouring.names.map(briefly),
    lost,
    stays: columns(rows.stays, firstLane),
    hits: columns(rows.hits, firstLane),
    runs: columns(rows.runs, firstCpu),
    events: columns(rows.events, firstCpu),
    texts: rows.texts.list,
  };
}

/** What of it changes hands when it is posted. */
export function transferOf({ stays, hits, runs, events }: PackedTimeline): ArrayBuffer[] {
  return [stays, hits, runs, events].flatMap(({ from, to, lane, colour, text, label, lanes }) =>
    [from, to, lane, colour, text, label, lanes].map(({ buffer }) => buffer),
  );
}
