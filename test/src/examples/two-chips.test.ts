import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');

/** Stores of the trace to bytes from `first` on, without hwbp. */
function stores(first: number, length: number): number {
  const text = gunzipSync(readFileSync(path.join(root, 'examples/panel/panel.trace.gz'))).toString('utf8');
  const places = [...text.matchAll(/^ S ([0-9a-f]+),(\d+)$/gm)].map(([, at = '', size = '']) => [
    Number.parseInt(at, 16),
    Number(size),
  ]);
  return places.filter(([at = 0, size = 0]) => at < first + length && at + size > first).length;
}

test('examples/two-chips: a debugger stops for what each silicon reports, and the reasons are told', (t) => {
  const output = execFileSync(process.execPath, [path.join(root, 'examples/dist/two-chips/main.js')], {
    encoding: 'utf8',
  });
  const row = (what: string) => new RegExp(`^ *${what} +(\\d+) +(\\d+)$`, 'm').exec(output)?.slice(1).map(Number) ?? [];
  const [lamp, mode, level, ticks] = [
    stores(0x10001010, 1),
    stores(0x10001011, 1),
    stores(0x10001012, 2),
    stores(0x10001014, 4),
  ];
  t.deepEqual(row('for lamp'), [lamp, lamp]);
  t.deepEqual(row('for mode'), [0, mode]);
  t.deepEqual(row('for level'), [0, level]);
  t.deepEqual(row('for ticks'), [0, ticks]);
  t.deepEqual(row('stops of a debugger'), [lamp, lamp + mode + level + ticks]);
  t.deepEqual(row('hits of a kernel breakpoint'), [lamp, lamp]);
  t.regex(output, /x86: it reports after the store; the first stop is at 0x1000012c, si_addr 0x1000012c/);
  t.regex(output, /ppc64 power8: it reports before the store; the first stop is at 0x100000fc, si_addr 0x10001014/);
  t.regex(output, /blocks of 8 bytes: stores to the neighbours match too/);
});
