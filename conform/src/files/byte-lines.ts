const LINE_FEED = 0x0a;

/** A line of bytes, or how long one is that is longer than it may be. */
export type ByteLine = { readonly number: number } & ({ readonly bytes: Buffer } | { readonly tooLong: number });

/**
 * The lines of some bytes that are not empty, with their numbers from 1: those that end in one chunk come together. Of
 * one that is longer than `most` bytes no more than that is kept, and its length is told.
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<readonly ByteLine[]> {
  let number = 1;
  let pieces: Uint8Array[] = [];
  let length = 0;
  let lines: ByteLine[] = [];
  const add = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > most) pieces = [];
    else pieces.push(piece);
  };
  const end = (): void => {
    if (length > 0) lines.push(length > most ? { number, tooLong: length } : { number, bytes: Buffer.concat(pieces) });
    number++;
    pieces = [];
    length = 0;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] !== LINE_FEED) continue;
      if (at > from) add(chunk.subarray(from, at));
      from = at + 1;
      end();
    }
    if (from < chunk.length) add(chunk.subarray(from));
    if (lines.length > 0) yield lines;
    lines = [];
  }
  end();
  if (lines.length > 0) yield lines;
}
