import type { Difference } from './compare.js';
import type { Outcome } from './conform.js';

/** What was counted in a file. */
export class Tally {
  scripts = 0;
  matched = 0;
  differs = 0;
  malformed = 0;
  /** Scripts that were not played, by reason. */
  readonly notPlayed = new Map<string, number>();

  count(outcome: Outcome): void {
    this.scripts++;
    if (outcome.result === 'matched') this.matched++;
    else if (outcome.result === 'differs') this.differs++;
    else if (outcome.result === 'malformed') this.malformed++;
    else this.notPlayed.set(outcome.reason, (this.notPlayed.get(outcome.reason) ?? 0) + 1);
  }

  /** True unless a script that was played differs. */
  get agrees(): boolean {
    return this.differs === 0 && this.malformed === 0;
  }
}

/** What is said of a script to programs. */
export interface ScriptRecord {
  readonly kind: 'script';
  readonly file: string;
  readonly id: string;
  readonly result: Outcome['result'];
  readonly difference?: Difference;
  /** Why it was not played, or what is malformed. */
  readonly reason?: string;
}

/** What is said of a file to programs. */
export interface FileRecord {
  readonly kind: 'file';
  readonly file: string;
  readonly scripts: number;
  readonly matched: number;
  readonly differs: number;
  readonly malformed: number;
  readonly notPlayed: Readonly<Record<string, number>>;
}

/** A script's outcome as plain data. */
export function scriptRecord(file: string, id: string, outcome: Outcome): ScriptRecord {
  const { result } = outcome;
  const record = { kind: 'script', file, id, result } as const;
  if (result === 'differs') return { ...record, difference: outcome.difference };
  return result === 'matched' ? record : { ...record, reason: outcome.reason };
}

/** A file's counts as plain data. */
export function fileRecord(file: string, { scripts, matched, differs, malformed, notPlayed }: Tally): FileRecord {
  return { kind: 'file', file, scripts, matched, differs, malformed, notPlayed: Object.fromEntries(notPlayed) };
}
