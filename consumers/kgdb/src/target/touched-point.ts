import {
  type Access,
  type AddressSpace,
  type Cpu,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
} from '@hwbp/core';
import type { Piece } from './watch-pieces.js';

/** What a watch held when the machine went on. */
export interface HeldBytes {
  readonly memory: AddressSpace;
  readonly bytes: Uint8Array;
}

/** A point that an exception is about, and which piece of it. */
export interface TouchedPoint {
  readonly bp_type: number;
  /** The point as the debugger asked for it. */
  readonly whole: Piece;
  /** What the register watches that has reported. */
  readonly piece: Piece;
  readonly held: HeldBytes | undefined;
}

/** How much an exception has to say to a debugger's user through a point: less is more. */
const CHANGED = 0;
const READ = 1;
const ACCESSED = 2;
const STORED_THE_SAME = 3;

function overlaps(access: Access, { address, length }: Piece): boolean {
  return (
    access.space !== 'port' &&
    access.address < address + BigInt(length) &&
    access.address + BigInt(access.size) > address
  );
}

function isOfKind({ kind }: Access, bp_type: number): boolean {
  const loads = kind !== 'write' && (bp_type & HW_BREAKPOINT_R) !== 0;
  return loads || (kind !== 'read' && (bp_type & HW_BREAKPOINT_W) !== 0);
}

/** What a function of the old value, of which these are the bytes, stores; `undefined`: it throws, and nothing does. */
function storedBy(value: (old: bigint) => bigint, highestFirst: Uint8Array): bigint | undefined {
  try {
    return value(highestFirst.reduce((old, byte) => (old << 8n) | BigInt(byte), 0n));
  } catch {
    return undefined;
  }
}

/** True if a store that is yet to come gives one of these bytes another value. */
function willChange(cpu: Cpu, { address, size, value, kind }: Access, whole: Piece): boolean {
  if (kind === 'read' || value === undefined) return false;
  const memory = cpu.mmu.at(address);
  const now = memory.peek(address, size, { force: true });
  const big = memory.physical.byteOrder === 'big';
  const stored = typeof value === 'function' ? storedBy(value, big ? now : now.toReversed()) : value;
  if (stored === undefined) return false;
  return now.some((byte, i) => {
    const at = address + BigInt(i);
    if (at < whole.address || at >= whole.address + BigInt(whole.length)) return false;
    return byte !== Number((stored >> BigInt(8 * (big ? size - 1 - i : i))) & 0xffn);
  });
}

function hasChanged({ memory, bytes }: HeldBytes, { address, length }: Piece): boolean {
  const now = memory.peek(address, length, { force: true });
  return now.length !== bytes.length || now.some((byte, i) => byte !== bytes[i]);
}

function rank(point: TouchedPoint, changes: (point: TouchedPoint) => boolean): number {
  const { bp_type } = point;
  if ((bp_type & HW_BREAKPOINT_R) !== 0) return (bp_type & HW_BREAKPOINT_W) === 0 ? READ : ACCESSED;
  return bp_type !== HW_BREAKPOINT_W || changes(point) ? CHANGED : STORED_THE_SAME;
}

/**
 * Of the points that one exception is about, the one that the debugger is told of: it takes one address with a stop, so
 * the one that its user will be shown. A change comes first: a debugger that is told of a watch that did not change
 * goes on at once, and one that asked for reads and is told of a store that has changed nothing else believes in a
 * read.
 *
 * Silicon that compares whole blocks of bytes, before the access, also reports registers whose bytes are not accessed:
 * these are no point's. `undefined`: all of them were such. `cpu`: where the access is yet to be made, and the
 * instruction can be decoded.
 */
export function mostTelling<T extends TouchedPoint>(touched: readonly T[], cpu: Cpu | undefined): T | undefined {
  const accesses = cpu?.decode().accesses ?? [];
  const isTouched = ({ piece, bp_type }: TouchedPoint): boolean =>
    // An execute breakpoint is of the instruction, whatever that accesses.
    bp_type === HW_BREAKPOINT_X || accesses.some((access) => overlaps(access, piece) && isOfKind(access, bp_type));
  const changes = ({ whole, held }: TouchedPoint): boolean =>
    cpu === undefined
      ? held !== undefined && hasChanged(held, whole)
      : accesses.some((access) => willChange(cpu, access, whole));
  const real = cpu === undefined ? touched : touched.filter(isTouched);
  if (real.length <= 1) return real[0];
  return real
    .map((point) => ({ point, place: rank(point, changes) }))
    .reduce((best, next) => (next.place < best.place ? next : best)).point;
}
