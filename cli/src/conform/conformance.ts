import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { StepError } from './arguments.js';
import { compareScripts, type Difference } from './compare.js';
import { resolveMachine } from './machine-facts.js';
import { readTranscript } from './read-transcript.js';
import { formatScript, type Line, type Script } from './transcript.js';
import { X86Player } from './x86/player.js';

/** What became of one script. */
export type Outcome =
  | { readonly result: 'matched'; readonly played: Script }
  | { readonly result: 'differs'; readonly played: Script; readonly difference: Difference }
  /** `reason` says what is missing, such as `needs perf`. */
  | { readonly result: 'not played'; readonly reason: string }
  /** A step that cannot be understood. */
  | { readonly result: 'malformed'; readonly reason: string };

/** How transcripts are played. */
export interface ConformOptions {
  /** Without the quirks of Linux. */
  readonly strict: boolean;
}

/** Plays one line of a transcript against a freshly composed kernel. */
function conformLine(line: Line, options: ConformOptions): Outcome {
  if (line.arch === 'none') return { result: 'not played', reason: `its recording failed (${line.error})` };
  if (line.arch !== 'x86') return { result: 'not played', reason: `needs ${line.arch}` };
  const obstacle = X86Player.obstacle(line.script);
  if (obstacle !== undefined) return { result: 'not played', reason: obstacle };
  try {
    const played = new X86Player({ ...options, machine: resolveMachine(line.script) }).play(line.script);
    const difference = compareScripts(line.script, played);
    return difference === undefined ? { result: 'matched', played } : { result: 'differs', played, difference };
  } catch (error) {
    if (error instanceof StepError) return { result: 'malformed', reason: error.message };
    throw error;
  }
}

/** Plays a file, script by script. */
export async function* conformFile(
  file: string,
  options: ConformOptions,
): AsyncGenerator<{ readonly id: string; readonly outcome: Outcome }> {
  for await (const line of readTranscript(file)) {
    yield { id: line.arch === 'x86' ? line.script.id : line.id, outcome: conformLine(line, options) };
  }
}

/** Writes played scripts to a file in the format of the recordings, gzipped if its name ends in `.gz`. */
export class TranscriptWriter {
  readonly #sink: NodeJS.WritableStream;
  readonly #end: Promise<void>;

  constructor(file: string) {
    const target = createWriteStream(file);
    this.#end = finished(target);
    // Told by `close`, and not before.
    this.#end.catch(() => {});
    if (file.endsWith('.gz')) {
      const gzip = createGzip();
      gzip.pipe(target);
      this.#sink = gzip;
    } else {
      this.#sink = target;
    }
  }

  write(script: Script): void {
    this.writeLine(formatScript(script));
  }

  /** A script that is one line of text already. */
  writeLine(line: string): void {
    this.#sink.write(`${line}\n`);
  }

  /** Resolves once everything is on disk; rejects with the file's error. */
  async close(): Promise<void> {
    this.#sink.end();
    await this.#end;
  }
}
