import { fc } from '@fast-check/ava';
import {
  ATTR_FLAGS,
  type AttrFlags,
  PERF_ATTR_SIZE_VER8,
  PERF_FORMAT_MAX,
  PERF_SAMPLE_MAX,
  type PerfEventAttr,
  type U64,
} from '@hwbp/perf';

/** Any 64-bit value, a number where that is exact: as decoding gives it. */
const u64 = fc
  .oneof(fc.bigInt({ min: 0n, max: 0xffn }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map((value): U64 => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value));
const big64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
export const u32 = fc.oneof(fc.nat(0xff), fc.integer({ min: 0, max: 0xffff_ffff }));
const s32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

const flags = fc
  .subarray([...ATTR_FLAGS])
  .map((names) => Object.fromEntries(names.map((name) => [name, true])) as AttrFlags);

/** Any attr as decoding gives it: without fields that are zero, with the name of each union that its flags choose. */
export const arbitraryAttr: fc.Arbitrary<PerfEventAttr & { size: number }> = fc
  .record({
    flags,
    type: fc.oneof(fc.constantFrom(0, 1, 5), u32),
    bp: fc.record({ bp_type: u32, bp_addr: big64, bp_len: u64 }),
    sharedPeriod: u64,
    sharedWakeup: u32,
    precise_ip: fc.nat(3),
    sample_type: fc.nat(PERF_SAMPLE_MAX - 1),
    read_format: fc.nat(PERF_FORMAT_MAX - 1),
    some: fc.record({
      config: u64,
      branch_sample_type: u64,
      sample_regs_user: u64,
      sample_stack_user: u32,
      clockid: s32,
      sample_regs_intr: u64,
      aux_watermark: u32,
      sample_max_stack: fc.nat(0xffff),
      aux_sample_size: u32,
      sig_data: big64,
      config3: u64,
    }),
  })
  .map(({ flags, type, bp, sharedPeriod, sharedWakeup, precise_ip, sample_type, read_format, some }) => {
    const fields = {
      ...some,
      precise_ip,
      sample_type,
      read_format,
      [flags.freq ? 'sample_freq' : 'sample_period']: sharedPeriod,
      [flags.watermark ? 'wakeup_watermark' : 'wakeup_events']: sharedWakeup,
      ...(type === 5 ? {} : { bp_type: bp.bp_type, config1: u64Of(bp.bp_addr), config2: bp.bp_len }),
    };
    const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== 0n));
    return { ...flags, ...set, ...(type === 5 ? bp : {}), type, size: PERF_ATTR_SIZE_VER8 };
  });

function u64Of(value: bigint): U64 {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
