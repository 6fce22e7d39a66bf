import { harmless } from '@hwbp/conform/text';
import { Command } from 'commander';
import { version } from './version.js';

/** A command that is loaded when it is wanted: what it needs takes longer than Node's own start. */
interface LazyCommand {
  readonly summary: string;
  /** Gives it its options, and what it does. `words`: of the whole command line. */
  add(command: Command, words: readonly string[]): Promise<void>;
}

/** Every command, in the order in which they are listed. */
const COMMANDS: Readonly<Record<string, LazyCommand>> = {
  replay: {
    summary: 'replay a memory trace of a real program and report who touched what',
    add: async (command) => (await import('./commands/replay.js')).addReplay(command),
  },
  record: {
    summary: 'record events of a traced program into a perf.data file',
    add: async (command, words) => (await import('./commands/record.js')).addRecord(command, words),
  },
  stat: {
    summary: 'count events of a traced program as perf stat does',
    add: async (command) => (await import('./commands/stat.js')).addStat(command),
  },
  conform: {
    summary: 'play transcripts of real kernels and compare, op for op',
    add: async (command) => (await import('./commands/conform.js')).addConform(command),
  },
  contract: {
    summary: 'run the contract suites on an architecture, yours or one of the project',
    add: async (command) => (await import('./commands/contract.js')).addContract(command),
  },
  run: {
    summary: 'compose a kernel from a config and let it run',
    add: async (command, words) => (await import('./commands/run.js')).addRun(command, words),
  },
  debug: {
    summary: 'let gdb attach to a trace or to a kernel of your own',
    add: async (command, words) => (await import('./commands/debug.js')).addDebug(command, words),
  },
};

/** Letters that other programs have for something else, and that have one meaning here. */
const OTHER_LETTERS: Readonly<Record<string, string>> = {
  '-e': '-e is an event, of hwbp record and stat: name the program with --elf FILE',
  '-c': '-c is a count of hits, of hwbp record: name the number of CPUs with --cpus N',
  '-t': 'write --threads or --tasks',
};

/** The program with what the words of a command line need of it: the other commands have a name and a summary only. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('hwbp')
    .description('Simulated kernels around hardware breakpoints.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', '\nExample:\n  hwbp replay prog.trace.gz --elf prog --watch counter:w')
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(harmless(explainError(text))) })
    .exitOverride();
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const wanted = first === 'help' ? second : first;
  for (const [name, { summary, add }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary);
    if (name === wanted) await add(command, words);
  }
  addHelp(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

/** `hwbp help [command]`: of a command that there is not it says so. */
function addHelp(program: Command): void {
  program
    .command('help')
    .summary('show the help of a command')
    .argument('[command]')
    .action(async (name: string | undefined) => {
      if (name === undefined || name === 'help') program.help();
      const command = program.commands.find((one) => one.name() === name);
      // An unknown command is told as it is where it is used.
      if (command === undefined) await program.parseAsync([String(name)], { from: 'user' });
      else command.help();
    });
}

function explainError(text: string): string {
  const [, letter = ''] = /unknown option '(-[a-z])/.exec(text) ?? [];
  const hint = OTHER_LETTERS[letter];
  const told = text.replace(/^error: /, 'hwbp: ');
  return hint === undefined ? told : `${told.trimEnd()}\n${hint}\n`;
}
