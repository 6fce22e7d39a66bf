/*
 * Only the round trips: taskset -c 0 node bench/dist/rsp/main.js. With --json the rows as data.
 */
import { meets } from '../row.js';
import { debuggerRoundTrips } from './rsp.js';

const rows = await debuggerRoundTrips();
if (process.argv.includes('--json')) {
  process.stdout.write(JSON.stringify(rows));
} else {
  for (const row of rows) {
    if ('missing' in row) {
      process.stdout.write(`${row.what}: skipped: ${row.missing}\n`);
      continue;
    }
    const { median, min, max } = row.figure;
    const figures = [median, min, max].map((value) => value.toFixed(2));
    const verdict = row.target === undefined ? '' : `, >= ${row.target}x ${meets(row) ? 'met' : 'MISSED'}`;
    process.stdout.write(`${row.what}: ${figures[0]}x (${figures[1]}..${figures[2]})${verdict}; ${row.note}\n`);
  }
}
