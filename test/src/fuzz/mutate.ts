import type { Random } from '../random.js';

/** Most bytes that one mutation doubles. */
const MOST_COPIED = 64;
/** Values that fields of files are wrong with. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff] as const;

/** Damages a copy of these bytes in at most so many places: changed, cut out, doubled, cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array, most = 8): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let left = 1 + random.below(most); left > 0 && result.length > 0; left--) {
    const at = random.below(result.length);
    switch (random.below(8)) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        result = remove(result, at, 1 + random.below(16));
        break;
      case 2:
        result = insert(result, at, result.slice(at, at + 1 + random.below(MOST_COPIED)));
        break;
      case 3:
        // A field of several bytes.
        result.fill(random.pick(EDGES), at, at + random.pick([1, 2, 4, 8]));
        break;
      case 4:
        result[at] = random.pick(EDGES);
        break;
      default:
        result[at] = random.below(256);
    }
  }
  return result;
}

function remove(bytes: Uint8Array, at: number, count: number): Uint8Array<ArrayBuffer> {
  return insert(bytes.slice(0, at), at, bytes.slice(at + count));
}

function insert(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length + piece.length);
  result.set(bytes.subarray(0, at));
  result.set(piece, at);
  result.set(bytes.subarray(at), at + piece.length);
  return result;
}

/** The same of text of single bytes. */
export function mutateText(random: Random, text: string): string {
  return Buffer.from(mutateBytes(random, Buffer.from(text, 'latin1'), 3)).toString('latin1');
}
