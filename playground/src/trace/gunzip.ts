import {
  Z_BUF_ERROR,
  Z_DATA_ERROR,
  Z_MEM_ERROR,
  Z_NEED_DICT,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  Z_STREAM_ERROR,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
} from 'pako';

/** The largest window of deflate, and that it is wrapped as gzip. */
const GZIP_WINDOW = 15 + 16;

/** Node's names of zlib's errors. */
const CODES: Readonly<Record<number, string>> = {
  [Z_BUF_ERROR]: 'Z_BUF_ERROR',
  [Z_DATA_ERROR]: 'Z_DATA_ERROR',
  [Z_MEM_ERROR]: 'Z_MEM_ERROR',
  [Z_NEED_DICT]: 'Z_NEED_DICT',
  [Z_STREAM_ERROR]: 'Z_STREAM_ERROR',
};

/** Compressed data that cannot be unpacked; `code` as Node's zlib has it. */
export class GunzipError extends Error {
  override readonly name = 'GunzipError';
  readonly code: string;

  constructor(status: number) {
    const code = CODES[status] ?? `Z_${status}`;
    super(code);
    this.code = code;
  }
}

/**
 * Unpacks gzip as Node's zlib does: members follow each other, and what follows a zero behind one is padding. (The
 * browser's own DecompressionStream takes one member only.) Blocks have `size` bytes, the last one fewer; a block is
 * good until the next one is asked for. Throws a {@link GunzipError}.
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const stream = new ZStream();
  zlibInflateInit2(stream, GZIP_WINDOW);
  stream.output = new Uint8Array(size);
  stream.avail_out = size;
  let ended = false;
  unpacking: for await (const chunk of chunks) {
    stream.input = chunk;
    stream.next_in = 0;
    stream.avail_in = chunk.length;
    for (let full = true; full || stream.avail_in > 0; ) {
      if (ended) {
        if (stream.avail_in === 0) break;
        if (chunk[stream.next_in] === 0) break unpacking;
        zlibInflateReset(stream);
      }
      const status = zlibInflate(stream, Z_NO_FLUSH);
      // Z_BUF_ERROR: it waits for more.
      if (status !== Z_OK && status !== Z_STREAM_END && status !== Z_BUF_ERROR) throw new GunzipError(status);
      ended = status === Z_STREAM_END;
      full = stream.avail_out === 0;
      if (!full) continue;
      yield stream.output;
      stream.next_out = 0;
      stream.avail_out = size;
    }
  }
  if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out);
  if (!ended) throw new GunzipError(Z_BUF_ERROR);
}
