import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import {
  encodeAttr,
  encodeRecord,
  PERF_RECORD_COMM,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_MMAP2,
  PERF_RECORD_SAMPLE,
  readPerfData,
} from '@hwbp/perf';
import test from 'ava';

/** From test/dist/perf-data. */
const FILE = path.join(import.meta.dirname, '../../fixtures/perf/ledger.data.gz');

const bytes = new Uint8Array(gunzipSync(readFileSync(FILE)));

test('a file of the real perf is read: events, machine, records', (t) => {
  const { events, features, records } = readPerfData(bytes);
  t.deepEqual(
    events.map(({ attr: { bp_type, bp_addr, bp_len, sample_type, sample_period, exclude_kernel }, ids, name }) => ({
      ...{ bp_type, bp_addr, bp_len, sample_type, sample_period, exclude_kernel },
      ids: ids.length,
      name,
    })),
    [
      { bp_type: 2, bp_addr: 0x404390n, bp_len: 4, name: 'mem:0x404390' },
      { bp_type: 2, bp_addr: 0x404040n, bp_len: 8, name: 'mem:0x404040' },
      { bp_type: 4, bp_addr: 0x4011a1n, bp_len: 8, name: 'mem:0x4011a1:x:u' },
    ].map((event) => ({ sample_type: 0x80cf, sample_period: 1, exclude_kernel: true, ids: 2, ...event })),
  );
  t.is(features.arch, 'x86_64');
  t.is(features.version, '6.1.187');
  t.deepEqual(features.nrcpus, { available: 2, online: 2 });
  t.is(features.cpuid, 'AuthenticAMD,26,2,1');
  t.deepEqual(features.pmu_mappings?.slice(0, 3), [
    { type: 1, name: 'software' },
    { type: 8, name: 'uprobe' },
    { type: 5, name: 'breakpoint' },
  ]);
  const counts = new Map<string, number>();
  const comms: string[] = [];
  const mapped: string[] = [];
  for (const { record, event } of records()) {
    if (record.type === PERF_RECORD_SAMPLE) counts.set(event.name ?? '', (counts.get(event.name ?? '') ?? 0) + 1);
    if (record.type === PERF_RECORD_COMM) comms.push(record.comm);
    if (record.type === PERF_RECORD_MMAP2 && record.prot & 4) mapped.push(record.filename);
  }
  t.deepEqual(
    [...counts],
    [
      ['mem:0x404390', 3513],
      ['mem:0x404040', 3510],
      ['mem:0x4011a1:x:u', 188],
    ],
  );
  t.true(comms.includes('ledger'));
  t.true(mapped.some((file) => file.endsWith('/ledger')));
});

test('what the kernel and perf wrote, we write to the byte', (t) => {
  const { events, records } = readPerfData(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attrs = Number(view.getBigUint64(24, true));
  for (const [i, { attr }] of events.entries()) {
    const at = attrs + i * (128 + 16);
    t.deepEqual(encodeAttr(attr), bytes.slice(at, at + 128));
  }
  let at = Number(view.getBigUint64(40, true));
  let compared = 0;
  for (const { record, event } of records()) {
    const size = view.getUint16(at + 6, true);
    if (record.type !== 'other' && record.type !== PERF_RECORD_FINISHED_ROUND) {
      const expected = bytes.slice(at, at + size);
      const again = encodeRecord(record, event.attr);
      if (!Buffer.from(again).equals(Buffer.from(expected))) t.deepEqual(again, expected, `offset ${at}`);
      compared++;
    }
    at += size;
  }
  t.true(compared > 7200);
});

testProp(
  'damaged, it is read, or refused with a reason',
  [fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.boolean()],
  (t, damage, early) => {
    const damaged = bytes.slice();
    for (const [at, value] of damage) damaged[at % (early ? 20_000 : damaged.length)] = value;
    try {
      let read = 0;
      for (const { record } of readPerfData(damaged).records()) read += record === undefined ? 0 : 1;
      t.true(read <= bytes.length / 8);
    } catch (error) {
      t.true(error instanceof KernelError, String(error));
    }
  },
  { numRuns: 30 },
);
