import { EVENT_MARKS } from '@hwbp/history';

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
  /**
   * When the registers of a CPU are set aside, by CPU: the host's while a guest runs there, a guest's while it does
   * not.
   */
  readonly away: Columns;
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

/** What of it changes hands when it is posted. */
export function transferOf({ stays, hits, runs, events, away }: PackedTimeline): ArrayBuffer[] {
  return [stays, hits, runs, events, away].flatMap(({ from, to, lane, colour, text, label, lanes }) =>
    [from, to, lane, colour, text, label, lanes].map(({ buffer }) => buffer),
  );
}
