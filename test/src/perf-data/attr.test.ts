import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import { decodeAttr, encodeAttr, PERF_ATTR_SIZES, PERF_TYPE_BREAKPOINT, type PerfEventAttr } from '@hwbp/perf';
import test from 'ava';
import { arbitraryAttr } from './arbitrary-attr.js';

const watch: PerfEventAttr = {
  type: PERF_TYPE_BREAKPOINT,
  bp_type: 3,
  bp_addr: 0xffff_8880_0040_4080n,
  bp_len: 4,
  sample_period: 1,
  sample_type: 0x18f,
  disabled: true,
  exclude_guest: true,
  precise_ip: 2,
};

/** The message begins with the errno. */
const refusal = (code: string, message: RegExp) => ({ instanceOf: KernelError, code, message });

test('every field lies where the structure has it', (t) => {
  const view = new DataView(
    encodeAttr({
      ...watch,
      size: 136,
      config: 1,
      read_format: 4,
      wakeup_events: 7,
      sigtrap: true,
      branch_sample_type: 8,
      sample_regs_user: 9,
      sample_stack_user: 10,
      clockid: -1,
      sample_regs_intr: 11,
      aux_watermark: 12,
      sample_max_stack: 13,
      aux_sample_size: 14,
      sig_data: 15n,
      config3: 16,
    }).buffer,
  );
  const words: [number, number][] = [
    [0, 5],
    [4, 136],
    [8, 1],
    [16, 1],
    [24, 0x18f],
    [32, 4],
    [40, 1 | (2 << 15) | (1 << 20)],
    [44, 1 << 5],
    [48, 7],
    [52, 3],
    [56, 0x0040_4080],
    [60, 0xffff_8880],
    [64, 4],
    [72, 8],
    [80, 9],
    [88, 10],
    [92, 0xffff_ffff],
    [96, 11],
    [104, 12],
    [108, 13],
    [112, 14],
    [120, 15],
    [128, 16],
  ];
  for (const [offset, value] of words) t.is(view.getUint32(offset, true), value, `offset ${offset}`);
});

test('sizes: each published one, 128 unless asked, and none that would lose a field', (t) => {
  t.is(encodeAttr(watch).length, 128);
  for (const size of PERF_ATTR_SIZES) {
    if (size === 64) continue;
    t.is(encodeAttr({ ...watch, size }).length, size);
    t.deepEqual(decodeAttr(encodeAttr({ ...watch, size })), { ...watch, size });
  }
  t.throws(
    () => encodeAttr({ ...watch, size: 64 }),
    refusal('PERF_ATTR_CUT', /^E2BIG: .*64 bytes has no bp_len, which is 4: use a size of 72/),
  );
  t.throws(() => encodeAttr({ ...watch, sig_data: 1n, size: 120 }), { code: 'PERF_ATTR_CUT', message: /size of 128/ });
  t.throws(() => encodeAttr({ ...watch, size: 100 }), { instanceOf: TypeError, message: /one of 64, 72/ });
});

test('a size of 0 means 64; a longer structure is taken as long as what is unknown is zero', (t) => {
  const old = encodeAttr({ type: 1, config: 3, size: 64 });
  old[4] = 0;
  t.deepEqual(decodeAttr(old), { type: 1, config: 3, size: 64 });
  const future = new Uint8Array(256);
  future.set(encodeAttr({ ...watch, size: 136 }));
  new DataView(future.buffer).setUint32(4, 200, true);
  t.is(decodeAttr(future).size, 200);
  future[200] = 1;
  t.is(decodeAttr(future).size, 200, 'what lies behind it does not belong to it');
  future[199] = 1;
  t.throws(() => decodeAttr(future), refusal('PERF_ATTR_SIZE', /^E2BIG: .*bit set at offset 199/));
});

test('what is no structure is refused', (t) => {
  const withSize = (size: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(4, size, true);
    return bytes;
  };
  for (const [bytes, message] of [
    [new Uint8Array(0), /of 0 bytes/],
    [new Uint8Array(63), /of 0 bytes/],
    [withSize(63, 64), /of 63 bytes/],
    [withSize(5000, 5000), /of 5000 bytes/],
    [withSize(72, 64), /says it has 72 bytes, and 64 are there/],
  ] as const) {
    t.throws(() => decodeAttr(bytes), refusal('PERF_ATTR_SIZE', message));
  }
  for (const offset of [45, 110, 116, 27, 36]) {
    const bytes = encodeAttr(watch);
    bytes[offset] = 0x80;
    t.throws(() => decodeAttr(bytes), { code: 'PERF_ATTR_RESERVED' }, `offset ${offset}`);
  }
});

test('two names of one field may not say two things', (t) => {
  t.throws(() => encodeAttr({ ...watch, config1: 1 }), { instanceOf: TypeError, message: /bp_addr and config1/ });
  t.throws(() => encodeAttr({ type: 1, sample_period: 1, sample_freq: 2 }), { instanceOf: TypeError });
  t.deepEqual(
    decodeAttr(encodeAttr({ type: 1, freq: true, sample_freq: 4000, watermark: true, wakeup_watermark: 8 })),
    {
      type: 1,
      size: 128,
      freq: true,
      sample_freq: 4000,
      watermark: true,
      wakeup_watermark: 8,
    },
  );
});

test('a value that its field cannot hold is a TypeError', (t) => {
  for (const wrong of [
    { bp_type: 2 ** 32 },
    { bp_type: -1 },
    { bp_len: -1n },
    { sample_max_stack: 0x1_0000 },
    { clockid: 2 ** 31 },
    { precise_ip: 4 },
    { sample_period: 0.5 },
    { sample_period: 2 ** 60 },
    { sig_data: 2n ** 64n },
  ]) {
    t.throws(() => encodeAttr({ ...watch, ...wrong }), { instanceOf: TypeError }, Object.keys(wrong)[0]);
  }
});

testProp('what is encoded is decoded', [arbitraryAttr], (t, attr) => {
  t.deepEqual(decodeAttr(encodeAttr(attr)), attr);
});

testProp(
  'any bytes are an attr that encodes to the same bytes, or are refused with a reason',
  [fc.uint8Array({ minLength: 0, maxLength: 160 }), fc.constantFrom(...PERF_ATTR_SIZES, undefined), fc.boolean()],
  (t, bytes, size, tame) => {
    // Most random bytes have reserved bits set.
    if (tame) {
      for (const offset of [26, 33, 45, 110, 116]) bytes.fill(0, offset, offset + 6);
      if (bytes.length > 44) {
        bytes[32] = (bytes[32] ?? 0) & 0x1f;
        bytes[44] = (bytes[44] ?? 0) & 0x3f;
      }
      bytes.fill(0, 136);
    }
    if (size !== undefined && bytes.length >= 8) new DataView(bytes.buffer).setUint32(4, size, true);
    try {
      const attr = decodeAttr(bytes);
      if (!PERF_ATTR_SIZES.includes(attr.size)) return;
      const again = encodeAttr(attr);
      const expected = bytes.slice(0, attr.size);
      new DataView(expected.buffer).setUint32(4, attr.size, true);
      t.deepEqual(again, expected);
    } catch (error) {
      t.true(error instanceof KernelError, String(error));
    }
  },
);
