import { lowHalf } from '../address.js';
import type { ByteOrder } from './physical-memory.js';

/** What may be done with a page. Execution is not restricted. */
export interface PagePermissions {
  readonly read: boolean;
  readonly write: boolean;
}

/** How an address space answers accesses to pages that nobody mapped. */
export interface AddressSpaceOptions {
  /** Map a page of zeroes at the first access (default true); false: the access faults. */
  readonly demandZero?: boolean;
  /** A linear alias of physical memory: `[base, base + size)` is frame 0 onwards (the kernel's direct map). */
  readonly directMap?: { readonly base: bigint; readonly size: bigint };
}

/** How somebody reaches memory who is not the program itself. */
export interface ForceOptions {
  /** Whatever may be done with a page, it can be: as a debugger reaches a program's memory. Default false. */
  readonly force?: boolean;
}

/** A page that is mapped. */
export interface Page {
  readonly frame: number;
  readonly permissions: PagePermissions;
  /** The frame is counted as this space's, too. */
  readonly held: boolean;
}

/** All may be done. */
export const READ_WRITE: PagePermissions = Object.freeze({ read: true, write: true });
/** Of a page behind which there is no memory: no access is made in the way of others. */
export const DEVICE: PagePermissions = Object.freeze({ read: false, write: false });

/** Why an access to a page cannot be made, for people. */
export function whyNot(page: Page | undefined, write: boolean): string {
  if (page === undefined) return 'no page is mapped there';
  if (page.permissions === DEVICE) return 'the page there is a device, which has no memory';
  return `the page there may not be ${write ? 'written' : 'read'}`;
}

/** The parts of a range that lie in one page each: address and byte count. Addresses wrap at 2^64. */
export function* pieces(address: bigint, size: number, pageSize: number): Generator<[bigint, number]> {
  let at = BigInt.asUintN(64, address);
  for (let left = size; left > 0; ) {
    const count = Math.min(left, pageSize - (lowHalf(at) & (pageSize - 1)));
    yield [at, count];
    at = BigInt.asUintN(64, at + BigInt(count));
    left -= count;
  }
}

/** An unsigned integer of bytes in this order. */
export function integerOf(bytes: Uint8Array, order: ByteOrder): bigint {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    value = (value << 8n) | BigInt(bytes[order === 'big' ? i : bytes.length - 1 - i] as number);
  }
  return value;
}

/** The low `size` bytes of an integer, in this order. */
export function bytesOf(value: bigint, size: number, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[order === 'big' ? size - 1 - i : i] = Number(rest & 0xffn);
  return bytes;
}
