import type { Access, Context, Instruction, Program } from '@hwbp/core';

/** What an instruction needs to know when it is described: registers, memory without side effects, system calls. */
export interface WorkerState {
  readonly context: Context;
  /** Little-endian integer at an address; 0 where nothing is mapped. */
  peek(address: bigint, size: number): bigint;
  syscall(): Program;
}

/** An instruction: its length, and the rest of it from the state that it executes in. */
export interface Code {
  readonly length: 2 | 4;
  readonly describe: (state: WorkerState) => Omit<Instruction, 'pc' | 'length'>;
}

/** The register that a store-exclusive leaves its result in. */
export const EXCLUSIVE_RESULT = 'x5';

const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** What stores write: x1, over and over. */
export function pattern(context: Context, size: number): bigint {
  const word = context.get('x1');
  let value = 0n;
  for (let done = 0; done < size; done += 8) value = (value << 64n) | word;
  return BigInt.asUintN(8 * size, value);
}

/** The pieces of a load, in order. */
export function reads(first: bigint, ...sizes: readonly number[]): Access[] {
  let at = first;
  return sizes.map((size): Access => {
    const address = U64(at);
    at += BigInt(size);
    return { kind: 'read', address, size };
  });
}

/** The pieces of a store, in order. */
export function writes(address: bigint, value: bigint, ...sizes: readonly number[]): Access[] {
  let offset = 0;
  return sizes.map((size): Access => {
    const part = {
      address: U64(address + BigInt(offset)),
      value: BigInt.asUintN(8 * size, value >> BigInt(8 * offset)),
    };
    offset += size;
    return { kind: 'write', size, ...part };
  });
}

export function code(describe: Code['describe'] = () => ({}), length: Code['length'] = 4): Code {
  return { length, describe };
}

/** A load from x0, in pieces of these sizes. */
export function load(...sizes: readonly number[]): Code {
  return code(({ context }) => ({ accesses: reads(context.get('x0'), ...sizes) }));
}

/** A load from x0 into x4. */
export function loadWord(size: number): Code {
  return code(({ context, peek }) => {
    const address = context.get('x0');
    return { accesses: reads(address, size), registers: { x4: peek(address, size) } };
  });
}

/** A store to x0 and behind it, in pieces of these sizes. `offset`: bytes behind x0. */
export function storeAt(offset: bigint, length: Code['length'], ...sizes: readonly number[]): Code {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return code(({ context }) => {
    const address = U64(context.get('x0') + offset);
    return { accesses: writes(address, pattern(context, total), ...sizes) };
  }, length);
}

/** A store to x0, in pieces of these sizes. */
export function store(...sizes: readonly number[]): Code {
  return storeAt(0n, 4, ...sizes);
}

/** An atomic instruction: a load, then a store of what it makes of what is there. */
export function atomic(
  size: number,
  value: (old: bigint, context: Context, peek: WorkerState['peek']) => bigint,
): Code {
  return code(({ context, peek }) => {
    const address = context.get('x0');
    const stored = BigInt.asUintN(8 * size, value(peek(address, size), context, peek));
    return { accesses: [...reads(address, size), ...writes(address, stored, size)] };
  });
}

/** A load-exclusive of x0. */
export function loadExclusive(size: number): Code {
  return code(({ context }) => ({
    accesses: [{ kind: 'read', address: context.get('x0'), size, exclusive: true }],
    reserve: true,
  }));
}

/** A store-exclusive to x0. */
export function storeExclusive(size: number): Code {
  return code(({ context }) => {
    const store: Access = { kind: 'write', address: context.get('x0'), size, value: pattern(context, size) };
    return { accesses: [{ ...store, exclusive: true, into: EXCLUSIVE_RESULT }], reserve: true };
  });
}

/** An instruction that only writes registers. */
export function compute(registers: (context: Context) => Readonly<Record<string, bigint>>, length: 2 | 4 = 4): Code {
  return code(({ context }) => ({ registers: registers(context) }), length);
}

/** SUBS: counts a register down. */
export function countDown(register: string): Code {
  return compute((context) => ({ [register]: U64(context.get(register) - 1n) }));
}

/** Adds to a register. */
export function add(register: string, addend: bigint): Code {
  return compute((context) => ({ [register]: U64(context.get(register) + addend) }));
}

/** A branch by so many bytes, where a condition holds. */
export function branch(bytes: bigint, taken: (context: Context) => boolean = () => true): Code {
  return code(({ context }) => (taken(context) ? { next: context.pc + bytes } : {}));
}

/** B.NE behind the SUBS of a register: what it counts is not used up. */
export function branchWhile(register: string, bytes: bigint): Code {
  return branch(bytes, (context) => context.get(register) !== 0n);
}

/** SVC. */
export const systemCall = code((state) => ({ syscall: () => state.syscall() }));
