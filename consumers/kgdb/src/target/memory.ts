import { hex, KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { MemoryPort } from '../rsp/target-port.js';
import type { ThreadModel } from './thread-model.js';

/** The threads whose memory it is. */
type MemoryThreads = Pick<ThreadModel, 'memory' | 'list' | 'context'>;

/** Bytes from an address on. */
interface Range {
  readonly address: bigint;
  readonly size: number;
}

/** Pages that a debugger may bring into being by writing to where a program has not been yet. */
const MOST_NEW_PAGES = 4096;
/** Bytes around a program counter that can be read whatever is mapped there: a debugger looks at the instruction. */
const TEXT_AROUND = 64n;

/**
 * Memory as threads see it. Reading maps nothing; text at a thread's program counter reads as zeroes where there is
 * none.
 */
export class Memory implements MemoryPort {
  readonly #threads: MemoryThreads;
  readonly #changed: (cause: string) => void;
  readonly #texts: readonly Range[];
  #newPages = 0;

  /**
   * `changed`: told who changed what of the run. `texts`: where instructions are that are no bytes: nothing can be read
   * there.
   */
  constructor(threads: MemoryThreads, changed: (cause: string) => void, texts: readonly Range[] = []) {
    this.#threads = threads;
    this.#changed = changed;
    this.#texts = texts;
  }

  read(thread: number, address: bigint, wanted: number): Uint8Array {
    const length = this.#untilText(address, wanted);
    const bytes = this.#threads.memory(thread, address).peek(address, length, { force: true });
    if (bytes.length > 0 || length === 0) return bytes;
    const text = this.#textFrom(address);
    if (text > 0n) return new Uint8Array(Math.min(length, Number(text)));
    throw kgdbError('KGDB_BAD_ADDRESS', `nothing can be read at ${hex(address)}: no page is mapped there`, { address });
  }

  /** Read-only pages too: that is how debuggers patch. What is there already is left alone, and changes nothing. */
  write(thread: number, address: bigint, bytes: Uint8Array): void {
    if (this.#untilText(address, bytes.length) < bytes.length) throw noBytes(address);
    const memory = this.#threads.memory(thread, address);
    if (isThere(memory.peek(address, bytes.length, { force: true }), bytes)) return;
    const pageSize = BigInt(memory.physical.pageSize);
    let fresh = 0;
    const end = address + BigInt(bytes.length);
    for (let at = address; at < end; at = (at / pageSize + 1n) * pageSize)
      if (!memory.isMapped(BigInt.asUintN(64, at))) fresh++;
    if (this.#newPages + fresh > MOST_NEW_PAGES) {
      const message = `a debugger may fill ${MOST_NEW_PAGES} pages that the program has never touched; this one would be more`;
      throw kgdbError('KGDB_NO_MEMORY', message, { address });
    }
    try {
      memory.write(address, bytes, { force: true });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      throw kgdbError('KGDB_BAD_ADDRESS', error.reason, { address });
    }
    this.#newPages += fresh;
    this.#changed(`a debugger wrote ${bytes.length} bytes at ${hex(address)}`);
  }

  /** How many bytes there are in front of instructions that are none. Throws where there is not one. */
  #untilText(address: bigint, length: number): number {
    let most = BigInt(length);
    for (const { address: first, size } of this.#texts) {
      if (address >= first && address < first + BigInt(size)) throw noBytes(address);
      if (address < first && first - address < most) most = first - address;
    }
    return Number(most);
  }

  /** Bytes from an address on that lie around some thread's program counter. */
  #textFrom(address: bigint): bigint {
    for (const { id } of this.#threads.list()) {
      const pc = this.#threads.context(id)?.pc;
      if (pc === undefined) continue;
      const distance = BigInt.asIntN(64, address - pc);
      if (distance >= -TEXT_AROUND && distance < TEXT_AROUND) return TEXT_AROUND - distance;
    }
    return 0n;
  }
}

function noBytes(address: bigint): KernelError {
  const message = `there are no bytes at ${hex(address)}: the instructions of routines are not in memory`;
  return kgdbError('KGDB_BAD_ADDRESS', message, { address });
}

function isThere(found: Uint8Array, wanted: Uint8Array): boolean {
  return found.length === wanted.length && wanted.every((byte, i) => byte === found[i]);
}
