import { BLOCK_BYTES, fileKind, gzipError, HEAD, type TraceOrigin, wrongTrace } from '@hwbp/cli/portable';
import { inBlocks } from './blocks.js';
import { GunzipError, gunzip } from './gunzip.js';
import { bytesOf, chunksOf } from './page-file.js';
import { turn } from './turn.js';

/** A trace that somebody chose, plain or gzipped, read piece by piece. */
export class PageTrace implements TraceOrigin {
  /** Bytes of the file that were read so far. */
  read = 0;
  readonly gzip: boolean;
  readonly #file: File;

  private constructor(file: File, gzip: boolean) {
    this.#file = file;
    this.gzip = gzip;
  }

  /** Looks at its beginning. Throws a usage error for what is something else, or cannot be read. */
  static async open(file: File): Promise<PageTrace> {
    const head = await bytesOf('trace', file, HEAD);
    const error = wrongTrace(fileKind(head, file.name), file.name, 'replay');
    if (error !== undefined) throw error;
    return new PageTrace(file, head[0] === 0x1f && head[1] === 0x8b);
  }

  get name(): string {
    return this.#file.name;
  }

  get size(): number {
    return this.#file.size;
  }

  /** Its text, in the command's blocks: tasks wait for each other at their borders. */
  blocks(): AsyncGenerator<Uint8Array> {
    return this.#blocks((bytes) => {
      this.read += bytes;
    });
  }

  /** Shows the beginning of the text to somebody until that returns true; it will be read all the same. */
  async lookAhead(see: (block: Uint8Array) => boolean): Promise<void> {
    for await (const block of this.#blocks(() => {})) {
      if (see(block)) return;
      await turn();
    }
  }

  async *#blocks(read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    const chunks = counted(chunksOf('trace', this.#file), read);
    try {
      yield* this.gzip ? gunzip(chunks, BLOCK_BYTES) : inBlocks(chunks, BLOCK_BYTES);
    } catch (error) {
      throw error instanceof GunzipError ? gzipError(this.name, error.code) : error;
    }
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    read(chunk.length);
    yield chunk;
  }
}
