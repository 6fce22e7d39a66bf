import type { TestFunction } from '@hwbp/testkit';

/** The published suites, each with a subject in which defects are planted. */
export type Suites = Readonly<Record<string, (test: TestFunction) => void>>;

/** Which suites: those of `KIND-suites.ts`. */
export type Kind = 'core' | 'consumer' | 'facet' | 'scheduling' | 'system-call' | 'device' | 'device';

/** One defect in one source file, as somebody could have made it. */
export interface Planted {
  /** What is wrong. */
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** What stands there, once. */
  readonly from: string;
  /** What stands there instead. */
  readonly to: string;
  /**
   * What it is planted in: `core`, `consumer`, `facet`, `scheduling`, `system-call` or `device`, for the file that the
   * suite is in.
   */
  readonly kind: Kind;
  /** The suite that must find it. */
  readonly suite: string;
  /** Ids of cases of which each must fail. */
  readonly kills: readonly string[];
}

/** A defect of the table of one file and suite: name, what stands there, what instead, and the cases that find it. */
type Row = readonly [name: string, from: string, to: string, ...kills: string[]];

/** Defects of one file, which one suite must find. */
export function plantedIn(file: string, kind: Kind, suite: string, rows: readonly Row[]): readonly Planted[] {
  return rows.map(([name, from, to, ...kills]) => ({ name, file, from, to, kind, suite, kills }));
}
