import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TranscriptError } from '../errors.js';
import { type Line, parseLine } from '../format/line.js';
import { byteLines } from './byte-lines.js';

const MEBIBYTE = 1024 * 1024;
/** Bytes of a line; those that were recorded have some ten thousand. */
const MOST_OF_A_LINE = 16 * MEBIBYTE;
/**
 * Bytes that a gzipped file may be unpacked to, whatever its size, and for each byte of it; recordings have some 20.
 */
const MOST_UNPACKED = 64 * MEBIBYTE;
const MOST_RATIO = 64;

/** The bytes of a file, decompressed if it begins like gzip. */
async function* decompressed(file: string, last: () => number): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file);
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done === true) return;
  let read = 0;
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; next.done !== true; next = await chunks.next()) {
      read += next.value.length;
      yield next.value;
    }
  }
  const gzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!gzip) {
    yield* all();
    return;
  }
  const gunzip = createGunzip();
  // Errors come out of the iteration.
  pipeline(Readable.from(all()), gunzip, () => {});
  let unpacked = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    unpacked += chunk.length;
    if (unpacked > MOST_UNPACKED + MOST_RATIO * read)
      throw new TranscriptError(
        'TRANSCRIPT_OVER_BUDGET',
        { source: file, line: last() + 1 },
        `over the budget of what is unpacked: the first ${read} bytes have become more than ${MOST_UNPACKED + MOST_RATIO * read} (64 MiB and ${MOST_RATIO} for each byte)`,
      );
    yield chunk;
  }
}

/**
 * The lines of a recorded file, plain or gzipped, one at a time; one that is no script does not end it. Throws a
 * `TranscriptError` for a gzipped file that becomes more than 64 MiB and 64 times its size.
 */
export async function* readTranscript(file: string): AsyncGenerator<Line> {
  let last = 0;
  for await (const lines of byteLines(
    decompressed(file, () => last),
    MOST_OF_A_LINE,
  ))
    for (const line of lines) {
      last = line.number;
      const place = { source: file, line: line.number };
      if ('tooLong' in line) {
        const complaint = `over the budget of a line: it has ${line.tooLong} bytes, and ${MOST_OF_A_LINE} (16 MiB) are read`;
        yield { malformed: new TranscriptError('TRANSCRIPT_OVER_BUDGET', place, complaint) };
        continue;
      }
      const text = line.bytes.toString('utf8');
      if (text.trim() !== '') yield parseLine(text, place);
    }
}
