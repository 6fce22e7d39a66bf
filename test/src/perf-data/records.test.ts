import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import {
  decodeHeader,
  decodeRecord,
  encodeRecord,
  PERF_RECORD_COMM,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_LOST,
  PERF_RECORD_MMAP,
  PERF_RECORD_SAMPLE,
  type PerfRecord,
} from '@hwbp/perf';
import test from 'ava';
import { arbitraryFormat, arbitraryRecord } from './arbitrary-record.js';

const sample: PerfRecord = {
  type: PERF_RECORD_SAMPLE,
  misc: 2,
  ip: 0x401000n,
  pid: 100,
  tid: 101,
  time: 2_000_000_000n,
  addr: 0x404080n,
  cpu: 1,
  period: 1n,
};

/** The 64-bit words of a record. */
function words(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigUint64(8 * i, true).toString(16));
}

test('a sample of IP|TID|TIME|ADDR|CPU|PERIOD has 56 bytes, its fields in the order of the kernel', (t) => {
  const bytes = encodeRecord(sample, { sample_type: 0x18f });
  t.deepEqual(words(bytes), [
    0x0038_0002_0000_0009n.toString(16),
    '401000',
    0x65_0000_0064n.toString(16),
    (2_000_000_000).toString(16),
    '404080',
    '1',
    '1',
  ]);
  t.deepEqual(decodeRecord(bytes, { sample_type: 0x18f }), { record: sample, size: 56 });
});

test('IDENTIFIER comes first in samples and last in trailers; ID, STREAM_ID, READ and CALLCHAIN stand where the kernel has them', (t) => {
  const format = { sample_type: 0x1_0271, read_format: 0x1f, sample_id_all: true };
  const full: PerfRecord = {
    type: PERF_RECORD_SAMPLE,
    misc: 1,
    id: 7n,
    ip: 8n,
    stream_id: 9n,
    values: { time_enabled: 10n, time_running: 11n, values: [{ value: 12n, id: 13n, lost: 14n }] },
    callchain: [15n, 16n],
  };
  const bytes = encodeRecord(full, format);
  t.deepEqual(
    words(bytes)
      .slice(1)
      .map((word) => Number.parseInt(word, 16)),
    [7, 8, 7, 9, 1, 10, 11, 12, 13, 14, 2, 15, 16],
  );
  const lost = encodeRecord(
    { type: PERF_RECORD_LOST, misc: 0, id: 1n, lost: 2n, sample_id: { pid: 3, tid: 4, time: 5n, id: 6n, cpu: 7 } },
    { sample_type: 0x1_00c6, sample_id_all: true },
  );
  t.deepEqual(words(lost).slice(1), ['1', '2', '400000003', '5', '6', '7', '6']);
});

test('texts end with a NUL and are padded to 8 bytes', (t) => {
  for (const [comm, size] of [
    ['', 24],
    ['seven77', 24],
    ['eight888', 32],
  ] as const) {
    const bytes = encodeRecord({ type: PERF_RECORD_COMM, misc: 0, pid: 1, tid: 1, comm }, {});
    t.is(bytes.length, size, comm);
    t.is(decodeHeader(bytes).size, size);
  }
  t.throws(() => encodeRecord({ type: PERF_RECORD_COMM, misc: 0, pid: 1, tid: 1, comm: 'a\0b' }, {}), {
    instanceOf: TypeError,
    message: /NUL/,
  });
});

test('raw data is padded so that the record stays a multiple of 8 bytes, as the kernel pads it', (t) => {
  const bytes = encodeRecord(
    { type: PERF_RECORD_SAMPLE, misc: 0, raw: Uint8Array.of(1, 2, 3, 4, 5) },
    { sample_type: 0x400 },
  );
  t.deepEqual([...bytes.subarray(8)], [12, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0]);
  const { record } = decodeRecord(bytes, { sample_type: 0x400 });
  t.deepEqual(record, { type: PERF_RECORD_SAMPLE, misc: 0, raw: Uint8Array.of(1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0) });
});

test('where the data came from is not available unless it is said: as the kernel has it for breakpoints', (t) => {
  const bytes = encodeRecord({ type: PERF_RECORD_SAMPLE, misc: 0 }, { sample_type: 0x8000 });
  t.deepEqual(words(bytes).slice(1), ['1e05080021']);
});

test('a record that is too long, a field that does not fit, a sample_type that has no meaning here', (t) => {
  const callchain = Array.from({ length: 8200 }, () => 1n);
  t.throws(() => encodeRecord({ type: PERF_RECORD_SAMPLE, misc: 0, callchain }, { sample_type: 0x20 }), {
    instanceOf: KernelError,
    code: 'PERF_RECORD_TOO_BIG',
    message: /at most 65528 bytes/,
  });
  t.throws(() => encodeRecord({ ...sample, cpu: 2 ** 32 }, { sample_type: 0x80 }), {
    instanceOf: TypeError,
    message: /^cpu /,
  });
  t.throws(() => encodeRecord({ ...sample, ip: -1n }, { sample_type: 1 }), { instanceOf: TypeError, message: /^ip / });
  t.throws(() => encodeRecord({ ...sample, values: { value: 1n } }, { sample_type: 0x10, read_format: 8 }), {
    instanceOf: TypeError,
    message: /PERF_FORMAT_GROUP/,
  });
  for (const sample_type of [0x200_0000, -1]) {
    for (const act of [
      () => encodeRecord(sample, { sample_type }),
      () => decodeRecord(encodeRecord(sample, {}), { sample_type }),
    ]) {
      t.throws(act, { instanceOf: KernelError, code: 'PERF_ATTR_RESERVED', message: /set of bits below 0x2000000/ });
    }
  }
});

test('branches, registers, stacks and AUX data stand where the kernel has them (perf_event_open(2))', (t) => {
  const format = {
    sample_type: 0x14_7800,
    branch_sample_type: (1 << 17) | (1 << 19),
    sample_regs_user: 0x101,
    sample_regs_intr: 1n << 63n,
  };
  const full: PerfRecord = {
    type: PERF_RECORD_SAMPLE,
    misc: 1,
    branch_stack: { hw_idx: 1n, entries: [{ from: 2n, to: 3n, flags: 4n }], counters: [5n] },
    regs_user: { abi: 2n, regs: [6n, 7n] },
    stack_user: { data: Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0), dyn_size: 9n },
    weight: 0xan,
    regs_intr: { abi: 1n, regs: [0xbn] },
    aux: Uint8Array.of(12, 0, 0, 0, 0, 0, 0, 0),
  };
  const bytes = encodeRecord(full, format);
  const branches = '1 1 2 3 4 5'.split(' ');
  t.deepEqual(words(bytes).slice(1), [...branches, '2', '6', '7', '8', '8', '9', 'a', '1', 'b', '8', 'c']);
  t.deepEqual(decodeRecord(bytes, format).record, full);
  const none = encodeRecord({ type: PERF_RECORD_SAMPLE, misc: 1 }, format);
  t.deepEqual(words(none).slice(1), new Array(7).fill('0'), 'without dyn_size, and without registers');
  for (const [wrong, message] of [
    [{ regs_user: { abi: 2n, regs: [1n] } }, /regs_user has 2 registers, got 1/],
    [{ regs_intr: { abi: 0n, regs: [1n] } }, /regs_intr has 0 registers, got 1/],
    [{ branch_stack: { entries: [], counters: [1n] } }, /counters/],
    [{ stack_user: { data: Uint8Array.of(1), dyn_size: 0n } }, /multiple of 8/],
  ] as const) {
    t.throws(() => encodeRecord({ ...full, ...wrong } as PerfRecord, format), { instanceOf: TypeError, message });
  }
});

test('types of the perf tool have any size, those of the kernel a multiple of 8', (t) => {
  const other = (number: number): PerfRecord => ({ type: 'other', number, misc: 0, payload: Uint8Array.of(1, 2, 3) });
  const bytes = encodeRecord(other(81), {});
  t.is(bytes.length, 11);
  t.deepEqual(decodeRecord(bytes, {}), { record: other(81), size: 11 });
  t.throws(() => encodeRecord(other(63), {}), { instanceOf: TypeError, message: /multiple of 8/ });
  bytes[0] = 63;
  t.throws(() => decodeRecord(bytes, {}), { code: 'PERF_RECORD_MALFORMED', message: /its size is 11/ });
});

test('bytes that are no record, with the offset', (t) => {
  const good = encodeRecord(sample, { sample_type: 0x18f });
  const changed = (offset: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[offset] = value;
    return bytes;
  };
  for (const [bytes, message] of [
    [good.subarray(0, 7), /a header has 8 bytes, and 7 are left/],
    [good.subarray(0, 48), /it has 56 bytes, and 48 are left/],
    [changed(6, 57), /its size is 57/],
    [changed(6, 0), /its size is 0/],
    [changed(6, 48), /it ends before period/],
  ] as const) {
    t.throws(() => decodeRecord(bytes, { sample_type: 0x18f }), {
      instanceOf: KernelError,
      code: 'PERF_RECORD_MALFORMED',
      message,
    });
  }
  t.throws(() => decodeRecord(good, { sample_type: 0x8f }), { message: /ends 8 bytes earlier/ });
  const unended = encodeRecord(
    { type: PERF_RECORD_MMAP, misc: 0, pid: 1, tid: 1, addr: 0n, len: 0n, pgoff: 0n, filename: '1234567' },
    {},
  );
  unended[unended.length - 1] = 56;
  t.throws(() => decodeRecord(unended, {}), { message: /filename has no NUL/ });
  const chain = encodeRecord({ type: PERF_RECORD_SAMPLE, misc: 0, callchain: [1n] }, { sample_type: 0x20 });
  chain.fill(0xff, 8, 16);
  t.throws(() => decodeRecord(chain, { sample_type: 0x20 }), {
    message: /callchain is 18446744073709551615, and only 8 bytes/,
  });
  t.deepEqual(
    decodeRecord(encodeRecord({ type: PERF_RECORD_FINISHED_ROUND, misc: 0 }, {}), {
      sample_id_all: true,
      sample_type: 0x18f,
    }),
    {
      record: { type: PERF_RECORD_FINISHED_ROUND, misc: 0 },
      size: 8,
    },
  );
});

const formatted = arbitraryFormat.chain((format) =>
  fc.record({ format: fc.constant(format), record: arbitraryRecord(format) }),
);

testProp('what is encoded is decoded, wherever it lies', [formatted, fc.nat(64)], (t, { format, record }, before) => {
  const bytes = encodeRecord(record, format);
  const around = new Uint8Array(before + bytes.length + 9);
  around.set(bytes, before);
  t.deepEqual(decodeRecord(around, format, before), { record, size: bytes.length });
});

testProp(
  'damaged records decode to something, or are refused with a reason',
  [formatted, arbitraryFormat, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.boolean(), fc.nat()],
  (t, { format, record }, other, damage, same, cut) => {
    const bytes = encodeRecord(record, format);
    for (const [at, value] of damage) bytes[at % bytes.length] = value;
    const view = bytes.subarray(0, cut % 3 === 0 ? cut % (bytes.length + 1) : bytes.length);
    try {
      const { size } = decodeRecord(view, same ? format : other);
      t.true(size >= 8 && size <= view.length);
    } catch (error) {
      t.true(error instanceof KernelError, String(error));
    }
  },
);
