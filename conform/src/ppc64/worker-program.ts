import type { Access, Context, Cpu, Instruction, Program, ProgramState, Task } from '@hwbp/core';
import { STUBS, type Stub, stubAt } from './worker-layout.js';

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

/**
 * The recorded tasks' program: executes whatever instruction the program counter points at. Behind each stub there is a trap,
 * which hands control back to the recorder.
 */
export class WorkerProgram implements Program {
  readonly state: ProgramState = 'ready';
  readonly #syscall: (task: Task, name: string) => Program;
  /** A load-reserve was executed and no exception has come since. */
  #reserved = false;

  /** Bytes in a page of which the first store faults; 0: no store does. */
  readonly #pageSize: number;
  /** Pages that were stored to. */
  readonly #changed = new Set<bigint>();

  /** `syscall`: the kernel's side of a system call. `pageSize`: of pages whose first store faults, or 0. */
  constructor(syscall: (task: Task, name: string) => Program, pageSize: number) {
    this.#syscall = syscall;
    this.#pageSize = pageSize;
  }

  run(cpu: Cpu, budget: number): number {
    const task = cpu.current;
    if (task === undefined) return 0;
    let retired = 0;
    while (retired < budget) {
      if (cpu.execute(this.#describe(task)) !== undefined) retired++;
      else this.#reserved = false;
      if (cpu.attention) break;
    }
    return retired;
  }

  #describe(task: Task): Instruction {
    const { context } = task;
    const { pc } = context;
    const at = stubAt(pc);
    const stub = at === undefined ? undefined : STUBS[at.name];
    const trap: Instruction = { pc, length: 4, trap: 'breakpoint' };
    if (at === undefined || stub === undefined) return trap;
    const { length = 4 } = stub;
    if (at.offset === length && stub.cond === true) return this.#storeConditional(pc, stub, context);
    if (at.offset !== 0) return trap;
    if (stub.kind === 'syscall') return { pc, length, syscall: () => this.#syscall(task, at.name) };
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
