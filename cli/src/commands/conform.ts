import { type ConformOptions, conform, QUIRKS, Tally, TranscriptError } from '@hwbp/conform';
import { readTranscript, TranscriptWriter } from '@hwbp/conform/files';
import type { Command } from 'commander';
import { z } from 'zod';
import { ARCHITECTURE_NAMES, findArchitecture } from '../architecture/find-architecture.js';
import { runWith } from '../architecture/run-with.js';
import { EXIT_RUN, runError, usageError } from '../errors.js';
import { Output } from '../output.js';
import { outputError, writing } from '../output-error.js';
import { nearest } from '../replay/nearest.js';
import { type ConformReport, JsonConformReport, MalformedLines, TextConformReport } from './conform-report.js';

const HELP = `
FILE is a transcript recorded from a real kernel: JSON Lines, plain or gzipped. Each script in it is played on a kernel of its
own; it matches if every recorded field of every step is equal. Scripts that need a part that is not there are not played.

Examples:
  hwbp conform P.jsonl.gz
  hwbp conform --verbose P.jsonl.gz          the first difference of each script that differs
  hwbp conform --without x86-detach-keeps-breakpoints P.jsonl.gz   which scripts show this quirk
  hwbp conform --arch ./my-x86.ts P.jsonl.gz what an architecture of yours answers, if its name is x86
  hwbp conform --emit ours.jsonl P.jsonl.gz  what our kernel answered, in the same format

Quirks of Linux, on unless --strict or --without says otherwise:
${QUIRKS.map(({ name }) => `  ${name}`).join('\n')}

Exit code: 0 all that was played matches; 1 something differs, a line is no script, or a file cannot be read; 2 the command line is wrong.`;

const optionsSchema = z.object({
  verbose: z.boolean().default(false),
  json: z.boolean().default(false),
  strict: z.boolean().default(false),
  without: z.array(z.string()).default([]),
  emit: z.string().optional(),
  arch: z.string().optional(),
});

/** Gives `hwbp conform` its options, and what it does. */
export function addConform(command: Command): void {
  command
    .description('Plays transcripts recorded from real kernels against a simulated one, and compares every answer.')
    .argument('<file...>', 'transcripts')
    .option('-v, --verbose', 'show the first difference of each script, and why a script was not played')
    .option('--json', 'print JSON Lines: one object for each script and one for each file')
    .option('--strict', 'play without the quirks of Linux')
    .option('--without <quirk>', 'play without one quirk of Linux; may be repeated', append, [])
    .option('-a, --arch <name>', `architecture of the kernels: ${ARCHITECTURE_NAMES}; default: the recorded one`)
    .option('--emit <file>', "write our kernel's transcript, in the same format (gzipped if FILE ends in .gz)")
    .addHelpText('after', HELP)
    .action((files: readonly string[], raw: unknown) => conformFiles(files, optionsSchema.parse(raw)));
}

type CommandOptions = z.infer<typeof optionsSchema>;

async function conformFiles(files: readonly string[], options: CommandOptions): Promise<void> {
  checkQuirks(options.without);
  const { arch: name } = options;
  if (name === undefined) return await playFiles(files, options, undefined);
  const arch = await findArchitecture(name);
  await runWith(arch, name, () => playFiles(files, options, (facts) => arch.create(facts)));
}

async function playFiles(
  files: readonly string[],
  options: CommandOptions,
  createArchitecture: ConformOptions['createArchitecture'],
): Promise<void> {
  const output = new Output(process.stdout, options.json);
  const report = options.json ? new JsonConformReport(output) : new TextConformReport(output, options.verbose);
  const { emit } = options;
  using writer =
    emit === undefined ? undefined : writing('--emit', () => new TranscriptWriter(emit, { inputs: files }));
  let agrees = true;
  try {
    for (const file of files) {
      const tally = await one(file, { ...options, createArchitecture }, report, writer);
      await output.drain();
      agrees &&= tally.agrees;
    }
    await writer?.close();
  } catch (error) {
    throw outputError('--emit', error);
  } finally {
    output.flush();
  }
  if (!agrees) process.exitCode = EXIT_RUN;
}

async function one(
  file: string,
  options: ConformOptions,
  report: ConformReport,
  writer: TranscriptWriter | undefined,
): Promise<Tally> {
  const tally = new Tally();
  const malformed = new MalformedLines(file);
  try {
    for await (const { id, outcome } of conform(readTranscript(file), options)) {
      tally.count(outcome);
      report.script(file, id, outcome);
      if (outcome.result === 'malformed' && outcome.error !== undefined) malformed.tell(outcome.error);
      if ('played' in outcome) writer?.write(outcome.played);
    }
  } catch (error) {
    throw explain(error, file);
  }
  malformed.end();
  report.file(file, tally);
  return tally;
}

function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function checkQuirks(names: readonly string[]): void {
  const known = QUIRKS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const [meant] = nearest(name, known);
    throw usageError(
      `there is no quirk ${name}`,
      meant === undefined ? `the quirks are ${known.join(', ')}` : `did you mean ${meant}?`,
    );
  }
}

/** A file that is not there, or is no gzip, or that is made to fill the memory. */
function explain(error: unknown, file: string): unknown {
  if (error instanceof TranscriptError) return runError(error.message);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return runError(`there is no file ${file}`, 'name a transcript, such as P.jsonl.gz');
  return code === undefined ? error : runError(`${file} cannot be read: ${message}`);
}
