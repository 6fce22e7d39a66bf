import { Inflate } from 'pako';

/**
 * Stands for Node's zlib where programs are read: unpacks into so many bytes and no more. Throws for what is no zlib
 * stream, and for one that is not whole.
 */
export function inflateSync(packed: Uint8Array, { maxOutputLength }: { readonly maxOutputLength: number }): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate();
  inflate.onData = (piece) => {
    length += piece.length;
    if (length > maxOutputLength) throw new RangeError(`it has more than ${maxOutputLength} bytes`);
    pieces.push(piece);
  };
  if (!inflate.push(packed, true)) throw new TypeError(inflate.msg);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
