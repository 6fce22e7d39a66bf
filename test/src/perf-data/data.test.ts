import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import {
  encodeRecord,
  MemorySink,
  PERF_RECORD_COMM,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_SAMPLE,
  type PerfDataEvent,
  PerfDataWriter,
  type PerfRecord,
  readPerfData,
} from '@hwbp/perf';
import test from 'ava';
import { arbitraryFile, FORMAT, timeOf, watchAttr, writeFile } from './arbitrary-file.js';

const one: PerfDataEvent = { attr: watchAttr(0x1000n), ids: [1n] };
const two: PerfDataEvent = { attr: watchAttr(0x2000n), ids: [2n] };
const sample = (time: bigint, id = 1n): PerfRecord => ({
  type: PERF_RECORD_SAMPLE,
  misc: 2,
  id,
  ip: 3n,
  pid: 4,
  tid: 5,
  time,
  addr: 6n,
  cpu: 7,
  period: 1n,
});
const FINISHED: PerfRecord = { type: PERF_RECORD_FINISHED_ROUND, misc: 0 };

const recordsOf = (bytes: Uint8Array): PerfRecord[] => [...readPerfData(bytes).records()].map(({ record }) => record);

test('the header: magic, sizes and sections as the format has them', (t) => {
  const bytes = writeFile([one], [{ event: 0, record: sample(1n) }]);
  const view = new DataView(bytes.buffer);
  t.is(Buffer.from(bytes.subarray(0, 8)).toString(), 'PERFILE2');
  const words = Array.from({ length: 13 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
  t.deepEqual(words.slice(1, 9), [104, 128, 112, 128, 240, 64 + 8, 0, 0]);
  t.is(words[9], (1 << 3) | (1 << 11) | (1 << 21), 'HOSTNAME, CMDLINE, SAMPLE_TIME');
  t.is(view.getBigUint64(104, true), 1n, 'the id');
  t.deepEqual([view.getBigUint64(224, true), view.getBigUint64(232, true)], [104n, 8n], 'where the ids are');
});

test('what was said about the machine and the events is read back', (t) => {
  const features = {
    hostname: 'höst',
    osrelease: '6.18',
    version: '1',
    arch: 'x86_64',
    nrcpus: { available: 4, online: 3 },
    cpudesc: 'simulated',
    total_mem: 5n,
    cmdline: ['hwbp', '', 'a'.repeat(64)],
    groups: [{ name: '', leader: 0, members: 2 }],
    sample_time: { first: 1n, last: 9n },
    cpuid: 'AuthenticAMD,25,17,1',
    pmu_mappings: [
      { type: 5, name: 'breakpoint' },
      { type: 1, name: 'software' },
    ],
    clockid_res: 1n,
    build_ids: [
      { build_id: Uint8Array.of(1, 2, 3), filename: '/a b/ledger' },
      { build_id: new Uint8Array(20).fill(9), filename: 'x'.repeat(64), mode: 1 },
    ],
  };
  const events = [
    { ...one, name: 'mem:limit/4:w' },
    { ...two, name: 'b' },
  ];
  const sink = new MemorySink();
  new PerfDataWriter(sink, { events, features }).finish();
  const read = readPerfData(sink.bytes);
  t.deepEqual(read.features, features);
  t.deepEqual(
    read.events.map(({ name, ids }) => ({ name, ids })),
    events.map(({ name, ids }) => ({ name, ids })),
  );
});

test('a build id that is none is refused, and one that is malformed says so', (t) => {
  const write = (build_id: Uint8Array): Uint8Array => {
    const sink = new MemorySink();
    new PerfDataWriter(sink, { events: [one], features: { build_ids: [{ build_id, filename: 'ledger' }] } }).finish();
    return sink.bytes.slice();
  };
  for (const length of [0, 21]) {
    t.throws(() => write(new Uint8Array(length)), { instanceOf: TypeError, message: /a build id has 1 to 20 bytes/ });
  }
  // The table of features has this one only; its entry: header, pid, id, length of the id.
  const good = write(Uint8Array.of(1));
  const at = Number(new DataView(good.buffer).getBigUint64(240, true));
  for (const [offset, value] of [
    [6, 30],
    [6, 200],
    [32, 0],
    [32, 21],
  ] as const) {
    const bad = good.slice();
    bad[at + offset] = value;
    t.throws(() => readPerfData(bad), { code: 'PERF_DATA_MALFORMED' }, `${offset}`);
  }
});

test('the structures have the smallest size that loses nothing, and all the same', (t) => {
  for (const [attr, size] of [
    [one.attr, 112],
    [{ ...one.attr, aux_sample_size: 1 }, 120],
    [{ ...one.attr, sig_data: 1n }, 128],
    [{ ...one.attr, config3: 1 }, 136],
  ] as const) {
    const sink = new MemorySink();
    new PerfDataWriter(sink, { events: [{ attr, ids: [1n] }, two] }).finish();
    t.deepEqual(
      readPerfData(sink.bytes).events.map((event) => event.attr.size),
      [size, size],
    );
  }
});

test('rounds: sorted inside, ended by FINISHED_ROUND, by themselves when they grow', (t) => {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, { events: [one], roundBytes: 3 * 64 });
  for (const time of [3n, 1n, 2n, 5n, 4n]) writer.write(sample(time));
  writer.finishRound();
  writer.finishRound();
  writer.finish();
  t.deepEqual(recordsOf(sink.bytes), [sample(1n), sample(2n), sample(3n), FINISHED, sample(4n), sample(5n), FINISHED]);
  t.is(writer.records, 5);
  t.is(writer.late, 0);
});

test('records that are too old for perf to sort are counted', (t) => {
  const writer = new PerfDataWriter(new MemorySink(), { events: [one] });
  for (const times of [[10n], [20n], [15n, 9n]]) {
    for (const time of times) writer.write(sample(time));
    writer.finishRound();
  }
  t.is(writer.late, 1, '9 is older than the end of the round before last, 15 is not');
});

test('without FINISHED_ROUND no record is late: perf sorts the whole file', (t) => {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, { events: [one], finishedRounds: false });
  for (const time of [30n, 20n, 10n]) {
    writer.write(sample(time));
    writer.finishRound();
  }
  writer.finish();
  t.is(writer.late, 0);
  t.deepEqual(recordsOf(sink.bytes), [sample(30n), sample(20n), sample(10n)]);
});

test('bytes of a ring go in as they are, each to its event', (t) => {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, { events: [one, two] });
  const comm: PerfRecord = {
    type: PERF_RECORD_COMM,
    misc: 0,
    pid: 1,
    tid: 1,
    comm: 'x',
    sample_id: { pid: 1, tid: 1, time: 0n, id: 0n, cpu: 0 },
  };
  const records = [comm, sample(1n, 2n), sample(2n, 1n)];
  writer.writeBytes(Buffer.concat(records.map((record) => encodeRecord(record, FORMAT))));
  writer.finish();
  const read = readPerfData(sink.bytes);
  t.deepEqual(
    [...read.records()].slice(0, 3).map(({ record, event }) => ({ record, event: read.events.indexOf(event) })),
    [
      { record: comm, event: 0 },
      { record: sample(1n, 2n), event: 1 },
      { record: sample(2n, 1n), event: 0 },
    ],
  );
  const other = new PerfDataWriter(new MemorySink(), { events: [one, two] });
  t.throws(() => other.writeBytes(encodeRecord(sample(1n, 3n), FORMAT)), {
    instanceOf: KernelError,
    code: 'PERF_DATA_EVENTS',
    message: /id 3, which no event/,
  });
  t.throws(() => other.writeBytes(encodeRecord(sample(1n), FORMAT).subarray(0, 20)), { code: 'PERF_RECORD_MALFORMED' });
});

test('memory stays constant: what is written leaves at the end of each round, and the header is patched once', (t) => {
  const calls: string[] = [];
  let most = 0;
  const sink = {
    write: (bytes: Uint8Array) => {
      most = Math.max(most, bytes.length);
    },
    patch: (position: number, bytes: Uint8Array) => {
      calls.push(`${position}+${bytes.length}`);
    },
  };
  const writer = new PerfDataWriter(sink, { events: [one], roundBytes: 4096 });
  for (let time = 1n; time <= 2000n; time++) writer.write(sample(time));
  writer.finish();
  t.true(most <= 4096 + 64);
  t.deepEqual(calls, ['0+104']);
});

test('events that perf could not tell apart are refused', (t) => {
  const attr = (changes: object) => ({ ...two, attr: { ...two.attr, ...changes } });
  for (const [events, message] of [
    [[], /at least one event/],
    [[one, { ...two, ids: [] }], /has no id/],
    [[one, { ...two, ids: [1n] }], /two events have the id 1/],
    [[one, attr({ sample_type: 0x18f })], /no PERF_SAMPLE_IDENTIFIER/],
    [[one, attr({ sample_id_all: false })], /sample_id_all differs/],
    [[attr({ sample_type: 0x1_0010, read_format: 0 })], /PERF_SAMPLE_READ needs PERF_FORMAT_ID/],
  ] as const) {
    t.throws(() => new PerfDataWriter(new MemorySink(), { events }), {
      instanceOf: KernelError,
      code: 'PERF_DATA_EVENTS',
      message,
    });
  }
});

test('misuse is a TypeError, and a record that cannot be encoded changes nothing', (t) => {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, { events: [one] });
  t.throws(() => writer.write(sample(1n), two), { instanceOf: TypeError, message: /none of this file/ });
  t.throws(() => writer.write({ ...sample(1n), cpu: -1 } as PerfRecord), { instanceOf: TypeError });
  writer.finish();
  t.throws(() => writer.write(sample(1n)), { instanceOf: TypeError, message: /finished/ });
  t.throws(() => writer.finish(), { instanceOf: TypeError });
  t.deepEqual(recordsOf(sink.bytes), []);
});

test('what is no perf.data file says why', (t) => {
  const good = writeFile([one], [{ event: 0, record: sample(1n) }]);
  const changed = (offset: number, ...values: number[]): Uint8Array => {
    const bytes = good.slice();
    bytes.set(values, offset);
    return bytes;
  };
  for (const [bytes, message] of [
    [good.subarray(0, 7), /ends before the magic/],
    [changed(0, 65), /does not begin with PERFILE2/],
    [Uint8Array.from([...good.subarray(0, 8)].reverse().concat(...good.subarray(8))), /big-endian/],
    [changed(8, 100), /its header has 100 bytes, not 104/],
    [good.slice(0, 16).fill(16, 8, 9), /written to a pipe, and has no event/],
    [changed(16, 127), /no multiple of attr_size/],
    [changed(32, 0), /no multiple of attr_size/],
    [changed(47, 1), /data is .* cut short/],
    [good.subarray(0, 50), /cut short/],
    [good.subarray(0, good.length - 1), /cut short/],
    [changed(232, 9), /no multiple of 8/],
  ] as const) {
    t.throws(
      () => readPerfData(bytes),
      { instanceOf: KernelError, code: 'PERF_DATA_MALFORMED', message },
      String(message),
    );
  }
});

test('ids of several events that lie over each other are refused before they fill the memory', (t) => {
  const events = Array.from({ length: 50 }, (_, i) => ({ ...one, ids: [BigInt(i + 1)] }));
  const sink = new MemorySink();
  new PerfDataWriter(sink, { events }).finish();
  const bytes = sink.bytes.slice();
  const view = new DataView(bytes.buffer);
  const attrs = Number(view.getBigUint64(24, true));
  for (let i = 0; i < 50; i++) {
    view.setBigUint64(attrs + i * 128 + 112, 0n, true);
    view.setBigUint64(attrs + i * 128 + 120, BigInt(bytes.length - (bytes.length % 8)), true);
  }
  t.throws(() => readPerfData(bytes), { code: 'PERF_DATA_MALFORMED', message: /more than the whole file/ });
});

testProp(
  'what is written is read: events, and the records of each round in the order of time',
  [arbitraryFile],
  (t, { events, steps }) => {
    const bytes = writeFile(events, steps);
    const expected: PerfRecord[] = [];
    let round: PerfRecord[] = [];
    for (const { record } of [...steps, { record: undefined }]) {
      if (record !== undefined) round.push(record);
      else if (round.length > 0) {
        expected.push(...round.sort((a, b) => Number(timeOf(a) - timeOf(b))), FINISHED);
        round = [];
      }
    }
    const read = readPerfData(bytes);
    t.deepEqual(
      read.events,
      events.map((event) => ({ ...event, attr: { ...event.attr, size: 112 } })),
    );
    t.deepEqual(recordsOf(bytes), expected);
    for (const { record, event } of read.records()) {
      const id =
        record.type === PERF_RECORD_SAMPLE ? record.id : 'sample_id' in record ? record.sample_id?.id : undefined;
      if (id !== undefined) t.true(event.ids.includes(id));
    }
  },
);

testProp(
  'damaged files are read, or refused with a reason',
  [
    arbitraryFile,
    fc.array(fc.record({ at: fc.nat(), value: fc.nat(255), early: fc.boolean() }), { maxLength: 12 }),
    fc.option(fc.nat()),
  ],
  (t, { events, steps }, damage, cut) => {
    const whole = writeFile(events, steps);
    for (const { at, value, early } of damage) whole[at % (early ? 400 : whole.length)] = value;
    const bytes = cut === null ? whole : whole.subarray(0, cut % whole.length);
    try {
      for (const { record } of readPerfData(bytes).records()) t.truthy(record);
      t.pass();
    } catch (error) {
      t.true(error instanceof KernelError, String(error));
    }
  },
);

testProp('any bytes at all', [fc.uint8Array({ maxLength: 300 }), fc.boolean()], (t, bytes, magic) => {
  if (magic) bytes.set([...Buffer.from('PERFILE2'), 104, 0, 0, 0, 0, 0, 0, 0].slice(0, bytes.length));
  t.throws(() => readPerfData(bytes), { instanceOf: KernelError });
});
