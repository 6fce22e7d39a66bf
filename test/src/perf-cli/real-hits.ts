import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type PerfData, readPerfData } from '@hwbp/perf';

/** From test/dist/perf-cli. */
const FILE = path.join(import.meta.dirname, '../../fixtures/perf/ledger.data.gz');

/** The example on a real kernel with real debug registers: what perf recorded of it. */
export const realFile = (): PerfData => readPerfData(new Uint8Array(gunzipSync(readFileSync(FILE))));

/** A sample, as far as it does not depend on when and where it was taken. */
export interface PlainSample {
  readonly addr: string;
  readonly ip: string;
  readonly misc: number;
  readonly data_src: bigint | undefined;
}

/** All samples of a file, in the order of time. */
export function samplesOf(data: PerfData): PlainSample[] {
  return [...data.records()]
    .flatMap(({ record }) => (record.type === 9 ? [record] : []))
    .sort((a, b) => Number((a.time ?? 0n) - (b.time ?? 0n)))
    .map(({ addr = 0n, ip = 0n, misc, data_src }) => ({
      addr: addr.toString(16),
      ip: ip.toString(16),
      misc,
      data_src,
    }));
}
