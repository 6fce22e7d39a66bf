import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ELF, hwbp, scratch, TRACE } from '../replay/run-cli.js';
import { PERF, testWith } from './need.js';
import { linesOf, runPerf } from './real-perf.js';

/** From test/dist/clients. */
const REAL = path.join(import.meta.dirname, '../../fixtures/perf/ledger.data.gz');

const squeeze = (text: string): string[] => linesOf(text).map((line) => line.replaceAll(/ +/g, ' '));

testWith(
  PERF,
  'hwbp record, then perf script: the same addresses and instruction pointers as of a real run',
  async (t, perf) => {
    const file = scratch(t);
    const [ours, real] = [file('ours.data', ''), file('real.data', '')];
    writeFileSync(real, gunzipSync(readFileSync(REAL)));
    const events = 'mem:vault_total/4:w:u,mem:turnover/8:w:u,mem:charge_fee:x:u';
    t.is((await hwbp(['record', '-e', events, '-o', ours, '--elf', ELF, '--', TRACE])).code, 0);
    const script = async (data: string) =>
      squeeze((await runPerf(perf, ['script', '-i', data, '-F', 'comm,addr,ip'])).stdout);
    const shown = await script(ours);
    t.is(shown.length, 7211);
    // perf keeps the symbol's place in the line even where none is asked for.
    t.deepEqual(shown, await script(real));
  },
);

testWith(
  PERF,
  'hwbp record, then perf report: who wrote vault_total, by task, CPU, function and variable',
  async (t, perf) => {
    const file = scratch(t)('perf.data', '');
    const args = ['record', '-e', 'mem:vault_total:w', '--cpus', '2', '--tasks', '3', '-o', file, '--elf', ELF, TRACE];
    t.is((await hwbp(args)).code, 0);
    const sort = ['--sort', 'pid,cpu,sym,symbol_daddr'];
    const { stdout } = await runPerf(perf, ['report', '--stdio', '-i', file, '--mem-mode', ...sort]);
    t.deepEqual(
      squeeze(stdout)
        .filter((line) => /^\d/.test(line))
        .map((line) => line.replace(/ - -$/, ''))
        .sort(),
      [
        '0.03% 1:ledger 000 [.] charge_fee [.] vault_total+0x0',
        '0.03% 2:ledger 001 [.] charge_fee [.] vault_total+0x0',
        '0.03% 3:ledger 000 [.] charge_fee [.] vault_total+0x0',
        '15.63% 1:ledger 000 [.] withdraw [.] vault_total+0x0',
        '15.63% 2:ledger 001 [.] withdraw [.] vault_total+0x0',
        '15.63% 3:ledger 000 [.] withdraw [.] vault_total+0x0',
        '17.68% 1:ledger 000 [.] deposit [.] vault_total+0x0',
        '17.68% 2:ledger 001 [.] deposit [.] vault_total+0x0',
        '17.68% 3:ledger 000 [.] deposit [.] vault_total+0x0',
      ],
    );
    const script = await runPerf(perf, ['script', '--ns', '-i', file, '-F', 'time']);
    t.notRegex(script.stderr, /warn|order|lost/i);
    t.is(linesOf(script.stdout).length, 3 * 3513);
    const header = await runPerf(perf, ['report', '--header-only', '-i', file]);
    t.true(header.stdout.includes(`# cmdline : hwbp ${args.join(' ')} \n`), header.stdout);
    t.true(header.stdout.includes('# nrcpus online : 2\n'));
  },
);

testWith(PERF, 'two traces whose clocks drift apart, and a sampled clock: perf warns of nothing', async (t, perf) => {
  const folder = scratch(t);
  const file = folder('perf.data', '');
  const events = ['-e', 'mem:0x404390/4:w,mem:0x404040/8:w', '-e', 'cpu-clock'];
  const short = folder('short.trace', gunzipSync(readFileSync(TRACE)).subarray(0, 8_000_000));
  // The shorter one is broken off, which is said: the file has what there was of it.
  t.is((await hwbp(['record', ...events, '--cpus', '2', '-o', file, TRACE, short])).code, 1);
  const { stdout, stderr } = await runPerf(perf, ['script', '--ns', '-i', file, '-F', 'comm,cpu,time,event']);
  t.notRegex(stderr, /warn|order|lost/i);
  const times = linesOf(stdout).map((line) => Number(/ (\d+\.\d{9}):/.exec(line)?.[1]));
  t.true(times.length > 8000);
  t.true(
    times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0)),
    'in the order of time',
  );
  t.true(/ledger\.trace\.gz +\[000\].*cpu-clock/.test(stdout));
  t.true(/short\.trace +\[001\].*mem:0x404390\/4:w/.test(stdout));
});
