import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import { encodeRecord, PERF_RECORD_SAMPLE, type PerfRecord, readPerfData } from '@hwbp/perf';
import test from 'ava';
import { FORMAT, watchAttr, writeFile } from './arbitrary-file.js';

/** From test/dist/perf-data. */
const fixture = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(path.join(import.meta.dirname, '../../fixtures/perf', name))));

const COMPRESSED = 81;
const COMPRESSED2 = 83;
const AUXTRACE = 71;

const le = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** The beginning of a frame of Zstandard with a window of 2^(10 + n) bytes, and no size (RFC 8878, 3.1.1.1). */
const frame = (window: number): number[] => [0x28, 0xb5, 0x2f, 0xfd, 0x00, window << 3];
const FRAME = frame(7);
/** A frame that decoders skip (3.1.2). */
const skipped = (bytes: number): number[] => [
  ...le(0x184d2a50, 4),
  ...le(bytes, 4),
  ...new Array<number>(bytes).fill(7),
];
/** A block that holds bytes as they are, and one that repeats a byte (3.1.1.2). */
const raw = (bytes: ArrayLike<number>): number[] => [...le(bytes.length << 3, 3), ...Array.from(bytes)];
const repeated = (byte: number, times: number): number[] => [...le((times << 3) | (1 << 1), 3), byte];

const record = (type: number, body: readonly number[]): number[] => [
  ...le(type, 4),
  0,
  0,
  ...le(8 + body.length, 2),
  ...body,
];

interface Compression {
  readonly type?: number;
  readonly mmap_len?: number;
}

/** A file with these records and the feature that says how they are compressed; `undefined`: without it. */
function file(data: readonly number[], compression: Compression | undefined): Uint8Array {
  const begin = writeFile([{ attr: watchAttr(0x1000n), ids: [1n] }], []);
  const offset = Number(new DataView(begin.buffer).getBigUint64(40, true));
  const { type = 1, mmap_len = 4096 } = compression ?? {};
  const feature = [...le(1, 4), ...le(type, 4), ...le(1, 4), ...le(3, 4), ...le(mmap_len, 4)];
  const at = offset + data.length;
  const table = compression === undefined ? [] : [...le(at + 16, 8), ...le(feature.length, 8), ...feature];
  const bytes = Uint8Array.from([...begin.subarray(0, offset), ...data, ...table]);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(48, BigInt(data.length), true);
  for (let word = 0; word < 4; word++) view.setBigUint64(72 + 8 * word, 0n, true);
  if (compression !== undefined) view.setBigUint64(72, 1n << 27n, true);
  return bytes;
}

const sample = (time: bigint): PerfRecord => ({
  type: PERF_RECORD_SAMPLE,
  misc: 2,
  id: 1n,
  ip: 3n,
  pid: 4,
  tid: 5,
  time,
  addr: 6n,
  cpu: 7,
  period: 1n,
});
const recordsOf = (bytes: Uint8Array): PerfRecord[] => [...readPerfData(bytes).records()].map((one) => one.record);
const [one, two] = [encodeRecord(sample(1n), FORMAT), encodeRecord(sample(2n), FORMAT)];

test('perf record -z: the records of a real file, as of the same run without -z', (t) => {
  const { compression, records, events } = readPerfData(fixture('ledger-z.data.gz'));
  t.like(compression, { type: 1, level: 1, ratio: 13 });
  const counts = new Map<string, number>();
  for (const { record: found, event } of records()) {
    if (found.type === PERF_RECORD_SAMPLE) counts.set(event.name ?? '', (counts.get(event.name ?? '') ?? 0) + 1);
    t.false(found.type === 'other' && found.number === COMPRESSED);
  }
  t.is(events.length, 3);
  t.deepEqual(
    [...counts],
    [
      ['mem:0x404390', 3513],
      ['mem:0x404040', 3510],
      ['mem:0x4011a1:x:u', 188],
    ],
  );
});

test('perf record --call-graph dwarf --intr-regs: registers and stacks of a real file, to the byte', (t) => {
  const bytes = fixture('ledger-dwarf.data.gz');
  const { events, records } = readPerfData(bytes);
  let at = Number(new DataView(bytes.buffer).getBigUint64(40, true));
  let samples = 0;
  for (const { record: found, event } of records()) {
    const size = new DataView(bytes.buffer).getUint16(at + 6, true);
    if (found.type === PERF_RECORD_SAMPLE) {
      samples++;
      const { ip, regs_intr, regs_user, stack_user } = found;
      // AX, SP and IP are bits 0, 7 and 8 of x86's mask; user mode has 18 of the 64-bit registers.
      t.is(regs_intr?.abi, 2n);
      t.is(regs_intr?.regs.length, 3);
      t.is(regs_intr?.regs[2], ip);
      t.is(regs_user?.regs[8], ip);
      t.is(regs_user?.regs[7], regs_intr?.regs[1]);
      t.is(stack_user?.data.length, 256);
      t.true((stack_user?.dyn_size ?? 0n) <= 256n);
      // charge_fee was called from serve_customer: the address to return to lies on top of the stack.
      t.is(new DataView((stack_user?.data ?? bytes).buffer).getBigUint64(0, true) >> 12n, 0x401n);
      t.deepEqual(encodeRecord(found, event.attr), bytes.slice(at, at + size));
    }
    at += size;
  }
  t.is(samples, 188);
  t.is(events[0]?.attr.sample_stack_user, 256);
});

test('perf record -o -: what a real perf wrote to a pipe, events and features among the records', (t) => {
  const { events, features, records } = readPerfData(fixture('ledger-pipe.data.gz'));
  t.deepEqual(
    events.map(({ name, ids, attr: { bp_addr, bp_type, sample_period } }) => ({
      ...{ name, ids: ids.length, bp_addr, bp_type, sample_period },
    })),
    [
      { name: 'mem:0x404390', ids: 2, bp_addr: 0x404390n, bp_type: 2, sample_period: 20 },
      { name: 'mem:0x4011a1:x:u', ids: 2, bp_addr: 0x4011a1n, bp_type: 4, sample_period: 20 },
    ],
  );
  t.like(features, { arch: 'x86_64', version: '6.1.187', nrcpus: { available: 2, online: 2 } });
  const counts = new Map<string, number>();
  for (const { record: found, event } of records()) {
    if (found.type === PERF_RECORD_SAMPLE) counts.set(event.name ?? '', (counts.get(event.name ?? '') ?? 0) + 1);
  }
  // A sample of every twentieth hit.
  t.deepEqual(
    [...counts],
    [
      ['mem:0x404390', Math.floor(3513 / 20)],
      ['mem:0x4011a1:x:u', Math.floor(188 / 20)],
    ],
  );
});

test('formats of tracepoints behind their record are no records', (t) => {
  const formats = (size: number): number[] => record(66, [...le(size, 4)]);
  const read = recordsOf(file([...formats(13), ...new Array(16).fill(0), ...one], undefined));
  t.deepEqual(
    read.map(({ type }) => type),
    ['other', PERF_RECORD_SAMPLE],
  );
  t.throws(() => recordsOf(file(formats(13), undefined)), {
    code: 'PERF_DATA_MALFORMED',
    message: /16 bytes of formats/,
  });
});

test('records that are cut in pieces anywhere, and those of COMPRESSED2 with its padding', (t) => {
  const both = [...one, ...two];
  for (let cut = 0; cut < both.length; cut++) {
    const second = [...raw(both.slice(cut)), ...(cut % 2 ? raw([]) : [])];
    const data = [
      ...record(COMPRESSED, [...FRAME, ...raw(both.slice(0, cut))]),
      ...record(COMPRESSED2, [...le(second.length, 8), ...second, ...le(0, -second.length & 7)]),
    ];
    t.deepEqual(recordsOf(file(data, {})), [sample(1n), sample(2n)], `${cut}`);
  }
});

test('a block that is cut in two by the end of a piece', (t) => {
  const stream = [...FRAME, ...raw(one), ...raw(two)];
  for (let cut = 1; cut < stream.length; cut++) {
    const data = [...record(COMPRESSED, stream.slice(0, cut)), ...record(COMPRESSED, stream.slice(cut))];
    t.deepEqual(recordsOf(file(data, {})), [sample(1n), sample(2n)], `${cut}`);
  }
});

test('what cannot be read says what it is', (t) => {
  const whole = record(COMPRESSED, [...FRAME, ...raw(one)]);
  const zeros = Array.from({ length: 100 }, () => repeated(0, 100_000)).flat();
  for (const [data, compression, code, message] of [
    [whole, undefined, 'PERF_DATA_MALFORMED', /compressed records, and does not say of what kind/],
    [whole, { type: 2 }, 'PERF_DATA_UNSUPPORTED', /in a way that is not known here \(2; 1 is Zstandard\)/],
    [record(COMPRESSED, new Array(40).fill(7)), {}, 'PERF_DATA_MALFORMED', /cannot be decompressed/],
    [record(COMPRESSED, [...FRAME, ...raw(one)].slice(0, -1)), {}, 'PERF_DATA_MALFORMED', /end in the middle/],
    [record(COMPRESSED, [...FRAME, ...zeros]), {}, 'PERF_DATA_MALFORMED', /holds more than 4096 bytes/],
    [
      record(COMPRESSED, [...FRAME, ...zeros, ...zeros, ...zeros, ...Array.from({ length: 30 }, () => zeros).flat()]),
      { mmap_len: 0xffff_ffff },
      'PERF_DATA_MALFORMED',
      /over the budget of what is unpacked: 13206 bytes have become more than 80631808 \(64 MiB and 1024 for each byte\)/,
    ],
    [
      // A stream that is long enough for more, most of which is skipped.
      [
        ...Array.from({ length: 5 }, () => record(COMPRESSED, skipped(60_000))).flat(),
        ...record(COMPRESSED, [...FRAME, ...Array.from({ length: 33 }, () => zeros).flat()]),
      ],
      { mmap_len: 0xffff_ffff },
      'PERF_DATA_MALFORMED',
      /holds more than 268435456 bytes/,
    ],
    [
      record(COMPRESSED, [...frame(18), ...raw(one)]),
      {},
      'PERF_DATA_MALFORMED',
      /over the budget of a window: it has 268435456 bytes, and 134217728 \(128 MiB\) are kept/,
    ],
    [
      // A frame that says its size instead of a window's.
      record(COMPRESSED, [...FRAME.slice(0, 4), 0xa0, ...le(0x1000_0000, 4), ...raw(one)]),
      {},
      'PERF_DATA_MALFORMED',
      /over the budget of a window: it has 268435456 bytes/,
    ],
    [
      // Behind a frame that is sound, and in pieces.
      [
        ...record(COMPRESSED, [...skipped(3), ...FRAME, 1, 0, 0, ...frame(17).slice(0, 5)]),
        ...record(COMPRESSED, [...frame(17).slice(5), ...Array.from({ length: 70 }, () => raw([0])).flat()]),
      ],
      {},
      'PERF_DATA_MALFORMED',
      /over the budget of blocks: with a window of 134217728 bytes more than \d+ bytes would be moved/,
    ],
    [
      record(COMPRESSED, [...FRAME, ...raw(one.subarray(0, 20))]),
      {},
      'PERF_DATA_MALFORMED',
      /the last 20 bytes .* no whole record/,
    ],
    [record(COMPRESSED, [...FRAME, ...raw(whole)]), {}, 'PERF_DATA_MALFORMED', /holds another one/],
    [
      record(COMPRESSED, [...FRAME, ...repeated(0, 64), ...repeated(0, 64), ...repeated(0, 64)]),
      {},
      'PERF_RECORD_MALFORMED',
      /its size is 0/,
    ],
    [record(COMPRESSED2, le(99, 8)), {}, 'PERF_DATA_MALFORMED', /size of compressed data is 99/],
  ] as const) {
    t.throws(() => recordsOf(file(data, compression)), { instanceOf: KernelError, code, message }, String(message));
  }
});

test('AUX data behind its record is no record', (t) => {
  const aux = (size: number): number[] => record(AUXTRACE, [...le(size, 8), ...le(0, 32)]);
  const read = recordsOf(file([...aux(24), ...new Array(24).fill(0), ...one], undefined));
  t.deepEqual(
    read.map(({ type }) => type),
    ['other', PERF_RECORD_SAMPLE],
  );
  t.throws(() => recordsOf(file(aux(24), undefined)), { code: 'PERF_DATA_MALFORMED', message: /24 bytes of AUX data/ });
});

test('the main file of a directory says that it has not the samples', (t) => {
  const bytes = file([], {});
  new DataView(bytes.buffer).setBigUint64(72, 1n << 24n, true);
  t.throws(() => readPerfData(bytes), { code: 'PERF_DATA_UNSUPPORTED', message: /perf record --threads/ });
});

for (const name of ['ledger-z.data.gz', 'ledger-dwarf.data.gz', 'ledger-pipe.data.gz']) {
  const bytes = fixture(name);
  testProp(
    `damaged, ${name} is read, or refused with a reason`,
    [fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.boolean()],
    (t, damage, early) => {
      const damaged = bytes.slice();
      for (const [at, value] of damage) damaged[at % (early ? 2000 : damaged.length)] = value;
      try {
        for (const { record: found } of readPerfData(damaged).records()) t.truthy(found);
        t.pass();
      } catch (error) {
        t.true(error instanceof KernelError, String(error));
      }
    },
    { numRuns: 40 },
  );
}
