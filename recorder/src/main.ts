import path from 'node:path';
import { OutputFile, OutputFileError, TranscriptWriter } from '@hwbp/conform/files';
import { harmless } from '@hwbp/conform/text';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { BuiltPrograms } from './build.js';
import { generate, SUITES, type Suite } from './generate/generate.js';
import { fromFiles, generated } from './jobs.js';
import { readMachineFacts } from './machine-facts.js';
import { probe } from './probe.js';
import { RecorderError } from './recorder-error.js';
import { findLacks, surroundings } from './requirements.js';
import { formatPlan } from './script-text.js';
import { Session, type Tally } from './session.js';

const HELP = `
Records what this machine's kernel answers about hardware breakpoints: gzipped JSON Lines that \`npx hwbp conform FILE\` plays.
Without FILE, scripts are generated; with transcripts, their scripts are recorded again and compared with them; a FILE that ends in
.txt has scripts in the recorder's language. Each script runs four times: forwards, in reversed order, with busy CPUs, forwards;
those that do not answer the same each time are left out.

Examples:
  npm run record                                         100 generated scripts of each suite, into recording.jsonl.gz
  npm run record -- --suite C --count 1000 --seed 5000 -o C.jsonl.gz
  npm run record -- P.jsonl.gz -o mine.jsonl.gz          does this machine answer as that one did?

Exit code: 0 done (and all that a transcript says agrees); 1 it cannot be recorded here, or something differs; 2 the command line is wrong.`;

const EXIT_OK = 0;
const EXIT_RUN = 1;
const EXIT_USAGE = 2;

/** How many scripts may be tried for one that is stable. */
const TRIES = 2;
const MOST_SEED = 0xffff_ffff;

interface Options {
  readonly output: string;
  readonly suite: readonly Suite[];
  readonly count: number;
  readonly seed: number;
  readonly leftOut?: string;
  readonly print: boolean;
}

function whole(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from 0 to ${most}.`);
  };
}

function suites(text: string): readonly Suite[] {
  const known: readonly string[] = SUITES;
  const names = text.split(',');
  if (names.every((name) => known.includes(name))) return names as Suite[];
  throw new InvalidArgumentError(`Suites are ${SUITES.join(', ')}.`);
}

/** Paths are meant from where npm was called. */
const here = (file: string): string => path.resolve(process.env.INIT_CWD ?? process.cwd(), file);
const tell = (line: string): void => void process.stderr.write(`${harmless(line)}\n`);

function summary(output: string, { recorded, stable, unstable, failed, agree, differ }: Tally): string {
  const compared = agree + differ > 0 ? `; ${agree} of ${agree + differ} agree with their transcript` : '';
  return `${output}: ${stable} of ${recorded} scripts recorded, ${unstable} unstable, ${failed} failed${compared}`;
}

async function requireMachine(): Promise<BuiltPrograms> {
  const lacks = findLacks(surroundings());
  if (lacks.length > 0) {
    throw new RecorderError(
      `this cannot be recorded here: ${lacks.map(({ what }) => what).join('; ')}`,
      lacks.map(({ remedy }) => remedy).join('; '),
    );
  }
  const programs = await BuiltPrograms.build();
  const obstacle = await probe(programs);
  if (obstacle === undefined) return programs;
  programs[Symbol.dispose]();
  throw new RecorderError(
    `this cannot be recorded here: ${obstacle}`,
    'use a machine with debug registers, outside of containers',
  );
}

async function record(files: readonly string[], options: Options): Promise<void> {
  if (options.print) {
    for (const suite of options.suite)
      for (let n = 0; n < options.count; n++) process.stdout.write(formatPlan(generate(suite, options.seed + n)).text);
    return;
  }
  const output = here(options.output);
  const inputs = files.map(here);
  const leftOutName = options.leftOut === undefined ? undefined : here(options.leftOut);
  if (leftOutName === output) throw new OutputFileError(options.output, '--left-out has the same name', true);
  using transcript = new TranscriptWriter(output, { inputs });
  using leftOut = leftOutName === undefined ? undefined : new OutputFile(leftOutName, { inputs });
  using programs = await requireMachine();
  const session = new Session(programs, readMachineFacts(), {
    transcript,
    tell,
    ...(leftOut === undefined ? {} : { leftOut: (text: string) => leftOut.write(Buffer.from(text)) }),
  });
  try {
    if (files.length > 0) await session.record(fromFiles(inputs));
    else
      for (const suite of options.suite)
        await session.record(generated(suite, options.seed), options.count, TRIES * options.count);
  } finally {
    // What was recorded until something failed is worth having.
    if (session.tally.recorded > 0) {
      await transcript.close();
      leftOut?.finish();
    }
    process.stdout.write(`${harmless(summary(options.output, session.tally))}\n`);
  }
  if (session.tally.differ > 0) process.exitCode = EXIT_RUN;
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  if (error instanceof RecorderError) {
    tell(`record: ${error.message}`);
    if (error.remedy !== undefined) tell(error.remedy);
  } else if (error instanceof OutputFileError) {
    tell(`record: ${error.message}`);
    if (error.refused) tell('name another file with --output, --left-out');
    return error.refused ? EXIT_USAGE : EXIT_RUN;
  } else tell(`record: a bug: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT_RUN;
}

const command = new Command('record')
  .description("Records transcripts of this machine's hardware breakpoints.")
  .argument('[file...]', 'transcripts whose scripts are recorded again, or scripts (.txt)')
  .option('-o, --output <file>', 'the transcript to write, gzipped if its name ends in .gz', 'recording.jsonl.gz')
  .option('-s, --suite <names>', 'suites of generated scripts: P ptrace, C constraints, H hits', suites, SUITES)
  .option('-n, --count <number>', 'stable scripts of each suite', whole(1_000_000), 100)
  .option('--seed <number>', 'of the first script of each suite; the next have the next', whole(MOST_SEED), 1)
  .option('--left-out <file>', 'write the scripts that were left out, as text')
  .option('--print', 'print generated scripts, and record nothing', false)
  .addHelpText('after', HELP)
  .configureOutput({ outputError: (text, write) => write(harmless(text)) })
  .exitOverride()
  .action((files: readonly string[], options: Options) => record(files, options));
// A reader that has gone is no error of ours; a disk that is full is told, without a stack.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') tell(`record: standard output cannot be written: ${error.message}`);
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_RUN);
});
try {
  await command.parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}
