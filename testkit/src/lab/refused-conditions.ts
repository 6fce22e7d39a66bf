import { type ArchManifest, HW_BREAKPOINT_X, type HwBreakpointAttr } from '@hwbp/core';
import { dataKinds, isAligned, someDataLengths, someOffsets, TYPE_OF, USER_CODE, USER_DATA } from './conditions.js';

const SAMPLE_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 24, 32, 64, 4096, 0x1_0000_0000, 0x100_0000_0000];
const LAST_ADDRESS = 0xffff_ffff_ffff_ffffn;
/** Behind the last address of 32 bits. */
const BEYOND_32_BITS = 0x1_0000_0000n;

/** A request, and why the manifest says that it must not work. */
export interface RefusedAttr {
  readonly attr: HwBreakpointAttr;
  readonly why: string;
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
      yield { attr: { bp_type, bp_addr: LAST_ADDRESS, bp_len }, why: `${kind} length ${bp_len} wraps around` };
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
