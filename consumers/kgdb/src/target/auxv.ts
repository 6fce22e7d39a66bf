import type { Layout } from './siginfo.js';

/**
 * A program's auxiliary vector, as its kernel puts it on the stack: pairs of a type (`AT_ENTRY` is 9) and a value, with
 * `AT_NULL` at the end.
 */
export function encodeAuxv(entries: ReadonlyMap<number, bigint>, { wordSize, byteOrder }: Layout): Uint8Array {
  const words = [...[...entries].flatMap(([type, value]) => [BigInt(type), value]), 0n, 0n];
  const view = new DataView(new ArrayBuffer(words.length * wordSize));
  const little = byteOrder === 'little';
  for (const [i, word] of words.entries()) {
    if (wordSize === 8) view.setBigUint64(8 * i, BigInt.asUintN(64, word), little);
    else view.setUint32(4 * i, Number(BigInt.asUintN(32, word)), little);
  }
  return new Uint8Array(view.buffer);
}
