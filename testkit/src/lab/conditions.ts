import {
  type AccessKind,
  type ArchManifest,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  type SlotClass,
  typeLetters,
} from '@hwbp/core';
import { present } from '../assert/index.js';

/** Where the suites put what they watch: user data and user code, far from each other. */
export const USER_DATA = 0x10_0000n;
export const USER_CODE = 0x50_0000n;

/** `bp_type` of each kind. */
export const TYPE_OF: Readonly<Record<AccessKind, number>> = Object.freeze({
  r: HW_BREAKPOINT_R,
  w: HW_BREAKPOINT_W,
  rw: HW_BREAKPOINT_RW,
  x: HW_BREAKPOINT_X,
});

/** The kinds of data access that can be watched. */
export function dataKinds(manifest: ArchManifest): readonly AccessKind[] {
  return manifest.access.filter((kind) => kind !== 'x');
}

/** The classes of which something can be watched. */
export function classesOf(manifest: ArchManifest): readonly SlotClass[] {
  const { slots, executeLength } = manifest;
  const classes: SlotClass[] = [];
  if (slots.data > 0 && dataKinds(manifest).length > 0) classes.push('data');
  if (slots.instruction > 0 && executeLength !== undefined) classes.push('instruction');
  return classes;
}

/** A request in words, such as `w, 0x8 bytes at 0x100000`. */
export function conditionName({ bp_type, bp_addr, bp_len }: HwBreakpointAttr): string {
  return `${typeLetters(bp_type)}, 0x${bp_len.toString(16)} bytes at ${hex(bp_addr)}`;
}

/** The class whose registers a request takes. */
export function classOf({ bp_type }: HwBreakpointAttr): SlotClass {
  return (bp_type & HW_BREAKPOINT_RW) === 0 ? 'instruction' : 'data';
}

/** The last address that there is. */
export function lastAddress({ wordSize }: ArchManifest): bigint {
  return (1n << BigInt(8 * wordSize)) - 1n;
}

/** The class that cases use which hold for either. */
export function mainClass(manifest: ArchManifest): SlotClass {
  return present(classesOf(manifest)[0], 'a class that has registers');
}

/** True if the manifest says that this address suits this length. */
export function isAligned(manifest: ArchManifest, address: bigint, length: number): boolean {
  if (manifest.alignment === 'any') return true;
  if (manifest.alignment === 'natural') return address % BigInt(length) === 0n;
  const block = BigInt(manifest.granule);
  return address / block === (address + BigInt(length) - 1n) / block;
}

/** The bytes that silicon may report for a request: the whole blocks of its grain that it touches. */
export function reportedRange({ grain }: ArchManifest, attr: HwBreakpointAttr): { first: bigint; end: bigint } {
  const block = BigInt(grain);
  const end = attr.bp_addr + BigInt(attr.bp_len);
  return { first: attr.bp_addr - (attr.bp_addr % block), end: end + ((block - (end % block)) % block) };
}

/** More than this are not all tried. */
const MANY = 16;

/** Of many numbers in a row: the first, the last, and those around powers of two. */
function sample(numbers: readonly number[]): readonly number[] {
  if (numbers.length <= MANY) return numbers;
  const last = numbers.at(-1);
  const near = (n: number): boolean => [n - 1, n, n + 1].some((m) => m >= 8 && Number.isInteger(Math.log2(m)));
  return numbers.filter((n, i) => i < 5 || n === last || near(n));
}

/** The data lengths that are listed; of many, a sample. */
export function someDataLengths({ dataLengths }: ArchManifest): readonly number[] {
  return sample(dataLengths);
}

/** Offsets in a block that data may have or not; of many, a sample. */
export function someOffsets({ granule }: ArchManifest, least = 8): readonly number[] {
  return sample(Array.from({ length: Math.max(least, granule) }, (_, offset) => offset));
}

/**
 * Data lengths at addresses of a small stretch that suit them: all, or of many a sample with the last places that still
 * suit.
 */
export function dataPlaces(manifest: ArchManifest): readonly { readonly address: bigint; readonly length: number }[] {
  return someDataLengths(manifest).flatMap((length) => {
    const last = manifest.granule - length;
    const offsets = new Set([...someOffsets(manifest), ...(last >= 0 ? [last] : [])]);
    return [...offsets]
      .map((offset) => ({ address: USER_DATA + BigInt(offset), length }))
      .filter((place) => isAligned(manifest, place.address, place.length));
  });
}

/** Lengths that are ranges: powers of two beyond those that are listed. */
export function rangeLengths({ dataLengths, longestRange }: ArchManifest): readonly number[] {
  const lengths: number[] = [];
  for (let length = 16; length <= longestRange; length *= 2) if (!dataLengths.includes(length)) lengths.push(length);
  return lengths;
}

/** Ranges at multiples of their lengths, in user space. */
function rangePlaces(manifest: ArchManifest): readonly { readonly address: bigint; readonly length: number }[] {
  return rangeLengths(manifest).map((length) => {
    const address = BigInt(Math.max(length, Number(USER_DATA)));
    return { address: address + BigInt(length) > manifest.taskSize ? 0n : address, length };
  });
}

/** One request for each kind and length: at an address that suits every one of them, one behind the other. */
export function variedAttrs(manifest: ArchManifest): readonly HwBreakpointAttr[] {
  const places = [
    ...someDataLengths(manifest).map((length) => ({ address: USER_DATA, length })),
    ...rangePlaces(manifest),
  ];
  const attrs = dataKinds(manifest).flatMap((kind) =>
    places.map(({ address, length }) => ({ bp_type: TYPE_OF[kind], bp_addr: address, bp_len: length })),
  );
  const { executeLength } = manifest;
  if (executeLength === undefined) return attrs;
  return [...attrs, { bp_type: HW_BREAKPOINT_X, bp_addr: USER_CODE, bp_len: executeLength }];
}

/** Requests that the manifest says must work, in user space. */
export function acceptedAttrs(manifest: ArchManifest): readonly HwBreakpointAttr[] {
  const attrs: HwBreakpointAttr[] = [];
  for (const kind of dataKinds(manifest)) {
    for (const { address, length } of [...dataPlaces(manifest), ...rangePlaces(manifest)]) {
      attrs.push({ bp_type: TYPE_OF[kind], bp_addr: address, bp_len: length });
    }
  }
  if (manifest.executeLength !== undefined) {
    for (const bp_addr of [USER_CODE, USER_CODE + 0x10n]) {
      attrs.push({ bp_type: HW_BREAKPOINT_X, bp_addr, bp_len: manifest.executeLength });
    }
  }
  return attrs;
}
