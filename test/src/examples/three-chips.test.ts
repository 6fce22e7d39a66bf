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

const output = execFileSync(process.execPath, [path.join(root, 'examples/dist/three-chips/main.js')], {
  encoding: 'utf8',
});
/** What stands in the columns of x86, ppc64 and arm64. */
const row = (what: string) => new RegExp(`^ *${what} +(\\w+) +(\\w+) +(\\w+)$`, 'm').exec(output)?.slice(1) ?? [];

test('examples/three-chips: a debugger stops for what each silicon reports, and the reasons are told', (t) => {
  const numbers = (what: string) => row(what).map(Number);
  const [lamp, mode, level, ticks] = [
    stores(0x10001010, 1),
    stores(0x10001011, 1),
    stores(0x10001012, 2),
    stores(0x10001014, 4),
  ];
  t.deepEqual(numbers('for lamp'), [lamp, lamp, lamp]);
  t.deepEqual(numbers('for mode'), [0, mode, 0]);
  t.deepEqual(numbers('for level'), [0, level, 0]);
  t.deepEqual(numbers('for ticks'), [0, ticks, 0]);
  t.deepEqual(numbers('stops of a debugger'), [lamp, lamp + mode + level + ticks, lamp]);
  t.deepEqual(numbers('hits of a kernel breakpoint'), [lamp, lamp, lamp]);
  t.regex(
    output,
    /x86: it reports after the store; the first stop is at 0x1000012c, si_addr 0x1000012c; the task just/,
  );
  t.regex(output, /ppc64 power8: it reports before the store; .* 0x100000fc, si_addr 0x10001014; the hit has spent/);
  t.regex(output, /arm64: it reports before the store; .* 0x10000128, si_addr 0x10001010; the register stays armed/);
  t.regex(output, /blocks of 8 bytes: stores to the neighbours match too/);
});

test('examples/three-chips: the same requests, and in the words of each kernel why not', (t) => {
  t.deepEqual(row('stores to lamp'), ['yes', 'yes', 'yes']);
  t.deepEqual(row('loads of lamp alone'), ['EINVAL', 'yes', 'yes']);
  t.deepEqual(row('stores to mode and level, 3 bytes'), ['EINVAL', 'yes', 'yes']);
  t.deepEqual(row('stores to the display, 16 bytes'), ['EOPNOTSUPP', 'yes', 'EINVAL']);
  t.deepEqual(row('stores to its end and lamp, 2 bytes'), ['EINVAL', 'yes', 'EINVAL']);
  t.deepEqual(row('stores to lamp, and to mode'), ['yes', 'ENOSPC', 'yes']);
  t.deepEqual(row('show\\(\\) executes'), ['yes', 'EOPNOTSUPP', 'yes']);
  t.deepEqual(row('four variables, and show\\(\\) executes'), ['ENOSPC', 'ENOSPC', 'yes']);
  t.regex(output, /^- x86: 4 registers, for data and for execution alike\.$/m);
  t.regex(output, /^- ppc64 power8: 1 for data, none for execution\.$/m);
  t.regex(output, /^- arm64: 4 for data, 6 more for execution\.$/m);
  t.regex(
    output,
    /arm64, stores to its end and lamp, 2 bytes: EINVAL: 0x1000100f with length 2 crosses a multiple of 8/,
  );
  t.regex(output, /x86, four variables.*: ENOSPC: .* 4 of 4 are taken by panel/);
});
