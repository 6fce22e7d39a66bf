import { createProgram } from './create-program.js';
import { EXIT_OK } from './errors.js';
import { tell } from './tell.js';

/**
 * Runs a command line (the words behind `hwbp`) in this process, on its standard streams; returns the exit code.
 * Whatever goes wrong is told on standard error, as the command does. One at a time: commands share the process's
 * streams and its `exitCode`, which is left as it was.
 */
export async function runCommand(words: readonly string[]): Promise<number> {
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await (await createProgram(words)).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT_OK);
  } catch (error) {
    return tell(error);
  } finally {
    process.exitCode = before;
  }
}
