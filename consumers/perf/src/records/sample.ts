import { checkAttrBits } from '../attr/check-attr.js';
import {
  PERF_FORMAT_GROUP,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_AUX,
  PERF_SAMPLE_BRANCH_STACK,
  PERF_SAMPLE_CALLCHAIN,
  PERF_SAMPLE_CGROUP,
  PERF_SAMPLE_CODE_PAGE_SIZE,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_DATA_PAGE_SIZE,
  PERF_SAMPLE_DATA_SRC,
  PERF_SAMPLE_ID,
  PERF_SAMPLE_IDENTIFIER,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_MAX,
  PERF_SAMPLE_PERIOD,
  PERF_SAMPLE_PHYS_ADDR,
  PERF_SAMPLE_RAW,
  PERF_SAMPLE_READ,
  PERF_SAMPLE_REGS_INTR,
  PERF_SAMPLE_REGS_USER,
  PERF_SAMPLE_STACK_USER,
  PERF_SAMPLE_STREAM_ID,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
  PERF_SAMPLE_TRANSACTION,
  PERF_SAMPLE_WEIGHT,
  PERF_SAMPLE_WEIGHT_STRUCT,
} from '../attr/formats.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { type ReadValues, readReadValues, writeReadValues } from './read-values.js';
import type { RecordFormat } from './record-format.js';
import type { PERF_RECORD_SAMPLE } from './record-types.js';
import type { SampleId } from './sample-id.js';
import {
  type BranchStack,
  readBranchStack,
  readRegisters,
  readStack,
  type SampleRegisters,
  type SampleStack,
  writeBranchStack,
  writeRegisters,
  writeStack,
} from './sample-state.js';

/** An event happened (PERF_RECORD_SAMPLE). Each field is there only if `sample_type` has it. */
export interface SampleRecord extends SampleId {
  readonly type: typeof PERF_RECORD_SAMPLE;
  /** PERF_RECORD_MISC_*: the mode of the CPU. */
  readonly misc: number;
  /** Instruction pointer at delivery: of data breakpoints on x86, the next instruction. */
  readonly ip?: bigint;
  /** Of a breakpoint its `bp_addr`, not the very byte that was accessed. */
  readonly addr?: bigint;
  /** Occurrences since the sample before: 1 for breakpoints of period 1. */
  readonly period?: bigint;
  /** Of PERF_SAMPLE_READ. */
  readonly values?: ReadValues;
  /** Instruction pointers, innermost first, with PERF_CONTEXT_* between them. */
  readonly callchain?: readonly bigint[];
  /** Of PERF_SAMPLE_RAW; read back with the padding that the writer added: a multiple of 8 bytes, less 4. */
  readonly raw?: Uint8Array;
  readonly branch_stack?: BranchStack;
  /** Of user mode, and of whatever was interrupted. */
  readonly regs_user?: SampleRegisters;
  readonly regs_intr?: SampleRegisters;
  readonly stack_user?: SampleStack;
  readonly weight?: bigint;
  /** PERF_MEM_*: where the data came from; not available unless given. */
  readonly data_src?: bigint;
  readonly transaction?: bigint;
  readonly phys_addr?: bigint;
  readonly cgroup?: bigint;
  readonly data_page_size?: bigint;
  readonly code_page_size?: bigint;
  /** AUX data of the sample: a multiple of 8 bytes. */
  readonly aux?: Uint8Array;
}

/** The 64-bit fields behind the variable ones, in their order: before the interrupted registers, and behind them. */
const MIDDLE = [
  ['weight', PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT],
  ['data_src', PERF_SAMPLE_DATA_SRC],
  ['transaction', PERF_SAMPLE_TRANSACTION],
] as const satisfies readonly (readonly [keyof SampleRecord, number])[];
const TAIL = [
  ['phys_addr', PERF_SAMPLE_PHYS_ADDR],
  ['cgroup', PERF_SAMPLE_CGROUP],
  ['data_page_size', PERF_SAMPLE_DATA_PAGE_SIZE],
  ['code_page_size', PERF_SAMPLE_CODE_PAGE_SIZE],
] as const satisfies readonly (readonly [keyof SampleRecord, number])[];

/**
 * `data_src` of what is no load or store of the cache hierarchy: OP, LVL, SNOOP, LOCK, TLB and LVLNUM all say "not
 * available".
 */
export const PERF_MEM_NA = 0x1e05080021n;

const NOTHING: ReadValues = { value: 0n };
const NOBODY: ReadValues = { values: [] };
const NO_BYTES = new Uint8Array(0);

/** Appends the body of a sample; what is missing is 0 or empty, `data_src` PERF_MEM_NA. */
export function writeSample(writer: ByteWriter, sample: SampleRecord, format: RecordFormat): void {
  const { sample_type = 0, read_format = 0 } = format;
  if (!(sample_type >= 0 && sample_type < PERF_SAMPLE_MAX)) checkAttrBits(format);
  const { id = 0n } = sample;
  if (sample_type & PERF_SAMPLE_IDENTIFIER) writer.u64('id', id);
  if (sample_type & PERF_SAMPLE_IP) writer.u64('ip', sample.ip ?? 0n);
  if (sample_type & PERF_SAMPLE_TID) {
    writer.u32('pid', sample.pid ?? 0);
    writer.u32('tid', sample.tid ?? 0);
  }
  if (sample_type & PERF_SAMPLE_TIME) writer.u64('time', sample.time ?? 0n);
  if (sample_type & PERF_SAMPLE_ADDR) writer.u64('addr', sample.addr ?? 0n);
  if (sample_type & PERF_SAMPLE_ID) writer.u64('id', id);
  if (sample_type & PERF_SAMPLE_STREAM_ID) writer.u64('stream_id', sample.stream_id ?? 0n);
  if (sample_type & PERF_SAMPLE_CPU) {
    writer.u32('cpu', sample.cpu ?? 0);
    writer.u32('res', 0);
  }
  if (sample_type & PERF_SAMPLE_PERIOD) writer.u64('period', sample.period ?? 0n);
  if (sample_type & PERF_SAMPLE_READ) {
    const group = (read_format & PERF_FORMAT_GROUP) !== 0;
    writeReadValues(writer, sample.values ?? (group ? NOBODY : NOTHING), read_format);
  }
  if (sample_type & PERF_SAMPLE_CALLCHAIN) {
    const { callchain = [] } = sample;
    writer.u64('nr', callchain.length);
    for (const ip of callchain) writer.u64('callchain', ip);
  }
  if (sample_type & PERF_SAMPLE_RAW) {
    const { raw = NO_BYTES } = sample;
    const padding = -(raw.length + 4) & 7;
    writer.u32('raw.length', raw.length + padding);
    writer.raw(raw);
    writer.zeros(padding);
  }
  if (sample_type & PERF_SAMPLE_BRANCH_STACK) {
    writeBranchStack(writer, sample.branch_stack, format.branch_sample_type);
  }
  if (sample_type & PERF_SAMPLE_REGS_USER) {
    writeRegisters(writer, 'regs_user', sample.regs_user, format.sample_regs_user);
  }
  if (sample_type & PERF_SAMPLE_STACK_USER) writeStack(writer, sample.stack_user);
  for (const [name, bits] of MIDDLE) {
    if (sample_type & bits) writer.u64(name, sample[name] ?? (name === 'data_src' ? PERF_MEM_NA : 0n));
  }
  if (sample_type & PERF_SAMPLE_REGS_INTR) {
    writeRegisters(writer, 'regs_intr', sample.regs_intr, format.sample_regs_intr);
  }
  for (const [name, bits] of TAIL) if (sample_type & bits) writer.u64(name, sample[name] ?? 0n);
  if (sample_type & PERF_SAMPLE_AUX) {
    const { aux = NO_BYTES } = sample;
    writer.u64('aux', aux.length);
    writer.raw(aux);
  }
}

/** Takes the body of a sample from the front. */
export function readSample(reader: ByteReader, format: RecordFormat): Omit<SampleRecord, 'type' | 'misc'> {
  const { sample_type = 0, read_format = 0 } = format;
  if (!(sample_type >= 0 && sample_type < PERF_SAMPLE_MAX)) checkAttrBits(format);
  const sample: { -readonly [field in keyof SampleRecord]?: SampleRecord[field] } = {};
  if (sample_type & PERF_SAMPLE_IDENTIFIER) sample.id = reader.u64('id');
  if (sample_type & PERF_SAMPLE_IP) sample.ip = reader.u64('ip');
  if (sample_type & PERF_SAMPLE_TID) {
    sample.pid = reader.u32('pid');
    sample.tid = reader.u32('tid');
  }
  if (sample_type & PERF_SAMPLE_TIME) sample.time = reader.u64('time');
  if (sample_type & PERF_SAMPLE_ADDR) sample.addr = reader.u64('addr');
  if (sample_type & PERF_SAMPLE_ID) sample.id = reader.u64('id');
  if (sample_type & PERF_SAMPLE_STREAM_ID) sample.stream_id = reader.u64('stream_id');
  if (sample_type & PERF_SAMPLE_CPU) {
    sample.cpu = reader.u32('cpu');
    reader.u32('res');
  }
  if (sample_type & PERF_SAMPLE_PERIOD) sample.period = reader.u64('period');
  if (sample_type & PERF_SAMPLE_READ) sample.values = readReadValues(reader, read_format);
  if (sample_type & PERF_SAMPLE_CALLCHAIN) {
    const nr = reader.count('callchain', 8);
    sample.callchain = Array.from({ length: nr }, () => reader.u64('callchain'));
  }
  if (sample_type & PERF_SAMPLE_RAW) sample.raw = reader.raw('raw', reader.u32('raw.length')).slice();
  if (sample_type & PERF_SAMPLE_BRANCH_STACK) sample.branch_stack = readBranchStack(reader, format.branch_sample_type);
  if (sample_type & PERF_SAMPLE_REGS_USER) {
    sample.regs_user = readRegisters(reader, 'regs_user', format.sample_regs_user);
  }
  if (sample_type & PERF_SAMPLE_STACK_USER) sample.stack_user = readStack(reader);
  for (const [name, bits] of MIDDLE) if (sample_type & bits) sample[name] = reader.u64(name);
  if (sample_type & PERF_SAMPLE_REGS_INTR) {
    sample.regs_intr = readRegisters(reader, 'regs_intr', format.sample_regs_intr);
  }
  for (const [name, bits] of TAIL) if (sample_type & bits) sample[name] = reader.u64(name);
  if (sample_type & PERF_SAMPLE_AUX) sample.aux = reader.raw('aux', reader.count('aux', 1)).slice();
  return sample;
}
