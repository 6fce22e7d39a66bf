import { type ArchManifest, HW_BREAKPOINT_X, type HwBreakpointAttr } from '@hwbp/core';
import {
  dataKinds,
  isAligned,
  lastAddress,
  rangeLengths,
  someDataLengths,
  someOffsets,
  TYPE_OF,
  USER_CODE,
  USER_DATA,
} from './conditions.js';

const SAMPLE_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 24, 32, 64, 4096, 0x1_0000_0000, 0x100_0000_0000];
/** What somebody loses who keeps a length in 8, 16 or 32 bits, or in a number. */
const LOST_BITS = [0x100n, 0x1_0000n, 0x1_0000_0000n, 1n << 53n, 1n << 63n];
/** Bits of `bp_type` that are no kind of access. */
const UNKNOWN_BITS = [8, 0x10, 0x40, 0x80, 0x100, 0x1_0000, 0x8000_0000];
/** Behind the last address of 32 bits. */
const BEYOND_32_BITS = 0x1_0000_0000n;

/** A request, and why the manifest says that it must not work. */
export interface RefusedAttr {
  readonly attr: HwBreakpointAttr;
  readonly why: string;
}

/** Lengths that are a good one in their low bits only: as numbers where these are exact, and as bigints. */
function disguised(manifest: ArchManifest, lengths: readonly number[]): readonly (number | bigint)[] {
  return LOST_BITS.flatMap((bits) => lengths.map((length) => bits + BigInt(length)))
    .filter((length) => length > BigInt(Math.max(manifest.longestRange, ...manifest.dataLengths, 0)))
    .flatMap((length) => (Number.isSafeInteger(Number(length)) ? [Number(length), length] : [length]));
}

/** True for lengths about which a manifest says nothing: ranges have rules of their own. */
function isRange(manifest: ArchManifest, length: number): boolean {
  return length > Math.max(...manifest.dataLengths) && length <= manifest.longestRange;
}

function* refusedTypes(manifest: ArchManifest): Generator<RefusedAttr> {
  for (const kind of ['r', 'w', 'rw', 'x'] as const) {
    if (manifest.access.includes(kind)) continue;
    const bp_len = kind === 'x' ? manifest.wordSize : (manifest.dataLengths[0] ?? 1);
    yield { attr: { bp_type: TYPE_OF[kind], bp_addr: USER_DATA, bp_len }, why: `kind ${kind} is not listed` };
  }
  for (const bp_type of [0, 7, 8, 0x10, 0x8000_0000]) {
    for (const bp_len of [1, manifest.wordSize]) {
      yield { attr: { bp_type, bp_addr: USER_DATA, bp_len }, why: `bp_type ${bp_type} is no condition` };
    }
  }
}

/** Kinds that are listed, together with bits that are none, or with each other. */
export function* refusedBits(manifest: ArchManifest): Generator<RefusedAttr> {
  const lengths = [manifest.dataLengths[0], manifest.executeLength].filter((length) => length !== undefined);
  const listed = manifest.access.map((kind) => TYPE_OF[kind]);
  const others = [5, 6, 7, ...listed.flatMap((type) => UNKNOWN_BITS.map((bit) => (type | bit) >>> 0))];
  for (const bp_type of others) {
    if (listed.includes(bp_type)) continue;
    for (const bp_len of lengths) {
      const why = `bp_type 0x${bp_type.toString(16)} has bits beside a kind that is listed`;
      yield { attr: { bp_type, bp_addr: USER_DATA, bp_len }, why };
    }
  }
}

/** Lengths whose low bits are a length that is listed. */
export function* refusedLengths(manifest: ArchManifest): Generator<RefusedAttr> {
  for (const kind of dataKinds(manifest)) {
    for (const bp_len of disguised(manifest, someDataLengths(manifest))) {
      const why = `${kind} length 0x${bp_len.toString(16)} is not listed, although its low bits are`;
      yield { attr: { bp_type: TYPE_OF[kind], bp_addr: 0n, bp_len }, why };
    }
  }
  const { executeLength } = manifest;
  if (executeLength === undefined) return;
  for (const bp_len of disguised({ ...manifest, longestRange: 0, dataLengths: [] }, [executeLength])) {
    const why = `execute length 0x${bp_len.toString(16)} is not the listed one, although its low bits are`;
    yield { attr: { bp_type: HW_BREAKPOINT_X, bp_addr: USER_CODE, bp_len }, why };
  }
}

/** Ranges that would go on at address 0, with every length that reaches so far. */
export function* refusedWraps(manifest: ArchManifest): Generator<RefusedAttr> {
  const last = lastAddress(manifest);
  const lengths = [...someDataLengths(manifest), ...rangeLengths(manifest)].filter((length) => length > 1);
  for (const kind of dataKinds(manifest)) {
    for (const bp_len of lengths) {
      for (const bp_addr of new Set([last, last - BigInt(bp_len) + 2n])) {
        const why = `${kind} length 0x${bp_len.toString(16)} at 0x${bp_addr.toString(16)} wraps around`;
        yield { attr: { bp_type: TYPE_OF[kind], bp_addr, bp_len }, why };
      }
    }
  }
}

/** Ranges at addresses that do not suit them, where every length must be aligned. */
export function* misalignedRanges(manifest: ArchManifest): Generator<RefusedAttr> {
  if (manifest.alignment !== 'natural') return;
  for (const kind of dataKinds(manifest)) {
    for (const bp_len of rangeLengths(manifest)) {
      for (const offset of new Set([1, bp_len / 2, bp_len - 1])) {
        const why = `${kind} length 0x${bp_len.toString(16)} at offset 0x${offset.toString(16)} is misaligned`;
        yield { attr: { bp_type: TYPE_OF[kind], bp_addr: BigInt(offset), bp_len }, why };
      }
    }
  }
}

function* refusedData(manifest: ArchManifest): Generator<RefusedAttr> {
  for (const kind of dataKinds(manifest)) {
    const bp_type = TYPE_OF[kind];
    for (const bp_len of SAMPLE_LENGTHS) {
      if (manifest.dataLengths.includes(bp_len) || isRange(manifest, bp_len)) continue;
      // Aligned in every sense, so that nothing but the length is wrong.
      yield {
        attr: { bp_type, bp_addr: manifest.wordSize === 4 ? 0x2000_0000n : 0x200_0000_0000n, bp_len },
        why: `${kind} length ${bp_len} is not listed`,
      };
    }
    for (const bp_len of someDataLengths(manifest)) {
      for (const offset of someOffsets(manifest, 16)) {
        const bp_addr = USER_DATA + BigInt(offset);
        if (isAligned(manifest, bp_addr, bp_len)) continue;
        yield { attr: { bp_type, bp_addr, bp_len }, why: `${kind} length ${bp_len} at offset ${offset} is misaligned` };
      }
      if (bp_len === 1) continue;
      yield { attr: { bp_type, bp_addr: lastAddress(manifest), bp_len }, why: `${kind} length ${bp_len} wraps around` };
    }
  }
}

function* refusedExecute(manifest: ArchManifest): Generator<RefusedAttr> {
  if (manifest.executeLength === undefined) return;
  for (const bp_len of SAMPLE_LENGTHS) {
    if (bp_len === manifest.executeLength) continue;
    yield { attr: { bp_type: HW_BREAKPOINT_X, bp_addr: USER_CODE, bp_len }, why: `execute length ${bp_len}` };
  }
}

/** Addresses that the CPU does not have: a breakpoint there could never fire. */
function* refusedAddresses(manifest: ArchManifest): Generator<RefusedAttr> {
  if (manifest.wordSize !== 4) return;
  const why = 'beyond the last address of 32 bits';
  for (const bp_addr of [BEYOND_32_BITS, BEYOND_32_BITS + USER_DATA, 1n << 63n]) {
    for (const kind of dataKinds(manifest)) {
      for (const bp_len of manifest.dataLengths) yield { attr: { bp_type: TYPE_OF[kind], bp_addr, bp_len }, why };
    }
    const { executeLength } = manifest;
    if (executeLength !== undefined) yield { attr: { bp_type: HW_BREAKPOINT_X, bp_addr, bp_len: executeLength }, why };
  }
}

/** Requests that the manifest says must be refused with EINVAL or EOPNOTSUPP. */
export function refusedAttrs(manifest: ArchManifest): readonly RefusedAttr[] {
  return [
    ...refusedTypes(manifest),
    ...refusedData(manifest),
    ...refusedExecute(manifest),
    ...refusedAddresses(manifest),
  ];
}
