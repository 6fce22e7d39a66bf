import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { AnswerError } from './answer-error.js';
import { collectAnswers, type Terminal } from './ask.js';
import { type Answers, plainName, type Question } from './question.js';
import { type Repository, repositoryOf } from './repository.js';
import { checkFree, type Files, writePackage } from './write-package.js';

/** Where a package is made, and under which name. */
export interface Place {
  /** Of what is made, in small letters: `kite`. */
  readonly name: string;
  /** Of the package: `@hwbp/arch-kite` in the repository, `hwbp-arch-kite` elsewhere. */
  readonly packageName: string;
  /** From the repository's root; `undefined`: the package stands alone. */
  readonly inRepository: string | undefined;
}

/** What an initializer makes. */
export interface Initializer {
  /** The command: `create-arch`. */
  readonly command: string;
  readonly description: string;
  /** What NAME is. */
  readonly subject: string;
  readonly version: string;
  readonly questions: readonly Question[];
  /** The folder that it makes, from the repository's root or from where it is called: `arch-kite`. */
  folder(name: string, inRepository: boolean): string;
  /** The package's name without a scope: `arch-kite`. */
  packageName(name: string): string;
  /** Checks all answers and writes the files. Throws an `AnswerError`. */
  files(place: Place, answers: Answers): Files;
}

/** What an initializer is run with. */
export interface Surroundings {
  readonly cwd: string;
  /** `undefined`: nobody can be asked. */
  readonly terminal: Terminal | undefined;
  out(text: string): void;
  err(text: string): void;
}

const NAME: Question = { name: 'name', flag: '<name>', text: 'Its name', initial: '' };

interface Options {
  readonly dir?: string;
  readonly inRepo?: boolean;
}

function commandOf(initializer: Initializer, { out, err }: Surroundings): Command {
  const command = new Command(initializer.command)
    .description(initializer.description)
    .argument('[name]', initializer.subject)
    .option('--dir <folder>', 'where it is made (default: a folder of its name)')
    .option('--in-repo', 'make a package of the hwbp repository (default: inside one, unless --dir says where)')
    .option('--no-in-repo', 'make a package that stands alone')
    .version(initializer.version)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err });
  for (const { flag, text, initial } of initializer.questions) {
    const told = typeof initial === 'boolean' ? (initial ? 'yes' : 'no') : initial;
    command.option(flag, told === '' ? text : `${text} (default: ${told})`);
    if (typeof initial === 'boolean') command.option(flag.replace(/^--/, '--no-'), `not so: ${text}`);
  }
  return command;
}

/** The repository in which a package is to be made; `undefined` for one that stands alone. */
function repositoryFor({ dir, inRepo }: Options, cwd: string): Repository | undefined {
  const found = inRepo === false ? undefined : repositoryOf(cwd);
  if (inRepo === true && found === undefined) {
    throw new AnswerError(`--in-repo: ${cwd} is in no clone of hwbp: go to one, or leave the flag out`);
  }
  if (inRepo === true && dir !== undefined) {
    throw new AnswerError('--in-repo and --dir: the repository says where its packages are; leave one of them out');
  }
  return dir === undefined ? found : undefined;
}

/** Runs an initializer with a command line's arguments; returns the exit code. Nothing is written unless it is 0. */
export async function runInitializer(
  initializer: Initializer,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { cwd, terminal, out, err } = surroundings;
  const command = commandOf(initializer, surroundings);
  try {
    command.parse(args, { from: 'user' });
    const options = command.opts<Options & Answers>();
    const name = plainName(command.args[0] ?? String((await terminal?.ask(NAME)) ?? ''));
    const repository = repositoryFor(options, cwd);
    const folder = initializer.folder(name, repository !== undefined);
    const directory =
      repository === undefined ? path.resolve(cwd, options.dir ?? folder) : path.join(repository.root, folder);
    checkFree(directory);
    const inRepository = repository === undefined ? undefined : folder;
    const plain = initializer.packageName(name);
    const packageName = repository === undefined ? `hwbp-${plain}` : `@hwbp/${plain}`;
    const answers = await collectAnswers(initializer.questions, options, terminal);
    const files = initializer.files({ name, packageName, inRepository }, answers);
    writePackage(directory, files, repository);
    const enter = path.relative(cwd, repository?.root ?? directory);
    const go = repository === undefined ? 'npm test' : `npm test --workspace ${packageName}`;
    out(`${packageName} is in ${path.relative(cwd, directory) || '.'}: its README says what to write first.\n`);
    out(`\n${enter === '' ? '' : `  cd ${enter}\n`}  npm install\n  ${go}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof AnswerError) && !isRefusedBySystem(error)) throw error;
    err(`${initializer.command}: ${error.message}\n`);
    return 1;
  }
}

/** What the system refuses, such as a folder that cannot be written, is no bug. */
function isRefusedBySystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
