/** Text of a source, and what stands there instead. */
export type Change = readonly [from: string, to: string];

/** A line of a backend that somebody got wrong. */
export interface Defect {
  /** What is wrong. */
  readonly name: string;
  /** The source that it is in, from the backend's own directory. */
  readonly file: string;
  readonly changes: readonly Change[];
  /** Ids of cases that must fail on one subject at least. Others may. */
  readonly kills: readonly string[];
}

/** Name, text, what stands there instead, and the cases that must find it. */
type Row = readonly [name: string, from: string, to: string, ...kills: readonly string[]];

/** Defects of one source, each of one line. */
export function defectsOf(file: string, rows: readonly Row[]): readonly Defect[] {
  return rows.map(([name, from, to, ...kills]) => ({ name, file, changes: [[from, to]], kills }));
}
