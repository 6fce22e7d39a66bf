import { fc } from '@fast-check/ava';
import {
  type BranchStack,
  PERF_FORMAT_GROUP,
  PERF_FORMAT_ID,
  PERF_FORMAT_LOST,
  PERF_FORMAT_MAX,
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_FORK,
  PERF_RECORD_LOST,
  PERF_RECORD_LOST_SAMPLES,
  PERF_RECORD_MISC_MMAP_BUILD_ID,
  PERF_RECORD_MMAP,
  PERF_RECORD_MMAP2,
  PERF_RECORD_READ,
  PERF_RECORD_SAMPLE,
  PERF_RECORD_SWITCH,
  PERF_RECORD_SWITCH_CPU_WIDE,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
  type PerfRecord,
  type ReadValues,
  type RecordFormat,
  type SampleRegisters,
  type SampleStack,
  type U64,
} from '@hwbp/perf';
import { u32 } from './arbitrary-attr.js';

/** Bits of sample_type. */
const SAMPLE_BITS = [
  0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x1_0000,
  0x2_0000, 0x4_0000, 0x8_0000, 0x10_0000, 0x20_0000, 0x40_0000, 0x80_0000, 0x100_0000,
];

const u64 = fc.oneof(fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const misc = fc.integer({ min: 0, max: 0xffff });
const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));

/** How records look. */
export const arbitraryFormat: fc.Arbitrary<Required<RecordFormat>> = fc.record({
  sample_type: fc.subarray(SAMPLE_BITS).map((bits) => bits.reduce((all, bit) => all | bit, 0)),
  read_format: fc.nat(PERF_FORMAT_MAX - 1),
  sample_id_all: fc.boolean(),
  branch_sample_type: fc.subarray([1, 1 << 17, 1 << 19]).map((bits) => bits.reduce((all, bit) => all | bit, 0)),
  sample_regs_user: fc.nat(0xff),
  sample_regs_intr: fc.oneof(
    fc.nat(0xff),
    fc.nat(3).map((low) => (3n << 62n) | BigInt(low)),
  ),
});

const bytesOf = (words: fc.Arbitrary<number>) =>
  words.chain((n) => fc.uint8Array({ minLength: 8 * n, maxLength: 8 * n }));

/** As many registers as a mask names, or none. */
function arbitraryRegisters(mask: U64): fc.Arbitrary<SampleRegisters> {
  const length = [...BigInt(mask).toString(2)].filter((bit) => bit === '1').length;
  return fc.oneof(
    fc.constant({ abi: 0n, regs: [] }),
    fc.record({
      abi: fc.constantFrom(1n, 2n),
      regs: fc.array(u64, { minLength: length, maxLength: length }),
    }),
  );
}

function arbitraryBranches(branch_sample_type: U64): fc.Arbitrary<BranchStack> {
  const bits = Number(branch_sample_type);
  return fc
    .record({
      hw_idx: u64,
      all: fc.array(fc.record({ from: u64, to: u64, flags: u64, counter: u64 }), { maxLength: 3 }),
    })
    .map(({ hw_idx, all }) => ({
      ...(bits & (1 << 17) ? { hw_idx } : {}),
      entries: all.map(({ counter: _, ...entry }) => entry),
      ...(bits & (1 << 19) ? { counters: all.map(({ counter }) => counter) } : {}),
    }));
}

const arbitraryStack: fc.Arbitrary<SampleStack> = fc.oneof(
  fc.constant({ data: new Uint8Array(0), dyn_size: 0n }),
  fc.record({ data: bytesOf(fc.integer({ min: 1, max: 3 })), dyn_size: u64 }),
);

/** Keeps what the format selects. */
function select<T extends object>(value: T, chosen: Readonly<Record<string, boolean>>): T {
  return Object.fromEntries(Object.entries(value).filter(([key]) => chosen[key] !== false)) as T;
}

function arbitraryValues(read_format: number): fc.Arbitrary<ReadValues> {
  const chosen = {
    id: (read_format & PERF_FORMAT_ID) !== 0,
    lost: (read_format & PERF_FORMAT_LOST) !== 0,
    time_enabled: (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED) !== 0,
    time_running: (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING) !== 0,
  };
  const times = { time_enabled: u64, time_running: u64 };
  const value = { value: u64, id: u64, lost: u64 };
  if ((read_format & PERF_FORMAT_GROUP) === 0)
    return fc.record({ ...times, ...value }).map((all) => select(all, chosen));
  return fc
    .record({
      ...times,
      values: fc.array(
        fc.record(value).map((one) => select(one, chosen)),
        { maxLength: 4 },
      ),
    })
    .map((all) => select(all, chosen));
}

/** Any record that an event of this format can have, as decoding gives it. */
export function arbitraryRecord({
  sample_type,
  read_format,
  sample_id_all,
  branch_sample_type = 0,
  sample_regs_user = 0,
  sample_regs_intr = 0,
}: RecordFormat &
  Required<Pick<RecordFormat, 'sample_type' | 'read_format' | 'sample_id_all'>>): fc.Arbitrary<PerfRecord> {
  const has = (bits: number): boolean => (sample_type & bits) !== 0;
  const chosen = {
    ip: has(0x1),
    pid: has(0x2),
    tid: has(0x2),
    time: has(0x4),
    addr: has(0x8),
    values: has(0x10),
    callchain: has(0x20),
    id: has(0x1_0040),
    cpu: has(0x80),
    period: has(0x100),
    stream_id: has(0x200),
    raw: has(0x400),
    branch_stack: has(0x800),
    regs_user: has(0x1000),
    stack_user: has(0x2000),
    regs_intr: has(0x4_0000),
    aux: has(0x10_0000),
    weight: has(0x100_4000),
    data_src: has(0x8000),
    transaction: has(0x2_0000),
    phys_addr: has(0x8_0000),
    cgroup: has(0x20_0000),
    data_page_size: has(0x40_0000),
    code_page_size: has(0x80_0000),
  };
  const identity = { pid: u32, tid: u32, time: u64, id: u64, cpu: u32, stream_id: u64 };
  const sample_id = fc.record(identity).map((all) => select(all, chosen));
  const tail = sample_id_all ? { sample_id } : {};
  const values = arbitraryValues(read_format);
  const pair = { pid: u32, tid: u32 };
  const mapping = { ...pair, addr: u64, len: u64, pgoff: u64, filename: text, ...tail };
  const record = <T extends number>(type: T, fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
    fc.record({ type: fc.constant(type), misc, ...fields }) as unknown as fc.Arbitrary<PerfRecord>;
  const task = { ...pair, ppid: u32, ptid: u32, time: u64, ...tail };
  const throttle = { time: u64, id: u64, stream_id: u64, ...tail };
  const protection = { prot: u32, flags: u32 };
  const withBit = (arbitrary: fc.Arbitrary<PerfRecord>, bit: number, on: boolean) =>
    arbitrary.map((one) => ({ ...one, misc: on ? one.misc | bit : one.misc & ~bit }));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: record(PERF_RECORD_SAMPLE, {
        ...identity,
        ip: u64,
        addr: u64,
        period: u64,
        values,
        callchain: fc.array(u64, { maxLength: 5 }),
        raw: fc.nat(3).chain((words) => fc.uint8Array({ minLength: 8 * words + 4, maxLength: 8 * words + 4 })),
        branch_stack: arbitraryBranches(branch_sample_type),
        regs_user: arbitraryRegisters(sample_regs_user),
        stack_user: arbitraryStack,
        regs_intr: arbitraryRegisters(sample_regs_intr),
        aux: bytesOf(fc.nat(3)),
        weight: u64,
        data_src: u64,
        transaction: u64,
        phys_addr: u64,
        cgroup: u64,
        data_page_size: u64,
        code_page_size: u64,
      }).map((all) => select(all, chosen)),
    },
    record(PERF_RECORD_MMAP, mapping),
    withBit(
      record(PERF_RECORD_MMAP2, { ...mapping, ...protection, maj: u32, min: u32, ino: u64, ino_generation: u64 }),
      PERF_RECORD_MISC_MMAP_BUILD_ID,
      false,
    ),
    withBit(
      record(PERF_RECORD_MMAP2, {
        ...mapping,
        ...protection,
        build_id: fc.uint8Array({ minLength: 1, maxLength: 20 }),
      }),
      PERF_RECORD_MISC_MMAP_BUILD_ID,
      true,
    ),
    record(PERF_RECORD_COMM, { ...pair, comm: text, ...tail }),
    record(PERF_RECORD_FORK, task),
    record(PERF_RECORD_EXIT, task),
    record(PERF_RECORD_LOST, { id: u64, lost: u64, ...tail }),
    record(PERF_RECORD_LOST_SAMPLES, { lost: u64, ...tail }),
    record(PERF_RECORD_THROTTLE, throttle),
    record(PERF_RECORD_UNTHROTTLE, throttle),
    record(PERF_RECORD_READ, { ...pair, values, ...tail }),
    record(PERF_RECORD_SWITCH, tail),
    record(PERF_RECORD_SWITCH_CPU_WIDE, { next_prev_pid: u32, next_prev_tid: u32, ...tail }),
    record(PERF_RECORD_FINISHED_ROUND, {}),
    fc.record({
      type: fc.constant('other' as const),
      number: fc.integer({ min: 22, max: 60 }),
      misc,
      payload: fc.nat(4).chain((words) => fc.uint8Array({ minLength: 8 * words, maxLength: 8 * words })),
    }),
  );
}
