import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/perf');

/** Places in the header of a perf.data file: the offset and the size of its records. */
const DATA_OFFSET = 40;
const DATA_SIZE = 48;
/** The bitmap of features, of so many bytes. */
const FEATURES = 72;
const FEATURE_BYTES = 32;
/** Bytes of a record's header, in which its size is. */
const RECORD_HEADER = 8;
const RECORD_SIZE = 6;

const bitsOf = (byte: number): number => [...byte.toString(2)].filter((bit) => bit === '1').length;

/**
 * A file with its first records only, some `most` bytes of them, and all that it says besides: damage falls on each
 * part of it often enough, and what is read takes little.
 */
function shortened(bytes: Uint8Array, most: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = Number(view.getBigUint64(DATA_OFFSET, true));
  const size = Number(view.getBigUint64(DATA_SIZE, true));
  let kept = 0;
  while (kept < most && kept + RECORD_HEADER <= size) kept += view.getUint16(offset + kept + RECORD_SIZE, true);
  const cut = size - kept;
  const result = new Uint8Array(bytes.length - cut);
  result.set(bytes.subarray(0, offset + kept));
  result.set(bytes.subarray(offset + size), offset + kept);
  const shorter = new DataView(result.buffer);
  shorter.setBigUint64(DATA_SIZE, BigInt(kept), true);
  // Where each feature lies is said behind the records.
  const features = bytes.subarray(FEATURES, FEATURES + FEATURE_BYTES).reduce((sum, byte) => sum + bitsOf(byte), 0);
  for (let at = offset + kept; at < offset + kept + 16 * features; at += 16)
    shorter.setBigUint64(at, shorter.getBigUint64(at, true) - BigInt(cut), true);
  return result;
}

/** Files of the real perf: plain, compressed, with registers and stacks, and as it was written to a pipe. */
export function perfFiles(): readonly Uint8Array[] {
  const read = (name: string): Uint8Array =>
    new Uint8Array(gunzipSync(readFileSync(path.join(FIXTURES, `${name}.data.gz`))));
  return [
    shortened(read('ledger'), 8192),
    shortened(read('ledger-z'), 2048),
    shortened(read('ledger-dwarf'), 16_384),
    read('ledger-pipe'),
  ];
}
