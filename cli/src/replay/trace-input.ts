import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { runError } from '../errors.js';
import { fileError, openSource, READ, type TraceSource } from './trace-source.js';

/**
 * Bytes of text that are replayed at a time. Tasks wait for each other at these borders, so they are the same wherever
 * the text comes from.
 */
const BLOCK = READ;

/** A trace that can be read once. */
export class TraceInput {
  /** Bytes of the source that were read so far. */
  read = 0;
  readonly #source: TraceSource;

  private constructor(source: TraceSource) {
    this.#source = source;
  }

  /** Opens a file, plain or gzipped, or standard input for `-`. Throws a usage error if there is no such file. */
  static async open(path: string): Promise<TraceInput> {
    return new TraceInput(await openSource(path));
  }

  /** For people. */
  get name(): string {
    return this.#source.name;
  }

  /** Bytes of the source; `undefined` for pipes. */
  get size(): number | undefined {
    return this.#source.size;
  }

  get gzip(): boolean {
    return this.#source.gzip;
  }

  /**
   * The text in blocks of {@link BLOCK} bytes, the last one shorter. A block is good until the next one is asked for.
   */
  async *blocks(): AsyncGenerator<Uint8Array> {
    const block = new Uint8Array(BLOCK);
    let filled = 0;
    try {
      for await (const chunk of this.gzip ? this.#unzip() : this.#raw()) {
        // A file's own chunks have the right size: they need no copy.
        if (filled === 0 && chunk.length === BLOCK) {
          yield chunk;
          continue;
        }
        for (let at = 0; at < chunk.length; ) {
          const taken = Math.min(chunk.length - at, BLOCK - filled);
          block.set(chunk.subarray(at, at + taken), filled);
          at += taken;
          filled += taken;
          if (filled < BLOCK) continue;
          filled = 0;
          yield block;
        }
      }
    } catch (error) {
      throw this.#explain(error);
    }
    if (filled > 0) yield block.subarray(0, filled);
  }

  async *#raw(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source.chunks) {
      this.read += chunk.length;
      yield chunk;
    }
  }

  #unzip(): AsyncIterable<Uint8Array> {
    const gunzip = createGunzip({ chunkSize: BLOCK });
    // Errors come out of the iteration.
    pipeline(Readable.from(this.#raw(), { objectMode: false }), gunzip, () => {});
    return gunzip;
  }

  #explain(error: unknown): unknown {
    const { name } = this;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') {
      return runError(`the gzip data of ${name} ends early`, 'the file was cut short: record or copy it again');
    }
    if (typeof code === 'string' && code.startsWith('Z_')) {
      return runError(
        `the gzip data of ${name} is damaged (${code})`,
        `copy the file again; gzip -t ${name} checks it`,
      );
    }
    return fileError('trace', name, error);
  }
}
