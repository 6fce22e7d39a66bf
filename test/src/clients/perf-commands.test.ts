import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readPerfData } from '@hwbp/perf';
import type { ExecutionContext } from 'ava';
import { ELF, hwbp, scratch, TRACE } from '../replay/run-cli.js';
import { PERF, testWith } from './need.js';
import { linesOf, runPerf } from './real-perf.js';

const EVENTS = 'mem:vault_total:w,mem:charge_fee:x';
const [VAULT, FEE] = [3513, 188];
const SAMPLES = VAULT + FEE;

/** A recording of the example, and other files beside it. */
async function recorded(t: ExecutionContext): Promise<{ data: string; beside(name: string): string }> {
  const folder = scratch(t);
  const data = folder('perf.data', '');
  t.is((await hwbp(['record', '-e', EVENTS, '--cpus', '2', '-o', data, '--elf', ELF, '--', TRACE])).code, 0);
  return { data, beside: (name) => `${data}.${name}` };
}

/** A test with a recording; `run` calls perf, which must succeed without a warning about the file. */
function testCommand(
  title: string,
  check: (
    t: ExecutionContext,
    file: { data: string; beside(name: string): string },
    run: (...args: readonly string[]) => Promise<string>,
  ) => Promise<void>,
): void {
  testWith(PERF, title, async (t, perf) => {
    const file = await recorded(t);
    await check(t, file, async (...args) => {
      const { code, stdout, stderr } = await runPerf(perf, args);
      t.is(code, 0, `${args.join(' ')}\n${stderr}`);
      t.notRegex(stderr, /lost|order|corrupt|invalid|fail/i);
      return stdout;
    });
  });
}

testCommand('perf data convert --to-json: every sample, and the machine', async (t, { data, beside }, run) => {
  await run('data', 'convert', '--to-json', beside('json'), '-i', data);
  const json = JSON.parse(readFileSync(beside('json'), 'utf8'));
  const { hostname, 'os-release': release, arch, 'cpu-desc': cpu, 'nrcpus-online': online } = json.headers;
  t.deepEqual(
    { hostname, arch, cpu, online },
    { hostname: 'hwbp', arch: 'x86_64', cpu: 'simulated x86-64', online: 2 },
  );
  t.regex(release, /^\d+\.\d+\.\d+.*-hwbp$/);
  t.is(json.samples.length, SAMPLES);
  t.like(json.samples[0], { pid: 1, cpu: 0, comm: 'ledger', callchain: [{ ip: '0x401155', symbol: 'deposit' }] });
});

testWith(PERF, 'perf data convert --to-ctf: a trace with every sample', async (t, perf) => {
  const { data, beside } = await recorded(t);
  const { code, stderr } = await runPerf(perf, ['data', 'convert', '--to-ctf', beside('ctf'), '-i', data]);
  if (code !== 0 && /not compiled in|No conversion support/i.test(stderr)) {
    t.log(`not tested: this perf was built without libbabeltrace, ${stderr.trim()}`);
    t.pass();
    return;
  }
  t.is(code, 0, stderr);
  t.regex(stderr, new RegExp(`\\(${SAMPLES} samples\\)`));
  const files = readdirSync(beside('ctf'));
  t.true(files.includes('metadata'));
  t.true(files.some((name) => name.startsWith('perf_stream') && statSync(`${beside('ctf')}/${name}`).size > 0));
});

testCommand('perf report --header: all that is known of the machine, and nothing else', async (t, { data }, run) => {
  const header = linesOf(await run('report', '--header-only', '-I', '-i', data));
  for (const line of [
    '# cpudesc : simulated x86-64',
    '# pmu mappings: breakpoint = 5, software = 1',
    '# nrcpus avail : 2',
  ]) {
    t.true(header.includes(line), `${line}\n${header.join('\n')}`);
  }
  t.regex(
    header.find((line) => line.startsWith('# missing features')) ?? '',
    /^# missing features: TRACING_DATA CPUID TOTAL_MEM CPU_TOPOLOGY NUMA_TOPOLOGY BRANCH_STACK GROUP_DESC AUXTRACE STAT CACHE MEM_TOPOLOGY CLOCKID DIR_FORMAT/,
  );
});

testCommand('perf buildid-list, and inject -b, name the program’s build id', async (t, { data, beside }, run) => {
  const listed = await run('buildid-list', '-i', data);
  t.regex(listed, /^[0-9a-f]{40} \/.*\/ledger\n$/);
  const [{ build_id, filename } = { build_id: new Uint8Array(0), filename: '' }] =
    readPerfData(readFileSync(data)).features.build_ids ?? [];
  t.is(`${Buffer.from(build_id).toString('hex')} ${filename}\n`, listed);
  await run('inject', '-b', '-i', data, '-o', beside('injected'));
  t.is(await run('buildid-list', '-i', beside('injected')), listed);
  t.is(linesOf(await run('script', '-F', 'ip', '-i', beside('injected'))).length, SAMPLES);
});

testCommand('perf annotate: the instructions behind the stores', async (t, { data }, run) => {
  const source = await run('annotate', '--stdio', '-i', data, 'charge_fee');
  t.regex(source, /Percent.*Source code & Disassembly of ledger for mem:/);
  t.regex(source, /100\.00 .*4011a1:/);
});

testCommand('perf mem, evlist, diff, script and its raw dump read every sample', async (t, { data }, run) => {
  t.is(linesOf(await run('mem', '-D', 'report', '-i', data)).length, SAMPLES + 1);
  t.regex(await run('mem', 'report', '--stdio', '-i', data), /# Samples: 3K of event 'mem:vault_total:w'/);
  t.deepEqual(linesOf(await run('evlist', '-i', data)), ['mem:vault_total:w', 'mem:charge_fee:x']);
  t.regex(await run('evlist', '-v', '-i', data), /mem:vault_total:w: type: 5, size: 112/);
  t.regex(await run('diff', data, data), /\+0\.00% +ledger +\[\.\] withdraw/);
  const dump = await run('script', '-D', '-i', data);
  t.is(dump.match(/PERF_RECORD_SAMPLE/g)?.length, SAMPLES);
  const stats = await run('report', '--stats', '-i', data);
  t.regex(stats, new RegExp(`SAMPLE events: +${SAMPLES} `));
});

testCommand('perf report by task, mapping, time and socket', async (t, { data }, run) => {
  t.regex(await run('report', '--stdio', '--tasks', '-i', data), /\|ledger/);
  t.regex(await run('report', '--stdio', '--mmaps', '-i', data), /r-xp .*\/ledger/);
  t.regex(await run('report', '--stdio', '--time', '0%-50%', '-i', data), /deposit/);
  t.regex(await run('report', '--stdio', '--sort', 'socket,sym', '-i', data), /deposit/);
  t.regex(await run('kvm', '-i', data, 'report', '--stdio'), /# Samples/);
});

testCommand(
  'perf sched script, kwork, stat report and trace find nothing of theirs, and say no more',
  async (t, { data }, run) => {
    t.is(linesOf(await run('sched', '-i', data, 'script')).length, SAMPLES);
    for (const args of [
      ['kwork', 'report', '-i', data],
      ['stat', 'report', '-i', data],
      ['trace', '-i', data],
    ]) {
      t.notRegex(await run(...args), /ledger/);
    }
  },
);

testWith(PERF, 'commands for tracepoints and for loads say that the file has none', async (t, perf) => {
  const { data } = await recorded(t);
  for (const [args, message] of [
    [['kmem', '-i', data, 'stat'], /No slab allocation events found/],
    [['lock', '-i', data, 'report'], /No trace sample to read/],
    [['sched', '-i', data, 'latency'], /No trace sample to read/],
    [['timechart', '-i', data], /No trace sample to read/],
    [['c2c', 'report', '--stdio', '-i', data], /Failed setup nodes/],
  ] as const) {
    const { stderr, stdout } = await runPerf(perf, args);
    t.regex(stderr + stdout, message, args.join(' '));
  }
});
