import { visible } from '@hwbp/conform/text';
import { CliError, EXIT_INTERRUPTED, runError } from '../errors.js';
import { Output } from '../output.js';
import type { OpenedTrace } from './open-traces.js';

/**
 * Says what makes the answers doubtful, once they were given. Throws a run error if what was not seen may have happened
 * all the same. `whole`: it was played to its end. `partly`: what there is of a trace that was broken off is worth
 * having.
 */
export function conclude(traces: readonly OpenedTrace[], whole: boolean, partly = false): void {
  if (!whole) throw new CliError(EXIT_INTERRUPTED, 'interrupted: what happened later in the trace was not looked at');
  const doubts = traces.flatMap(({ evidence }) =>
    evidence.doubts.map((doubt) => ({ ...doubt, fatal: doubt.fatal && !(partly && doubt.broken) })),
  );
  const output = new Output(process.stderr);
  const { colours } = output;
  for (const { cause, remedy, fatal } of doubts)
    if (!fatal) output.write(`${colours.yellow('hwbp:')} note: ${visible(cause)}\n${colours.dim(visible(remedy))}\n`);
  output.flush();
  const [first, ...others] = doubts.filter(({ fatal }) => fatal);
  if (first === undefined) return;
  const causes = [first, ...others].map(({ cause }) => cause);
  throw runError(causes, first.remedy);
}
