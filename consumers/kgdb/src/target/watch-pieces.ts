import type { ArchManifest } from '@hwbp/core';

/** A part of a range that one debug register can watch. */
export interface Piece {
  readonly address: bigint;
  readonly length: number;
}

/** Most registers that a range is spread over: no CPU has more. */
const MOST_PIECES = 16;
const LAST = 0xffff_ffff_ffff_ffffn;

/**
 * Cuts a range into parts that single registers can watch: a debugger asks for whole variables, wherever they lie. The
 * range as it is where nothing fits, or nothing has to be cut: the architecture then says what is wrong with it.
 */
export function watchPieces(manifest: ArchManifest, address: bigint, length: number): readonly Piece[] {
  const whole = [{ address, length }];
  const { dataLengths, longestRange } = manifest;
  const longest = Math.max(dataLengths.at(-1) ?? 0, longestRange);
  if (length > longest * MOST_PIECES || length < 1) return whole;
  const pieces: Piece[] = [];
  const end = address + BigInt(length);
  if (end > LAST + 1n) return whole;
  for (let at = address; at < end; ) {
    const fitting = rangeFrom(manifest, at, end) ?? dataLengths.findLast((size) => fits(manifest, at, size, end));
    if (fitting === undefined) return whole;
    pieces.push({ address: at, length: fitting });
    at += BigInt(fitting);
  }
  return pieces;
}

/**
 * The longest range from an address on that is longer than any length that always works; `undefined`: there is none.
 */
function rangeFrom(manifest: ArchManifest, at: bigint, end: bigint): number | undefined {
  const { alignment, dataLengths, grain, longestRange } = manifest;
  const usual = dataLengths.at(-1) ?? 0;
  const most = Math.min(Number(end - at), longestRange);
  if (most <= usual) return undefined;
  // As many whole blocks of what the silicon compares, or a power of two at a multiple of it.
  const length =
    alignment === 'natural' ? naturalRange(at, most) : Math.min(most, longestRange - Number(at % BigInt(grain)));
  return length > usual ? length : undefined;
}

/** The largest power of two up to `most` that the address is a multiple of. */
function naturalRange(at: bigint, most: number): number {
  let length = 2 ** Math.floor(Math.log2(most));
  while (at % BigInt(length) !== 0n) length /= 2;
  return length;
}

function fits({ alignment, granule }: ArchManifest, at: bigint, size: number, end: bigint): boolean {
  const last = at + BigInt(size) - 1n;
  if (last >= end) return false;
  if (alignment === 'natural') return at % BigInt(size) === 0n;
  return alignment === 'any' || at / BigInt(granule) === last / BigInt(granule);
}
