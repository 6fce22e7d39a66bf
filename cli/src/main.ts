import { Command, CommanderError } from 'commander';
import { addConform } from './commands/conform.js';
import { addDebug } from './commands/debug.js';
import { addRecord } from './commands/record.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addStat } from './commands/stat.js';
import { CliError, EXIT_OK, EXIT_RUN, EXIT_USAGE } from './errors.js';
import { endWhenUnread, Output } from './output.js';
import { version } from './version.js';

function createProgram(): Command {
  const program = new Command('hwbp')
    .description('Simulated kernels around hardware breakpoints.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', '\nExample:\n  hwbp replay prog.trace.gz --elf prog --watch counter:w')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'hwbp: ')) })
    .exitOverride();
  addReplay(program);
  addRecord(program);
  addStat(program);
  addConform(program);
  addRun(program);
  addDebug(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

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

endWhenUnread(process.stdout);
endWhenUnread(process.stderr);
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}
// A standard input that is not read to its end would keep the process.
process.stdin.destroy();
