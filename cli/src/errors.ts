import { visible } from '@hwbp/conform/text';

/** Exit codes of the command. */
export const EXIT_OK = 0;
/** The run could not be finished. */
export const EXIT_RUN = 1;
/** The command line asks for something that cannot be: nothing was run. */
export const EXIT_USAGE = 2;
/** Ctrl-C ended it, as a shell has it: 128 and the signal's number. */
export const EXIT_INTERRUPTED = 130;

/** What is told: a line, or several. Names in it may come from inputs, and are made {@link visible}. */
export type ErrorText = string | readonly string[];

function shown(text: ErrorText): string {
  return (typeof text === 'string' ? [text] : text).map(visible).join('\n');
}

/** What the user is told: the cause, then (on a line of its own) the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  readonly remedy: string | undefined;

  constructor(exitCode: number, cause: ErrorText, remedy?: string) {
    super(shown(cause));
    this.exitCode = exitCode;
    this.remedy = remedy === undefined ? undefined : shown(remedy);
  }
}

/** Something is wrong with what was asked for. */
export function usageError(cause: ErrorText, remedy?: string): CliError {
  return new CliError(EXIT_USAGE, cause, remedy);
}

/** Something went wrong while it was done. */
export function runError(cause: ErrorText, remedy?: string): CliError {
  return new CliError(EXIT_RUN, cause, remedy);
}
