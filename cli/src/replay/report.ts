import type { ReplayHit } from './hit.js';
import type { LoadedProgram } from './place-program.js';
import type { ReplaySession } from './session.js';
import type { TraceEvidence } from './trace-evidence.js';
import type { TraceOrigin } from './trace-origin.js';
import type { Watch } from './watch.js';

/** What a report is about. */
export interface ReportSubject {
  readonly session: ReplaySession;
  readonly input: TraceOrigin;
  readonly evidence: TraceEvidence;
  readonly program: LoadedProgram | undefined;
  /** Path of the program; `undefined`: none was given. */
  readonly elf: string | undefined;
  readonly watches: readonly Watch[];
}

/** How a replay is told to the user. */
export interface Report {
  /** The kernel is composed; nothing has run. */
  begin(subject: ReportSubject): void;
  /** In the debug exception of the hit. */
  hit(hit: ReplayHit): void;
  /** The replay is over. `seconds`: how long it took. `whole`: the trace was played to its end. */
  end(subject: ReportSubject, seconds: number, whole: boolean): void;
}

/** The same to another report too. */
export function reportedTo(report: Report, other: Report | undefined): Report {
  if (other === undefined) return report;
  return {
    begin: (subject) => {
      report.begin(subject);
      other.begin(subject);
    },
    hit: (hit) => {
      report.hit(hit);
      other.hit(hit);
    },
    end: (...what) => {
      report.end(...what);
      other.end(...what);
    },
  };
}
