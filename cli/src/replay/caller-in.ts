import type { LackeyReplay } from '@hwbp/lackey';
import type { LoadedProgram } from './place-program.js';
import type { TraceEvidence } from './trace-evidence.js';

/** Tells the program's last instruction in a trace: whoever called what has no name. `undefined`: it is not known. */
export function callerIn(
  program: LoadedProgram | undefined,
  evidence: TraceEvidence,
): (replay: LackeyReplay) => bigint | undefined {
  if (program === undefined || program.unplaced !== undefined) return () => undefined;
  return (replay) => replay.lastIn(program.code) ?? evidence.lastBefore;
}
