import { utf8Length } from '@hwbp/core';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { dataError } from './data-error.js';

/** perf pads texts to this. */
export const TEXT_ALIGN = 64;

/** Appends a text as features have it: its size with the padding, then itself. */
export function writeText(writer: ByteWriter, name: string, value: string): void {
  const length = utf8Length(value);
  writer.u32(name, length + TEXT_ALIGN - (length % TEXT_ALIGN));
  writer.text(name, value, TEXT_ALIGN);
}

/** Takes one from the front. */
export function readText(reader: ByteReader, name: string): string {
  return reader.text(name, reader.u32(name));
}

/** Appends a number of things and the things. */
export function writeList<T>(writer: ByteWriter, name: string, list: readonly T[], write: (one: T) => void): void {
  writer.u32(name, list.length);
  for (const one of list) write(one);
}

/** Takes as many as a 32-bit number says, of at least `each` bytes. */
export function readList<T>(reader: ByteReader, name: string, each: number, decode: () => T): T[] {
  const count = reader.u32(name);
  if (count > reader.left / each) throw dataError(`${name} says ${count}, and only ${reader.left} bytes follow`);
  return Array.from({ length: count }, decode);
}
