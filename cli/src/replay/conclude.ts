import { visible } from '@hwbp/conform/text';
import { CliError, EXIT_INTERRUPTED, runError } from '../errors.js';
import { Output } from '../output.js';
import type { OpenedTrace } from './open-traces.js';
import { INTERRUPTED } from './play-traces.js';

/**
 * Says what makes the answers doubtful, once they were given. Throws a run error if what was not seen may have happened
 * all the same: every command that reads a trace ends so. `whole`: it was played to its end.
 */
export function conclude(traces: readonly Pick<OpenedTrace, 'evidence'>[], whole: boolean): void {
  const doubts = traces.flatMap(({ evidence }) => evidence.doubts(whole));
  const output = new Output(process.stderr);
  const { colours } = output;
  for (const { cause, remedy, fatal } of doubts)
    if (!fatal || !whole)
      output.write(`${colours.yellow('hwbp:')} note: ${visible(cause)}\n${colours.dim(visible(remedy))}\n`);
  output.flush();
  if (!whole) throw new CliError(EXIT_INTERRUPTED, `interrupted: ${INTERRUPTED}`);
  const [first, ...others] = doubts.filter(({ fatal }) => fatal);
  if (first === undefined) return;
  const causes = [first, ...others].map(({ cause }) => cause);
  throw runError(causes, first.remedy);
}
