import { CommanderError } from 'commander';
import { createProgram } from './create-program.js';
import { CliError, EXIT_OK, EXIT_RUN, EXIT_USAGE } from './errors.js';
import { endWhenUnwritable, Output } from './output.js';

/** Tells the user, and returns the exit code. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  const { colours } = new Output(process.stderr);
  if (error instanceof CliError) {
    const remedy = error.remedy === undefined ? '' : `${colours.dim(error.remedy)}\n`;
    process.stderr.write(`${colours.red('hwbp:')} ${error.message}\n${remedy}`);
    return error.exitCode;
  }
  process.stderr.write(
    `${colours.red('hwbp:')} a bug in hwbp: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT_RUN;
}

endWhenUnwritable(process.stdout, 'standard output');
endWhenUnwritable(process.stderr, 'standard error');
try {
  const words = process.argv.slice(2);
  await (await createProgram(words)).parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = fail(error);
}
// A standard input that is not read to its end would keep the process.
process.stdin.destroy();
