import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { formatScript } from '../format/line.js';
import type { Script } from '../format/script.js';

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
