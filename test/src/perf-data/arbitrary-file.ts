import { fc } from '@fast-check/ava';
import { MemorySink, type PerfDataEvent, PerfDataWriter, type PerfEventAttr, type PerfRecord } from '@hwbp/perf';
import { arbitraryRecord } from './arbitrary-record.js';

/** With IDENTIFIER and TIME, as files of several events have them. */
export const FORMAT = { sample_type: 0x1_018f, read_format: 4, sample_id_all: true } as const;

/** A watch of 4 bytes whose records look like {@link FORMAT}. */
export function watchAttr(bp_addr: bigint, bp_type = 2, bp_len = 4): PerfEventAttr {
  return { ...FORMAT, type: 5, bp_type, bp_addr, bp_len, sample_period: 1, exclude_guest: true };
}

/** A record of an event, `undefined` in between: the end of a round. */
export interface FileStep {
  readonly event: number;
  readonly record: PerfRecord | undefined;
}

/** Two events with ids, and records of them with their own ids, times below 1000. */
export const arbitraryFile = fc
  .record({
    ids: fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { minLength: 2, maxLength: 5 }),
    named: fc.boolean(),
    steps: fc.array(
      fc.record({
        event: fc.nat(1),
        time: fc.bigInt({ min: 1n, max: 1000n }),
        record: fc.option(arbitraryRecord(FORMAT), { nil: undefined }),
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ ids, named, steps }) => {
    const name = (text: string): object => (named ? { name: text } : {});
    const events: PerfDataEvent[] = [
      { attr: watchAttr(0x1000n), ids: ids.slice(1), ...name('first') },
      { attr: watchAttr(0x2000n, 3, 8), ids: ids.slice(0, 1), ...name('second') },
    ];
    return {
      events,
      steps: steps.map(
        ({ event, time, record }): FileStep => ({ event, record: owned(record, events[event]?.ids[0] ?? 0n, time) }),
      ),
    };
  });

/** The record with the id and the time that it shall have; FINISHED_ROUND ends a round. */
function owned(record: PerfRecord | undefined, id: bigint, time: bigint): PerfRecord | undefined {
  if (record === undefined || record.type === 68 || record.type === 'other') return undefined;
  if (record.type === 9) return { ...record, id, time };
  return { ...record, sample_id: { ...record.sample_id, id, time } };
}

/** The time of a record; 0 if it has none. */
export function timeOf(record: PerfRecord): bigint {
  if (record.type === 9) return record.time ?? 0n;
  return 'sample_id' in record ? (record.sample_id?.time ?? 0n) : 0n;
}

/** Writes such a file. */
export function writeFile(events: readonly PerfDataEvent[], steps: readonly FileStep[]): Uint8Array {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, { events, features: { hostname: 'simulated', cmdline: ['hwbp', 'record'] } });
  for (const { event, record } of steps) {
    if (record === undefined) writer.finishRound();
    else writer.write(record, events[event]);
  }
  writer.finish();
  return sink.bytes.slice();
}
