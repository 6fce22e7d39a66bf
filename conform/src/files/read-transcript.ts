import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Line, parseLine } from '../format/line.js';

/** The bytes of a file, decompressed if it begins like gzip. */
async function* decompressed(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done === true) return;
  async function* all(): AsyncGenerator<Buffer> {
    yield first.value as Buffer;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  const gzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  yield* gzip ? (Readable.from(all()).pipe(createGunzip()) as AsyncIterable<Buffer>) : all();
}

/** The lines of a recorded file, plain or gzipped, one at a time; one that is no script does not end it. */
export async function* readTranscript(file: string): AsyncGenerator<Line> {
  const lines = createInterface({ input: Readable.from(decompressed(file)), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() !== '') yield parseLine(line, { source: file, line: number });
  }
}
