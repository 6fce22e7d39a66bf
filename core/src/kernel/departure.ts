/** Where a run left the schedule that its composition alone would have given it. */
export interface Departure {
  /** Instructions that the machine had retired by then. */
  readonly count: number;
  /** Who changed what, for people. */
  readonly cause: string;
}
