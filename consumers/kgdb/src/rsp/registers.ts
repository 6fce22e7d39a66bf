import type { TargetLayout, TargetRegister } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { ReplyWriter } from './reply-writer.js';
import type { RegistersPort } from './target-port.js';

const cell = new DataView(new ArrayBuffer(16));

/** Writes a register's value in the target's byte order. */
export function writeRegister(reply: ReplyWriter, registers: RegistersPort, thread: number, register: number): void {
  const { description } = registers;
  const { bits } = description.registers[register] as TargetRegister;
  const value = registers.read(thread, register);
  const bytes = bits >> 3;
  if (value === 0n) reply.zeroes(bytes);
  else reply.hex(encode(value, bytes, description.byteOrder === 'little'));
}

/** The bytes of a value; good until the next call. */
function encode(value: bigint, bytes: number, little: boolean): Uint8Array {
  if (bytes > 16) return encodeWide(value, bytes, little);
  cell.setBigUint64(little ? 0 : 8, BigInt.asUintN(64, value), little);
  cell.setBigUint64(little ? 8 : 0, bytes > 8 ? BigInt.asUintN(64, value >> 64n) : 0n, little);
  return little ? new Uint8Array(cell.buffer, 0, bytes) : new Uint8Array(cell.buffer, 16 - bytes, bytes);
}

/** Of a vector register. */
function encodeWide(value: bigint, bytes: number, little: boolean): Uint8Array {
  const encoded = Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return little ? encoded : encoded.reverse();
}

/** The value in bytes of the target's byte order. */
export function decodeRegister(bytes: Uint8Array, { byteOrder }: Pick<TargetLayout, 'byteOrder'>): bigint {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[byteOrder === 'little' ? bytes.length - 1 - i : i] as number;
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

/** A register of that number. Refuses with EINVAL if there is none. */
export function registerAt(
  { registers }: Pick<TargetLayout, 'registers'>,
  digits: string,
): { number: number; bytes: number } {
  const number = Number.parseInt(digits, 16);
  const found = registers[number];
  if (found !== undefined) return { number, bytes: found.bits >> 3 };
  throw kgdbError('KGDB_NO_REGISTER', `there is no register ${number}: the target has 0 to ${registers.length - 1}`);
}
