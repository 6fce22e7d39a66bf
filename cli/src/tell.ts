import { CommanderError } from 'commander';
import { CliError, EXIT_OK, EXIT_RUN, EXIT_USAGE } from './errors.js';
import { Output } from './output.js';

/** Tells the user of an error, and returns the exit code. */
export function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  const output = new Output(process.stderr);
  const { colours } = output;
  const say = (cause: string, remedy = ''): void => {
    output.write(`${colours.red('hwbp:')} ${cause}\n${remedy === '' ? '' : `${colours.dim(remedy)}\n`}`);
    output.flush();
  };
  if (error instanceof CliError) {
    say(error.message, error.remedy);
    return error.exitCode;
  }
  const { syscall } = (error ?? {}) as { syscall?: unknown };
  // What the system refuses is no bug, whoever asked for it.
  if (error instanceof Error && typeof syscall === 'string') say(error.message);
  else say(`a bug in hwbp: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT_RUN;
}
