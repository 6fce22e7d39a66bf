import { readFileSync } from 'node:fs';
import { type Script, TranscriptError } from '@hwbp/conform';
import { readTranscript } from '@hwbp/conform/files';
import { planOf, UnknownOpError } from './from-transcript.js';
import { generate, type Suite } from './generate/generate.js';
import { x86ScriptOf } from './recorded.js';
import { RecorderError } from './recorder-error.js';
import { formatPlan, type ScriptText, ScriptTextError, splitScripts } from './script-text.js';

/** Something to record. */
export interface Job {
  readonly script: ScriptText;
  /** What a transcript says came of it. */
  readonly known?: Script;
}

/** The scripts of a suite that the seeds from `seed` on make; it has no end. */
export function* generated(suite: Suite, seed: number): Generator<Job> {
  for (let n = seed; ; n++) yield { script: formatPlan(generate(suite, n)) };
}

/** The scripts of a transcript, to be recorded again. */
async function* fromTranscript(file: string): AsyncGenerator<Job> {
  for await (const line of readTranscript(file)) {
    // What its recorder could not finish has no script.
    if ('error' in line) continue;
    if ('malformed' in line) throw line.malformed;
    const known = x86ScriptOf(line);
    if (known === undefined) throw new UnknownOpError('it has scripts of another architecture than x86');
    yield { script: formatPlan(planOf(known)), known };
  }
}

/** The scripts of files: transcripts, or text in the recorder's language (`.txt`). */
export async function* fromFiles(files: readonly string[]): AsyncGenerator<Job> {
  for (const file of files) {
    try {
      if (file.endsWith('.txt')) for (const script of splitScripts(readFileSync(file, 'utf8'))) yield { script };
      else yield* fromTranscript(file);
    } catch (error) {
      throw explain(error, file);
    }
  }
}

function explain(error: unknown, file: string): unknown {
  if (error instanceof TranscriptError || error instanceof ScriptTextError || error instanceof UnknownOpError) {
    return new RecorderError(
      `${file}: ${error.message}`,
      'name transcripts of x86, or .txt files in the language of the recorder',
    );
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new RecorderError(`${file} cannot be read: ${message}`);
}
