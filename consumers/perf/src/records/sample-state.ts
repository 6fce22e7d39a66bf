import type { U64 } from '../attr/perf-event-attr.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';

/** Bits of `branch_sample_type` that add to a branch stack (PERF_SAMPLE_BRANCH_*). */
const HW_INDEX = 1n << 17n;
const COUNTERS = 1n << 19n;

/** A branch that was taken (struct perf_branch_entry). */
export interface BranchEntry {
  readonly from: bigint;
  readonly to: bigint;
  /** Mispredicted, predicted, in a transaction, cycles, type: bits as they are. */
  readonly flags: bigint;
}

/** The latest branches, the last one first (PERF_SAMPLE_BRANCH_STACK). */
export interface BranchStack {
  /** With PERF_SAMPLE_BRANCH_HW_INDEX: the register that holds the last one. */
  readonly hw_idx?: bigint;
  readonly entries: readonly BranchEntry[];
  /** With PERF_SAMPLE_BRANCH_COUNTERS: one for each entry. */
  readonly counters?: readonly bigint[];
}

/** Registers, those of the attr's mask in the order of its bits (PERF_SAMPLE_REGS_USER, PERF_SAMPLE_REGS_INTR). */
export interface SampleRegisters {
  /** PERF_SAMPLE_REGS_ABI_*; 0: there were none, and `regs` is empty. */
  readonly abi: bigint;
  readonly regs: readonly bigint[];
}

/** A piece of the user's stack (PERF_SAMPLE_STACK_USER). */
export interface SampleStack {
  /** From the stack pointer up: a multiple of 8 bytes. */
  readonly data: Uint8Array;
  /** How many bytes of `data` were copied. */
  readonly dyn_size: bigint;
}

const NO_BRANCHES: BranchStack = { entries: [] };
const NO_REGISTERS: SampleRegisters = { abi: 0n, regs: [] };
const NO_BYTES = new Uint8Array(0);

/** Appends a branch stack. Throws a TypeError unless there is a counter for each entry, where counters are wanted. */
export function writeBranchStack(
  writer: ByteWriter,
  stack: BranchStack = NO_BRANCHES,
  branch_sample_type: U64 = 0,
): void {
  const bits = BigInt(branch_sample_type);
  const { hw_idx = 0n, entries, counters = entries.map(() => 0n) } = stack;
  writer.u64('branch_stack', entries.length);
  if (bits & HW_INDEX) writer.u64('hw_idx', hw_idx);
  for (const { from, to, flags } of entries) {
    writer.u64('from', from);
    writer.u64('to', to);
    writer.u64('flags', flags);
  }
  if ((bits & COUNTERS) === 0n) return;
  if (counters.length !== entries.length) throw new TypeError('branch_stack.counters has one for each of its entries');
  for (const counter of counters) writer.u64('counters', counter);
}

/** Takes a branch stack from the front. */
export function readBranchStack(reader: ByteReader, branch_sample_type: U64 = 0): BranchStack {
  const bits = BigInt(branch_sample_type);
  const nr = reader.count('branch_stack', 24);
  const hw_idx = bits & HW_INDEX ? { hw_idx: reader.u64('hw_idx') } : {};
  const entries = Array.from({ length: nr }, () => {
    const from = reader.u64('from');
    const to = reader.u64('to');
    return { from, to, flags: reader.u64('flags') };
  });
  const counters = bits & COUNTERS ? { counters: Array.from({ length: nr }, () => reader.u64('counters')) } : {};
  return { ...hw_idx, entries, ...counters };
}

/** Registers that a mask names. */
function registersOf(mask: U64): number {
  let count = 0;
  for (let bits = BigInt(mask); bits > 0n; bits >>= 1n) count += Number(bits & 1n);
  return count;
}

/** Appends registers. Throws a TypeError unless there are as many as the mask names, or with `abi` 0 none. */
export function writeRegisters(
  writer: ByteWriter,
  name: string,
  { abi, regs }: SampleRegisters = NO_REGISTERS,
  mask: U64 = 0,
): void {
  const wanted = abi === 0n ? 0 : registersOf(mask);
  if (regs.length !== wanted) throw new TypeError(`${name} has ${wanted} registers, got ${regs.length}`);
  writer.u64(name, abi);
  for (const reg of regs) writer.u64(name, reg);
}

/** Takes registers from the front. */
export function readRegisters(reader: ByteReader, name: string, mask: U64 = 0): SampleRegisters {
  const abi = reader.u64(name);
  return { abi, regs: Array.from({ length: abi === 0n ? 0 : registersOf(mask) }, () => reader.u64(name)) };
}

/** Appends a piece of stack; `undefined`: none was copied. */
export function writeStack(writer: ByteWriter, stack: SampleStack | undefined): void {
  const { data = NO_BYTES, dyn_size = 0n } = stack ?? {};
  writer.u64('stack_user', data.length);
  writer.raw(data);
  if (data.length > 0) writer.u64('dyn_size', dyn_size);
}

/** Takes a piece of stack from the front. */
export function readStack(reader: ByteReader): SampleStack {
  const data = reader.raw('stack_user', reader.count('stack_user', 1)).slice();
  return { data, dyn_size: data.length === 0 ? 0n : reader.u64('dyn_size') };
}
