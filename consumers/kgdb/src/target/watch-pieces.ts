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
  if (length > (manifest.dataLengths.at(-1) ?? 0) * MOST_PIECES || length < 1) return whole;
  const pieces: Piece[] = [];
  const end = address + BigInt(length);
  if (end > LAST + 1n) return whole;
  for (let at = address; at < end; ) {
    const fitting = manifest.dataLengths.findLast((size) => fits(manifest, at, size, end));
    if (fitting === undefined) return whole;
    pieces.push({ address: at, length: fitting });
    at += BigInt(fitting);
  }
  return pieces;
}

function fits({ alignment, granule }: ArchManifest, at: bigint, size: number, end: bigint): boolean {
  const last = at + BigInt(size) - 1n;
  if (last >= end) return false;
  if (alignment === 'natural') return at % BigInt(size) === 0n;
  return alignment === 'any' || at / BigInt(granule) === last / BigInt(granule);
}
