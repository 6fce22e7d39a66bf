import { Buffer } from 'buffer/index.js';

/** What a line of a trace has once at most: the best to look for. */
const SELDOM = /[ILSM=-]/;

/** How far into some text what is looked for is, and what that is. */
function keyOf(wanted: string): readonly [offset: number, code: number] {
  const offset = Math.max(0, wanted.search(SELDOM));
  return [offset, wanted.charCodeAt(offset)];
}

function isAt(bytes: Uint8Array, at: number, wanted: string): boolean {
  let same = 0;
  while (same < wanted.length && bytes[at + same] === wanted.charCodeAt(same)) same++;
  return same === wanted.length;
}

/** Where some text is in bytes, from a place on; -1: nowhere. */
function indexOfText(bytes: Uint8Array, wanted: string, from: number): number {
  const [offset, code] = keyOf(wanted);
  for (let at = from + offset; ; at++) {
    at = Uint8Array.prototype.indexOf.call(bytes, code, at);
    if (at < 0 || isAt(bytes, at - offset, wanted)) return at < 0 ? -1 : at - offset;
  }
}

/** The same, backwards from a place. */
function lastIndexOfText(bytes: Uint8Array, wanted: string, from: number): number {
  const [offset, code] = keyOf(wanted);
  for (let at = Math.min(bytes.length - 1, from + offset); at >= offset; at--) {
    at = Uint8Array.prototype.lastIndexOf.call(bytes, code, at);
    if (at >= offset && isAt(bytes, at - offset, wanted)) return at - offset;
  }
  return -1;
}

const { indexOf, lastIndexOf } = Buffer.prototype;

/**
 * Node's kind of bytes, for what looks at the text of traces: it looks for ASCII text in blocks again and again. The
 * package does that a byte at a time, and the engine's own search for a byte is many times as fast.
 */
export function traceBuffer(): typeof Buffer {
  Object.assign(Buffer.prototype, {
    indexOf(this: Buffer, wanted: unknown, from = 0, encoding?: Parameters<typeof indexOf>[2]): number {
      return typeof wanted === 'string' && wanted !== '' && from >= 0
        ? indexOfText(this, wanted, from)
        : indexOf.call(this, wanted as string, from, encoding);
    },
    lastIndexOf(
      this: Buffer,
      wanted: unknown,
      from = this.length,
      encoding?: Parameters<typeof lastIndexOf>[2],
    ): number {
      return typeof wanted === 'string' && wanted !== '' && from >= 0
        ? lastIndexOfText(this, wanted, from)
        : lastIndexOf.call(this, wanted as string, from, encoding);
    },
  });
  return Buffer;
}
