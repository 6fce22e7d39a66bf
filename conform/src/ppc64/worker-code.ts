import type { Access, Context, Instruction, Program, Task } from '@hwbp/core';
import type { StartCall, WorkerCode } from '../player/worker.js';
import { STUBS, type Stub, stubAt } from './worker-layout.js';

/** Registers with a system call's buffer, what is stored to it, and its length. */
const CALL_ARGUMENTS = ['r4', 'r5', 'r6'];
const LONGEST_ALIGNED = { lvx: 16n, stvx: 16n, dcbz: 128n } as const;

/** Address of an instruction's access: r4, cut to the block for those that ignore its low bits. */
function effectiveAddress(name: string, context: Context): bigint {
  const address = context.get('r4');
  const block = (LONGEST_ALIGNED as Readonly<Record<string, bigint>>)[name] ?? 1n;
  return address - (address % block);
}

/** What a store writes: r5, over and over. */
function stored({ size, cacheBlock }: Stub, context: Context): bigint {
  if (cacheBlock === true) return 0n;
  let value = 0n;
  for (let done = 0; done < size; done += 8) value = (value << 64n) | context.get('r5');
  return BigInt.asUintN(8 * size, value);
}

/** The accesses of an instruction, from the lowest address up. */
function pieces({ kind, size, piece = size }: Stub, address: bigint, value?: bigint): Access[] {
  return Array.from({ length: size / piece }, (_, i): Access => {
    const part = { address: address + BigInt(i * piece), size: piece };
    if (kind !== 'write' || value === undefined) return { kind: 'read', ...part };
    return { kind: 'write', ...part, value: value >> BigInt(8 * i * piece) };
  });
}

/** The instructions of a recorded ppc64 task. Behind each stub a trap hands control back to the recorder. */
export class Ppc64Code implements WorkerCode {
  readonly #start: StartCall;
  /** Bytes in a page of which the first store faults; 0: no store does. */
  readonly #pageSize: number;
  /** A load-reserve was executed and no exception has come since. */
  #reserved = false;
  /** Pages that were stored to. */
  readonly #changed = new Set<bigint>();

  constructor(start: StartCall, pageSize: number) {
    this.#start = start;
    this.#pageSize = pageSize;
  }

  interrupted(): void {
    this.#reserved = false;
  }

  describe(task: Task): Instruction {
    const { context } = task;
    const { pc } = context;
    const at = stubAt(pc);
    const stub = at === undefined ? undefined : STUBS[at.name];
    const trap: Instruction = { pc, length: 4, trap: 'breakpoint' };
    if (at === undefined || stub === undefined) return trap;
    const { length = 4 } = stub;
    if (at.offset === length && stub.cond === true) return this.#storeConditional(pc, stub, context);
    if (at.offset !== 0) return trap;
    if (stub.kind === 'syscall') return { pc, length, syscall: () => this.#startCall(task, at.name) };
    if (stub.kind === 'none') return { pc, length };
    const address = effectiveAddress(at.name, context);
    if (stub.kind === 'read') {
      if (stub.cond === true) this.#reserved = true;
      return { pc, length, reserve: stub.cond === true, accesses: pieces(stub, address) };
    }
    this.#faults(address);
    const value = stored(stub, context);
    return { pc, length, accesses: pieces(stub, address, value) };
  }

  #startCall(task: Task, name: string): Program {
    const args = CALL_ARGUMENTS.map((register) => task.context.get(register));
    return this.#start(task, name, args);
  }

  /** True for the first store to a page: the fault costs a reservation. */
  #faults(address: bigint): boolean {
    if (this.#pageSize === 0) return false;
    const page = address / BigInt(this.#pageSize);
    const first = !this.#changed.has(page);
    this.#changed.add(page);
    return first;
  }

  /** Without its reservation it stores nothing. */
  #storeConditional(pc: bigint, { size }: Stub, context: Context): Instruction {
    if (!this.#reserved || this.#faults(context.get('r4'))) return { pc, length: 4 };
    const access = { kind: 'write', address: context.get('r4'), size, value: context.get('r5') } as const;
    return { pc, length: 4, reserve: true, accesses: [access] };
  }
}
