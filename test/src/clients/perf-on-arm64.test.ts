import path from 'node:path';
import { hwbp, parseJson, ROOT, scratch } from '../replay/run-cli.js';
import { PERF, testWith } from './need.js';
import { linesOf, runPerf } from './real-perf.js';

const METERS = path.join(ROOT, 'examples/meters/meters');
const ON_ARM64 = ['--elf', METERS, '--arch', 'arm64'];
const WATCHES = ['billed:w', 'pulses:rw', 'clear:x'];

testWith(PERF, 'hwbp record on arm64, then perf: a file of aarch64, with the hits of a replay', async (t, perf) => {
  const file = scratch(t)('perf.data', '');
  const events = WATCHES.map((watch) => `mem:${watch}`).join(',');
  const recorded = await hwbp(['record', '-e', events, '-o', file, ...ON_ARM64, '--', `${METERS}.trace.gz`]);
  t.is(recorded.code, 0, recorded.stderr);

  const header = (await runPerf(perf, ['report', '--header-only', '-i', file])).stdout;
  t.regex(header, /^# arch : aarch64$/m);
  t.regex(header, /^# cpudesc : simulated Cortex-A57$/m);
  t.regex(header, /bp_type = 2, \{ bp_addr, config1 \} = 0x402058, \{ bp_len, config2 \} = 0x8/);

  // The instruction itself: arm64 reports before the access.
  const replayed = await hwbp([
    'replay',
    `${METERS}.trace.gz`,
    ...ON_ARM64,
    ...WATCHES.flatMap((w) => ['-w', w]),
    '--json',
  ]);
  const expected = parseJson(replayed.stdout).hits.map(({ watch, pc }) => `mem:${watch}: ${Number(pc).toString(16)}`);
  const script = await runPerf(perf, ['script', '-i', file, '-F', 'event,ip']);
  const shown = linesOf(script.stdout).map((line) => line.trim().replaceAll(/ +/g, ' '));
  t.is(shown.length, 182 + 2160 + 14);
  t.deepEqual(shown.sort(), expected.sort());

  const report = (await runPerf(perf, ['report', '--stdio', '-i', file, '--sort', 'sym'])).stdout;
  t.regex(report, /98\.90% +\[\.\] bill *\n +1\.10% +\[\.\] clear/);
  t.regex(report, /100\.00% +\[\.\] pulse/);
});
