import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { formatScript } from '../format/line.js';
import type { Script } from '../format/script.js';
import { OutputFile, type OutputFileOptions } from './output-file.js';

/**
 * Writes played scripts to a file in the format of the recordings, gzipped if its name ends in `.gz`. The file takes
 * its name once it is closed: see {@link OutputFile}.
 */
export class TranscriptWriter implements Disposable {
  readonly #file: OutputFile;
  readonly #sink: NodeJS.WritableStream;
  readonly #end: Promise<void>;

  /** Throws an `OutputFileError` if the file cannot be made. */
  constructor(name: string, options: Pick<OutputFileOptions, 'inputs'> = {}) {
    const file = new OutputFile(name, options);
    this.#file = file;
    const target = new Writable({
      write(bytes: Buffer, _encoding, done) {
        try {
          file.write(bytes);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
    });
    this.#end = finished(target);
    // Told by `close`, and not before.
    this.#end.catch(() => {});
    if (name.endsWith('.gz')) {
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

  /** Resolves once everything is on disk, under its name; rejects with an `OutputFileError`. */
  async close(): Promise<void> {
    this.#sink.end();
    await this.#end;
    this.#file.finish();
  }

  /** Takes away what was not closed. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
