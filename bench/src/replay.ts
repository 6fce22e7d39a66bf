import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W } from '@hwbp/core';
import { LackeyReplay } from '@hwbp/lackey';
import { alternate, nanoseconds, ratio, type Sampled, sink } from './measure.js';
import type { Missing, Row } from './row.js';

const TRACE = new URL('../../examples/corruption/ledger.trace.gz', import.meta.url);
/** An address that the program stores to now and then. */
const WATCHED = 0x404390n;
/** Copies of the recorded trace in the file that whole processes read. */
const COPIES = 8;
/** Bytes that the replay is fed at a time, as the command does it. */
const BLOCK = 512 * 1024;

/**
 * Whole processes that do the same job: every access parsed, and compared with one range; they print the count of hits.
 */
const AWK = `BEGIN { first = strtonum("0x404390"); last = first + 3 }
/^ [LSM]/ { split($2, f, ","); a = strtonum("0x" f[1]); if ($1 != "L" && a <= last && a + f[2] > first) hits++ }
/^I/ { split($2, f, ","); a = strtonum("0x" f[1]); steps++ }
END { print hits }`;
const PYTHON = `import sys
first, last, hits, steps = 0x404390, 0x404393, 0, 0
for line in open(sys.argv[1]):
    if line[:1] == 'I':
        address, size = line[3:].split(','); steps += 1; address = int(address, 16)
    elif line[:2] in (' L', ' S', ' M'):
        address, size = line[3:].split(','); address = int(address, 16)
        if line[1] != 'L' and address <= last and address + int(size) > first: hits += 1
print(hits)`;

function keep(value: number): void {
  sink.value += value;
}

function perSecond(samples: readonly number[]): Sampled {
  const { median, min, max } = nanoseconds(samples);
  return { median: 1000 / median, min: 1000 / max, max: 1000 / min };
}

/** Replays text that is in memory on a kernel with one watch; returns the hits. */
function replay(chunks: readonly Uint8Array[]): number {
  using kernel = composeKernel({ arch: x86(), quantum: 1_000_000 });
  const trace = new LackeyReplay();
  const task = kernel.machine.spawn(() => trace);
  let hits = 0;
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: WATCHED, bp_len: 4 };
  kernel.breakpoints.registerUser(attr, () => hits++, task);
  for (const chunk of chunks) {
    trace.feed(chunk);
    kernel.machine.wake(task);
    kernel.machine.run();
  }
  trace.end();
  kernel.machine.wake(task);
  kernel.machine.run();
  return hits;
}

function has(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout;
}

/** The main job on real text: in memory, from a file, gzipped, and beside other tools. */
export async function traceReplay(): Promise<readonly (Row | Missing)[]> {
  const text = gunzipSync(readFileSync(TRACE));
  const lines = text.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  const chunks = Array.from({ length: Math.ceil(text.length / BLOCK) }, (_, i) =>
    text.subarray(i * BLOCK, (i + 1) * BLOCK),
  );
  const inMemory = alternate(lines, { plain: () => keep(replay(chunks)) }, 20);
  const zipped = gzipSync(text);
  const gz = alternate(lines, { gz: () => keep(replay([gunzipSync(zipped)])) }, 15);
  const rows: (Row | Missing)[] = [
    {
      what: 'Lackey text in memory, parsed and checked',
      figure: perSecond(inMemory.plain),
      unit: 'M/s',
      bound: 'least',
      target: 120,
    },
    { what: 'Lackey text, gzipped', figure: perSecond(gz.gz), unit: 'M/s', bound: 'least', target: 35 },
  ];
  const folder = await mkdtemp(path.join(tmpdir(), 'hwbp-bench-'));
  try {
    const file = path.join(folder, 'trace');
    writeFileSync(file, Buffer.concat(new Array(COPIES).fill(text)));
    rows.push(...besideTools(file, lines * COPIES), memory(file, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

/** Whole processes on the same file, in turn. */
function besideTools(file: string, lines: number): readonly (Row | Missing)[] {
  const ours = (): string => output(process.execPath, [HWBP, 'replay', file, '--watch', '0x404390/4:w', '--json']);
  const summary = (text: string): number =>
    (JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as { hits: number }).hits;
  const expected = summary(ours());
  const tools: readonly [name: string, target: number, args: readonly string[]][] = [
    ['gawk', 15, [AWK, file]],
    ['python3', 8, ['-c', PYTHON, file]],
  ];
  return tools.map(([name, target, args]): Row | Missing => {
    const what = `replay / ${name} doing the same job`;
    if (!has(name)) return { what, missing: `${name} is not installed (apt-get install ${name})` };
    const hits = Number(output(name, args));
    if (hits !== expected) throw new Error(`${name} finds ${hits} hits, hwbp ${expected}`);
    const times = alternate(lines, { tool: () => void output(name, args), ours: () => void ours() }, 3);
    const note = `whole processes: ${name} ${perSecond(times.tool).median.toFixed(1)} M/s, hwbp ${perSecond(times.ours).median.toFixed(1)} M/s`;
    return { what, figure: ratio(times.tool, times.ours), unit: 'x', bound: 'least', target, note };
  });
}

const HWBP = new URL('../../cli/bin/hwbp.js', import.meta.url).pathname;

/** Peak memory of a file of one copy and one of eight: constant means the same. */
function memory(file: string, folder: string): Row | Missing {
  const what = 'peak memory, a trace 8 times as long / once';
  if (process.platform !== 'linux') return { what, missing: 'needs Linux (peak memory from /proc)' };
  const once = path.join(folder, 'once');
  writeFileSync(once, gunzipSync(readFileSync(TRACE)));
  const script = `import(${JSON.stringify(new URL('../../cli/bin/hwbp.js', import.meta.url).href)});
    process.on('exit', () => process.stderr.write(require('fs').readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\\s+(\\d+)/)[1]));`;
  const peak = (trace: string): number => {
    const args = ['-e', script, 'hwbp', 'replay', trace, '--watch', '0x404390/4:w', '--json'];
    return Number(
      spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
        .stderr.trim()
        .split('\n')
        .at(-1),
    );
  };
  const samples = Array.from({ length: 3 }, () => peak(file) / peak(once));
  return {
    what,
    figure: nanoseconds(samples),
    unit: 'x',
    bound: 'most',
    target: 1.2,
    note: `${(peak(file) / 1024).toFixed(0)} MiB`,
  };
}
