import { fc, testProp } from '@fast-check/ava';
import {
  encodeRecord,
  PERF_RECORD_LOST,
  PERF_RECORD_SAMPLE,
  type PerfRecord,
  type RingSource,
  SampleRing,
} from '@hwbp/perf';
import test from 'ava';

const format = { sample_type: 0x7, sample_id_all: true };
const source: RingSource = { format, id: 5n, sample_id: { pid: 1, tid: 1, time: 0n } };
/** 32 bytes. */
const sample = (time: number): PerfRecord => ({
  type: PERF_RECORD_SAMPLE,
  misc: 2,
  ip: 1n,
  pid: 1,
  tid: 1,
  time: BigInt(time),
});
const lost = (count: number): PerfRecord => ({
  type: PERF_RECORD_LOST,
  misc: 0,
  id: 5n,
  lost: BigInt(count),
  sample_id: source.sample_id,
});

test('a full ring counts what it loses, and says so before the next record that fits', (t) => {
  const ring = new SampleRing({ pages: 1, pageSize: 128 });
  for (const time of [1, 2, 3]) t.true(ring.write(sample(time), source).stored);
  // 32 bytes are free, but a ring that is quite full would look empty.
  for (const time of [4, 5]) t.false(ring.write(sample(time), source).stored);
  t.is(ring.lost, 2);
  ring.data_tail += 32;
  t.false(ring.write(sample(6), source).stored, 'the LOST record needs room too');
  t.deepEqual(ring.drain(format), [sample(2), sample(3)]);
  t.true(ring.write(sample(7), source).stored);
  t.deepEqual(ring.drain(format), [lost(3), sample(7)]);
  t.is(ring.lost, 0);
  t.is(ring.lostTotal, 3);
});

test('wake-ups: every wakeup_events samples, and every watermark bytes', (t) => {
  const wakes = (ring: SampleRing, wakeup_events?: number): number[] =>
    Array.from({ length: 12 }, (_, i) => i + 1).filter((time) => {
      const from = wakeup_events === undefined ? source : { ...source, wakeup_events };
      return ring.write(sample(time), from).wakeup;
    });
  t.deepEqual(wakes(new SampleRing({ pages: 1 }), 3), [3, 6, 9, 12]);
  t.deepEqual(wakes(new SampleRing({ pages: 1 })), []);
  t.deepEqual(wakes(new SampleRing({ pages: 1, watermark: 64 })), [3, 5, 7, 9, 11]);
  t.deepEqual(wakes(new SampleRing({ pages: 1, pageSize: 512 })), [9], 'half of the ring');
  const ring = new SampleRing({ pages: 1 });
  t.false(ring.write(lost(1), { ...source, wakeup_events: 1 }).wakeup, 'only samples count');
});

test('a paused ring takes nothing, and says afterwards what it lost', (t) => {
  const ring = new SampleRing({ pages: 1 });
  ring.paused = true;
  t.deepEqual(ring.write(sample(1), source), { stored: false, wakeup: false });
  t.deepEqual([ring.pending, ring.lost, ring.lostTotal], [0, 1, 1]);
  ring.paused = false;
  t.true(ring.write(sample(2), source).stored);
  t.deepEqual(ring.drain(format), [lost(1), sample(2)]);
});

test('sizes are powers of two, data_tail stays between what was read and what was written', (t) => {
  for (const options of [
    { pages: 3 },
    { pages: 0 },
    { pages: 1, pageSize: 32 },
    { pages: 2 ** 20 },
    { pages: 1, watermark: -1 },
  ]) {
    t.throws(() => new SampleRing(options), { instanceOf: TypeError }, JSON.stringify(options));
  }
  const ring = new SampleRing({ pages: 1 });
  ring.write(sample(1), source);
  t.throws(
    () => {
      ring.data_tail = 33;
    },
    { instanceOf: TypeError },
  );
  ring.data_tail = 32;
  t.throws(
    () => {
      ring.data_tail = 31;
    },
    { instanceOf: TypeError },
  );
  t.is(ring.size, 4096);
});

test('a record that cannot be written leaves the ring as it was, and what it lost', (t) => {
  const ring = new SampleRing({ pages: 1, pageSize: 64 });
  for (const time of [1, 2]) ring.write(sample(time), source);
  const before = [ring.data_head, ring.lost];
  t.throws(() => ring.write({ ...sample(3), pid: -1 } as PerfRecord, source), { instanceOf: TypeError });
  t.deepEqual([ring.data_head, ring.lost], before);
});

testProp(
  'whatever is written and read: the reader gets what was stored, in order, and the LOST records say what is missing between',
  [fc.array(fc.record({ write: fc.nat(5), read: fc.boolean() }), { maxLength: 60 })],
  (t, steps) => {
    const ring = new SampleRing({ pages: 2, pageSize: 64 });
    let time = 0;
    const seen: PerfRecord[] = [];
    for (const { write, read } of steps) {
      for (let i = 0; i < write; i++) ring.write(sample(++time), source);
      t.true(ring.pending < ring.size);
      if (read) seen.push(...ring.drain(format));
    }
    seen.push(...ring.drain(format));
    let expected = 0n;
    for (const record of seen) {
      if (record.type === PERF_RECORD_LOST) expected += record.lost;
      else if (record.type === PERF_RECORD_SAMPLE) t.is(record.time, ++expected);
    }
    t.is(expected + BigInt(ring.lost), BigInt(time));
    t.is(ring.data_head % 8, 0);
    t.is(encodeRecord(sample(1), format).length, 32);
  },
);
