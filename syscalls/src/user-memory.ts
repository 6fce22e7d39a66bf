import type { Access, AddressSpace, ArchManifest, Instruction, Loaded, Task, Waiting } from '@hwbp/core';
import { callError } from './errors.js';

/** Bytes of kernel text that a routine of this package has. */
const ROUTINE = 0x100;
/** The routines that execute instructions: where breakpoints and traces find them. */
const ROUTINES = ['_copy_to_user', '_copy_from_user', 'futex_get_value'] as const;

/** A routine of the kernel. */
export type Routine = (typeof ROUTINES)[number];

/** Where kernel text is that nobody has placed: where 64-bit Linux has its image on x86; of 32 bits, 16 MiB into it. */
function defaultText({ wordSize }: Pick<ArchManifest, 'wordSize'>): bigint {
  return wordSize === 8 ? 0xffff_ffff_8100_0000n : 0xc100_0000n;
}

/** Steps of a call that load and store. */
export type Steps<T> = Generator<Instruction, T, Loaded>;

/** Steps that may wait in between. */
export type Blocking<T> = Generator<Instruction | Waiting, T, Loaded>;

/** The memory of callers, accessed by instructions of the kernel's: watches on it see them. */
export class UserMemory {
  /** Address of the first routine. */
  readonly text: bigint;
  readonly #manifest: ArchManifest;

  constructor(manifest: ArchManifest, text: bigint = defaultText(manifest)) {
    this.#manifest = manifest;
    this.text = text;
  }

  /** Throws EFAULT for what a task may not access. */
  check(task: Task, address: bigint, size: number, write: boolean): void {
    if (size === 0) return;
    const end = address + BigInt(size);
    const fault = end > this.#manifest.taskSize ? address : task.memory.firstFault(address, size, write);
    if (fault === undefined) return;
    const what = write ? 'stored to' : 'loaded from';
    throw callError('CALL_BAD_ADDRESS', `0x${fault.toString(16)} cannot be ${what} by task ${task}`, {
      address: fault,
    });
  }

  /** Stores bytes, a word at most at a time. Throws EFAULT before the first. */
  *store(task: Task, address: bigint, bytes: Uint8Array): Steps<void> {
    this.check(task, address, bytes.length, true);
    for (const [at, from, size] of this.#words(address, bytes.length)) {
      const value = this.#integer(bytes.subarray(from, from + size));
      yield this.#step('_copy_to_user', { kind: 'write', address: at, size, value });
    }
  }

  /** Loads bytes, likewise. */
  *load(task: Task, address: bigint, size: number): Steps<Uint8Array> {
    this.check(task, address, size, false);
    const bytes = new Uint8Array(size);
    for (const [at, from, count] of this.#words(address, size)) {
      const [value] = yield this.#step('_copy_from_user', { kind: 'read', address: at, size: count });
      bytes.set(this.#bytes(value ?? 0n, count), from);
    }
    return bytes;
  }

  /** Loads an unsigned integer. */
  *loadInteger(task: Task, address: bigint, size: number, routine: Routine = '_copy_from_user'): Steps<bigint> {
    this.check(task, address, size, false);
    const [value] = yield this.#step(routine, { kind: 'read', address, size });
    return value ?? 0n;
  }

  /** Stores the low bytes of an integer. */
  *storeInteger(task: Task, address: bigint, size: number, value: bigint): Steps<void> {
    this.check(task, address, size, true);
    yield this.#step('_copy_to_user', { kind: 'write', address, size, value: BigInt.asUintN(8 * size, value) });
  }

  /** Loads text up to its zero. Throws EFAULT for what has none in `most` bytes. */
  *loadText(task: Task, address: bigint, most: number): Steps<string> {
    const bytes: number[] = [];
    while (bytes.length < most) {
      const byte = Number(yield* this.loadInteger(task, address + BigInt(bytes.length), 1));
      if (byte === 0) return String.fromCharCode(...bytes);
      bytes.push(byte);
    }
    throw callError('CALL_BAD_ADDRESS', `the text at 0x${address.toString(16)} has no end in ${most} bytes`);
  }

  /** A list of texts by pointers, up to a null pointer; a null list is empty. */
  *loadTexts(task: Task, address: bigint, most: number): Steps<readonly string[]> {
    const texts: string[] = [];
    const { wordSize } = this.#manifest;
    while (address !== 0n && texts.length < most) {
      const pointer = yield* this.loadInteger(task, address + BigInt(texts.length * wordSize), wordSize);
      if (pointer === 0n) break;
      texts.push(yield* this.loadText(task, pointer, 4096));
    }
    return texts;
  }

  /** Bytes of a word. */
  get wordSize(): number {
    return this.#manifest.wordSize;
  }

  #step(routine: Routine, access: Access): Instruction {
    return { pc: this.text + BigInt(ROUTINE * ROUTINES.indexOf(routine)), length: 4, accesses: [access] };
  }

  /** Pieces that are aligned to their size: address, offset, bytes. */
  *#words(address: bigint, size: number): Generator<readonly [bigint, number, number]> {
    const { wordSize } = this.#manifest;
    for (let done = 0; done < size; ) {
      const at = address + BigInt(done);
      const inside = Number(at % BigInt(wordSize));
      let count = Math.min(wordSize - inside, size - done);
      // An integer has a power of two of them, at a multiple of it.
      while ((count & (count - 1)) !== 0 || inside % count !== 0) count--;
      yield [at, done, count];
      done += count;
    }
  }

  #integer(bytes: Uint8Array): bigint {
    const ordered = this.#manifest.byteOrder === 'big' ? bytes : bytes.toReversed();
    return ordered.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  #bytes(value: bigint, size: number): Uint8Array {
    const bytes = Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
    return this.#manifest.byteOrder === 'big' ? bytes.toReversed() : bytes;
  }
}

/** Symbols of the routines, for a kernel's symbol table. */
export function routineSymbols(text: bigint): { name: string; address: bigint; size: number }[] {
  return ROUTINES.map((name, index) => ({ name, address: text + BigInt(ROUTINE * index), size: ROUTINE }));
}

/** Where a word is in physical memory: what it is told apart by, whoever maps it. Throws EFAULT where there is none. */
export function physicalAddress(memory: AddressSpace, address: bigint): string {
  const found = memory.translate(address, true);
  if (found === undefined) throw callError('CALL_BAD_ADDRESS', `no memory is at 0x${address.toString(16)}`);
  return `${found.frame}+${found.offset}`;
}
