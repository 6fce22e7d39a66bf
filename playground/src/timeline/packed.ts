import { type HistoryData, happened, taskRuns } from '@hwbp/history';

/**
 * A history in columns, which go from the worker to the page without being copied, and are drawn without an object for
 * each of a million records.
 */
export interface PackedTimeline {
  readonly from: number;
  readonly to: number;
  readonly cpus: number;
  /** Names of one CPU's registers: a lane is CPU * registers + register. */
  readonly registers: readonly string[];
  readonly owners: readonly string[];
  /** Records that were lost, the oldest first. */
  readonly lost: number;
  readonly stays: Columns;
  /** Who ran where: lane is the CPU, owner is -1. */
  readonly runs: Columns;
  /** `from` and `to` are the same: when it happened. */
  readonly marks: Columns;
  /** What is said of records, once each. */
  readonly texts: readonly string[];
}

/** Records in columns: those of a lane stand together, in their order. */
export interface Columns {
  readonly from: Float64Array<ArrayBuffer>;
  readonly to: Float64Array<ArrayBuffer>;
  readonly lane: Int32Array<ArrayBuffer>;
  readonly owner: Int32Array<ArrayBuffer>;
  /** Index in the texts. */
  readonly text: Int32Array<ArrayBuffer>;
  /** Where each lane begins, and behind the last one its end. */
  readonly lanes: Int32Array<ArrayBuffer>;
}

interface Row {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly owner: number;
  readonly text: number;
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
  rows.sort((a, b) => a.lane - b.lane || a.from - b.from);
  const starts = new Int32Array(lanes + 1);
  for (const { lane } of rows) starts[lane + 1] = (starts[lane + 1] ?? 0) + 1;
  for (let lane = 0; lane < lanes; lane++) starts[lane + 1] = (starts[lane + 1] ?? 0) + (starts[lane] ?? 0);
  return {
    from: Float64Array.from(rows, ({ from }) => from),
    to: Float64Array.from(rows, ({ to }) => to),
    lane: Int32Array.from(rows, ({ lane }) => lane),
    owner: Int32Array.from(rows, ({ owner }) => owner),
    text: Int32Array.from(rows, ({ text }) => text),
    lanes: starts,
  };
}

/** Packs a history. */
export function pack(data: HistoryData): PackedTimeline {
  const { cpus, registers, owners, intervals, events, from, to, lost } = data;
  const texts = new Texts();
  const lanes = cpus * registers.length;
  const laneOf = (cpu: number, register: number): number => cpu * registers.length + register;
  const stays = intervals.map((one): Row => {
    const { cpu, register, owner, what, task, end, by } = one;
    const why = end === undefined ? 'held still' : by === undefined ? end : `${end} by ${by}`;
    const text = texts.index(`${owners[owner]} ${what}${task === undefined ? '' : ` for ${task}`}: ${why}`);
    return { lane: laneOf(cpu, register), from: one.from, to: one.to ?? to, owner, text };
  });
  const runs = taskRuns(data).map(
    (run): Row => ({ lane: run.cpu, from: run.from, to: run.to, owner: -1, text: texts.index(run.task) }),
  );
  const marks: Row[] = [];
  for (const event of events) {
    if (event.kind !== 'hit') continue;
    const { count, cpu, register, owner, task } = event;
    const text = texts.index(`${happened(event, data)}${task === undefined ? '' : `, ${task}`}`);
    marks.push({ lane: laneOf(cpu, register), from: count, to: count, owner, text });
  }
  return {
    from,
    to,
    cpus,
    registers,
    owners,
    lost: lost.events + lost.intervals,
    stays: columns(stays, lanes),
    runs: columns(runs, cpus),
    marks: columns(marks, lanes),
    texts: texts.list,
  };
}

/** What of it changes hands when it is posted. */
export function transferOf({ stays, runs, marks }: PackedTimeline): ArrayBuffer[] {
  return [stays, runs, marks].flatMap(({ from, to, lane, owner, text, lanes }) =>
    [from, to, lane, owner, text, lanes].map(({ buffer }) => buffer),
  );
}
