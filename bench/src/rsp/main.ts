/*
 * Only the round trips: node bench/dist/rsp/main.js
 */
import { meets } from '../row.js';
import { debuggerRoundTrips } from './rsp.js';

for (const row of await debuggerRoundTrips()) {
  if ('missing' in row) {
    process.stdout.write(`${row.what}: skipped: ${row.missing}\n`);
    continue;
  }
  const { median, min, max } = row.figure;
  const figures = [median, min, max].map((value) => value.toFixed(2));
  const verdict = row.target === undefined ? '' : `, >= ${row.target}x ${meets(row) ? 'met' : 'MISSED'}`;
  process.stdout.write(`${row.what}: ${figures[0]}x (${figures[1]}..${figures[2]})${verdict}; ${row.note}\n`);
}
