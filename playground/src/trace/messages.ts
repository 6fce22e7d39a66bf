import type { Doubt, RegisterRow, WatchSites } from '@hwbp/cli/portable';

/** What is to be replayed. Files stay where they are: they are read piece by piece. */
export interface TraceRequest {
  readonly trace: File;
  readonly program: File | undefined;
  /** Of libraries that the program loads. */
  readonly libraries: readonly File[];
  /** As on the command line: `vault_total:w`. */
  readonly watches: readonly string[];
  /** As on the command line: `--cpus` and so on. */
  readonly options: Readonly<Record<'cpus' | 'tasks' | 'arch', string>> &
    Readonly<Partial<Record<'cpu' | 'loadBias', string>>> & { readonly strict: boolean };
}

/** What a worker is told. */
export type TraceCommand =
  | { readonly kind: 'replay'; readonly request: TraceRequest }
  /** Nothing more is wanted; what was found is told. */
  | { readonly kind: 'cancel' };

/** A hit: its step, and a line of the trace as the command prints it. */
export interface HitRow {
  readonly step: number;
  readonly line: string;
}

/** Hits in their order: the first, those between that are not kept, and the last. */
export interface HitList {
  readonly first: readonly HitRow[];
  readonly between: number;
  readonly last: readonly HitRow[];
}

/** What a replay has found: so far, or in the end. */
export interface TraceResult {
  /** What is replayed on what. */
  readonly heading: readonly (readonly [label: string, text: string])[];
  readonly steps: number;
  readonly hits: number;
  /** Of each watch. */
  readonly sites: readonly WatchSites[];
  /** The rare sites again, in words: one or more lines each. */
  readonly rare: readonly string[];
  /** How sites without names get some; empty: there are none. */
  readonly unnamed: string;
  readonly registers: readonly RegisterRow[];
  /** Registers that are left out. */
  readonly moreRegisters: number;
  /** Control registers, of the CPUs that are shown. */
  readonly controls: readonly string[];
  /** What was in the trace, in a line. */
  readonly counts: string;
  readonly seconds: number;
}

/** What is known only when the replay is over. */
export interface TraceEnd {
  /** The trace was read to its end. */
  readonly whole: boolean;
  readonly doubts: readonly Doubt[];
  readonly hitList: HitList;
  /** What `hwbp replay --json` prints. */
  readonly json: Blob;
  /** Hits that {@link json} has not. */
  readonly notInJson: number;
}

/** What the worker says. */
export type TraceAnswer =
  | { readonly kind: 'progress'; readonly read: number; readonly size: number; readonly result: TraceResult }
  | { readonly kind: 'done'; readonly result: TraceResult; readonly end: TraceEnd }
  | { readonly kind: 'failed'; readonly message: string; readonly remedy: string | undefined };
