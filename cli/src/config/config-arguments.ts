import { usageError } from '../errors.js';

/** What stands behind the config on a command line: the config's own arguments, behind `--`. */
export const ARGUMENTS = "behind --: the config's own";

/** Throws a usage error for arguments in front of `--`: they are somebody's mistake. `words`: of the whole line. */
export function checkArguments(command: string, what: string, args: readonly string[], words: readonly string[]): void {
  if (args.length === 0 || words.includes('--')) return;
  throw usageError(
    `hwbp ${command} takes one ${what}, got ${args.join(' ')} too`,
    'arguments of the config stand behind --',
  );
}
