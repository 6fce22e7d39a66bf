import { type AddressSpace, type ByteOrder, bytesOf, type Cpu } from '../../hardware/index.js';
import type { Layout } from './layout.js';

/** What the stack of a routine is chosen by. */
export interface StackUser {
  /** What it grows down from, if somebody has said so. */
  readonly given: bigint | undefined;
  /** Number of its task, and whether that begins with it. */
  readonly pid: number | undefined;
  readonly begins: boolean;
  /** Number of the CPU whose handler it is. */
  readonly cpu: number | undefined;
}

/** Stacks of user mode: they end below this address, those of other tasks of a process below them. */
const USER_STACKS = 0x7fff_0000n;
const USER_STACK = 0x1_0000n;
/**
 * Stacks in the kernel: from so far behind the text of the assembly on, those of interrupt handlers behind all tasks'.
 */
const KERNEL_STACKS = 0x1000_0000n;
const KERNEL_STACK = 0x4000n;
const TASKS = 0x4000n;
const WORD = 8n;

/** The memory that routines find: their data, and their stacks. */
export class Memory {
  readonly #layout: Layout;
  readonly #images = new Map<ByteOrder, Uint8Array>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** See `assembly.load`. */
  load(space: AddressSpace): void {
    const { data, size } = this.#layout;
    const { pageSize, byteOrder } = space.physical;
    const bytes = this.#imageOf(byteOrder);
    for (let at = 0; at < size; ) {
      const address = data + BigInt(at);
      const count = Math.min(size - at, pageSize - Number(address % BigInt(pageSize)));
      if (!space.isMapped(address)) {
        allow(space, address, 1);
        space.write(address, bytes.subarray(at, at + count));
      }
      at += count;
    }
  }

  /**
   * The stack pointer of a routine that begins: the address 0, where it returns to, is on the stack. Throws a TypeError
   * where nobody can say what its stack is.
   */
  enter(cpu: Cpu, sp: bigint, user: StackUser): bigint {
    const { mode } = cpu.context;
    const kernel = mode !== 'user';
    const { border } = cpu.mmu.translation;
    const isThere = sp !== 0n && kernel === sp >= border && !(user.begins && !kernel);
    const top = user.given ?? (isThere ? sp : this.#ownStack(user, kernel));
    const address = BigInt.asUintN(64, top - WORD);
    const space = cpu.mmu.at(address);
    if (!isThere)
      allow(space, top - (kernel ? KERNEL_STACK : USER_STACK), Number(kernel ? KERNEL_STACK : USER_STACK), address);
    space.writeInteger(address, Number(WORD), 0n);
    return address;
  }

  #ownStack({ pid, cpu }: StackUser, kernel: boolean): bigint {
    if (!kernel) return USER_STACKS - (BigInt(pid ?? 0) % TASKS) * USER_STACK;
    const first = this.#layout.text + KERNEL_STACKS;
    if (pid !== undefined) return first + ((BigInt(pid) % TASKS) + 1n) * KERNEL_STACK;
    if (cpu !== undefined) return first + (TASKS + BigInt(cpu) + 1n) * KERNEL_STACK;
    throw new TypeError(
      `a routine of ${this.#layout.name} has no stack in the kernel: say where, as in program('entry', { stack: 'kernel_stack' })`,
    );
  }

  #imageOf(order: ByteOrder): Uint8Array {
    const known = this.#images.get(order);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(this.#layout.size);
    for (const { offset, size, values, scope, place } of this.#layout.pieces) {
      for (const [index, value] of values.entries()) {
        bytes.set(bytesOf(this.#layout.value(value, scope, place), size, order), offset + index * size);
      }
    }
    this.#images.set(order, bytes);
    return bytes;
  }
}

/** Maps a range where an address in it, by default its first, cannot be stored to. */
function allow(space: AddressSpace, first: bigint, size: number, address = first): void {
  if (space.translate(address, true) === undefined && !space.isMapped(address)) space.map(first, size);
}
