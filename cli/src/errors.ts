/** Exit codes of the command. */
export const EXIT_OK = 0;
/** The run could not be finished. */
export const EXIT_RUN = 1;
/** The command line asks for something that cannot be: nothing was run. */
export const EXIT_USAGE = 2;
/** Ctrl-C ended it, as a shell has it: 128 and the signal's number. */
export const EXIT_INTERRUPTED = 130;

/** What the user is told: the cause, then (on a line of its own) the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  readonly remedy: string | undefined;

  constructor(exitCode: number, cause: string, remedy?: string) {
    super(cause);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** Something is wrong with what was asked for. */
export function usageError(cause: string, remedy?: string): CliError {
  return new CliError(EXIT_USAGE, cause, remedy);
}

/** Something went wrong while it was done. */
export function runError(cause: string, remedy?: string): CliError {
  return new CliError(EXIT_RUN, cause, remedy);
}
