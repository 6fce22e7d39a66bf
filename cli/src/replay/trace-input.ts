import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { gzipError } from './gzip-error.js';
import { BLOCK_BYTES, type TraceOrigin } from './trace-origin.js';
import { fileError, openSource, type TraceSource } from './trace-source.js';

/** Bytes of a trace that are kept for those who look ahead at what cannot be read twice. */
const MOST_AHEAD = 128 * 1024 * 1024;

/** A trace that can be read once. */
export class TraceInput implements TraceOrigin {
  /** Bytes of the source that were read so far. */
  read = 0;
  readonly #source: TraceSource;
  readonly #path: string;
  /** Blocks that were read ahead. */
  readonly #ahead: Uint8Array[] = [];
  #blocks: AsyncGenerator<Uint8Array> | undefined;

  private constructor(path: string, source: TraceSource) {
    this.#path = path;
    this.#source = source;
  }

  /** Opens a file, plain or gzipped, or standard input for `-`. Throws a usage error if there is no such file. */
  static async open(path: string): Promise<TraceInput> {
    return new TraceInput(path, await openSource(path));
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
   * The text in blocks of {@link BLOCK_BYTES}, the last one shorter. A block is good until the next one is asked for.
   */
  async *blocks(): AsyncGenerator<Uint8Array> {
    for (let block = this.#ahead.shift(); block !== undefined; block = this.#ahead.shift()) yield block;
    yield* this.#rest();
  }

  /**
   * Shows the beginning of the text to somebody until that returns true, or it ends; it will be read all the same. Of a
   * pipe at most 128 MiB.
   */
  async lookAhead(see: (block: Uint8Array) => boolean): Promise<void> {
    if (this.size !== undefined) {
      const again = await TraceInput.open(this.#path);
      for await (const block of again.blocks()) if (see(block)) break;
      return;
    }
    let bytes = 0;
    for (let next = await this.#rest().next(); next.done !== true; next = await this.#rest().next()) {
      const block = next.value.slice();
      this.#ahead.push(block);
      bytes += block.length;
      if (see(block) || bytes >= MOST_AHEAD) return;
    }
  }

  #rest(): AsyncGenerator<Uint8Array> {
    this.#blocks ??= this.#read();
    return this.#blocks;
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const block = new Uint8Array(BLOCK_BYTES);
    let filled = 0;
    try {
      for await (const chunk of this.gzip ? this.#unzip() : this.#raw()) {
        // A file's own chunks have the right size: they need no copy.
        if (filled === 0 && chunk.length === BLOCK_BYTES) {
          yield chunk;
          continue;
        }
        for (let at = 0; at < chunk.length; ) {
          const taken = Math.min(chunk.length - at, BLOCK_BYTES - filled);
          block.set(chunk.subarray(at, at + taken), filled);
          at += taken;
          filled += taken;
          if (filled < BLOCK_BYTES) continue;
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
    const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
    // Errors come out of the iteration.
    pipeline(Readable.from(this.#raw(), { objectMode: false }), gunzip, () => {});
    return gunzip;
  }

  #explain(error: unknown): unknown {
    const { name } = this;
    const { code } = error as NodeJS.ErrnoException;
    return gzipError(name, code) ?? fileError('trace', name, error);
  }
}
