import { OutputFileError } from '@hwbp/conform/files/output';
import { runError, usageError } from './errors.js';

/** Does something with an output that the user has named with an option; tells what goes wrong with it. */
export function writing<T>(option: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw outputError(option, error);
  }
}

/** What to tell of an output that cannot be written; any other error as it is. */
export function outputError(option: string, error: unknown): unknown {
  if (!(error instanceof OutputFileError)) return error;
  return error.refused ? usageError(error.message, `name another file with ${option} FILE`) : runError(error.message);
}
