import path from 'node:path';
import { fc } from '@fast-check/ava';
import {
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FORK,
  PERF_RECORD_LOST,
  PERF_RECORD_MISC_COMM_EXEC,
  PERF_RECORD_MISC_SWITCH_OUT,
  PERF_RECORD_MMAP,
  PERF_RECORD_MMAP2,
  PERF_RECORD_SAMPLE,
  PERF_RECORD_SWITCH,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
  type PerfDataEvent,
  type PerfDataWriter,
  type PerfEventAttr,
  type SampleRecord,
} from '@hwbp/perf';
import { PERF, testWith } from './need.js';
import { linesOf, perfDataFile, runPerf } from './real-perf.js';

/** From test/dist/clients. */
const LEDGER = path.join(import.meta.dirname, '../../../examples/corruption/ledger');

/** IP, TID, TIME, ADDR, CPU, PERIOD and IDENTIFIER. */
const FORMAT = { sample_type: 0x1_018f, read_format: 4, sample_id_all: true } as const;
const watch = (bp_addr: bigint, bp_type: number, bp_len: number): PerfEventAttr => ({
  ...FORMAT,
  type: 5,
  bp_type,
  bp_addr,
  bp_len,
  sample_period: 1,
  exclude_guest: true,
});

const vault: PerfDataEvent = { attr: watch(0x404390n, 2, 4), ids: [11n, 12n], name: 'mem:vault_total/4:w' };
const turnover: PerfDataEvent = { attr: watch(0x404040n, 3, 8), ids: [21n, 22n], name: 'mem:turnover/8:rw' };
const fee: PerfDataEvent = { attr: watch(0x4011a1n, 4, 8), ids: [31n, 32n], name: 'mem:charge_fee:x' };
const EVENTS = [vault, turnover, fee];

const at = (time: bigint) => ({ pid: 0, tid: 0, time, id: 11n, cpu: 0 });

/** A task that executes the example. */
function introduce(writer: PerfDataWriter, pid: number, comm: string, mmap: 'mmap' | 'mmap2'): void {
  writer.write({ type: PERF_RECORD_COMM, misc: PERF_RECORD_MISC_COMM_EXEC, pid, tid: pid, comm, sample_id: at(0n) });
  const mapping = { pid, tid: pid, addr: 0x401000n, len: 0x1000n, pgoff: 0x1000n, filename: LEDGER, sample_id: at(0n) };
  if (mmap === 'mmap') writer.write({ type: PERF_RECORD_MMAP, misc: 2, ...mapping });
  else writer.write({ type: PERF_RECORD_MMAP2, misc: 2, prot: 5, flags: 2, ...mapping });
}

function sample(event: PerfDataEvent, ip: bigint, time: bigint, cpu: number, pid: number): SampleRecord {
  const { bp_addr: addr = 0n } = event.attr;
  const id = event.ids[cpu] ?? 0n;
  return { type: PERF_RECORD_SAMPLE, misc: 2, id, ip, pid, tid: pid, time, addr, cpu, period: 1n };
}

const seconds = (time: bigint): string => `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;

const FIELDS = 'comm,pid,tid,cpu,time,period,event,addr,ip,sym,symoff,dso';

for (const mmap of ['mmap', 'mmap2'] as const) {
  testWith(PERF, `perf script shows every field of our samples, symbols through ${mmap}`, async (t, perf) => {
    const file = perfDataFile(t, { events: EVENTS }, (writer) => {
      introduce(writer, 101, 'ledger', mmap);
      introduce(writer, 102, 'second one', mmap);
      // One round, out of order, as the rings of two CPUs are.
      writer.write(sample(vault, 0x4011cbn, 2_000_000_007n, 1, 101), vault);
      writer.write(sample(turnover, 0x40115fn, 1_999_999_999n, 0, 102), turnover);
      writer.finishRound();
      writer.write(sample(fee, 0x4011a1n, 2_000_000_100n, 0, 101), fee);
      writer.write(sample(vault, 0x500000n, 2_000_000_101n, 0, 102), vault);
    });
    const { code, stdout } = await runPerf(perf, ['script', '--ns', '-i', file, '-F', FIELDS]);
    t.is(code, 0);
    t.deepEqual(
      linesOf(stdout).map((line) => line.replaceAll(/ +/g, ' ')),
      [
        `second one 102/102 [000] 1.999999999: 1 mem:turnover/8:rw: 404040 40115f deposit+0x17 (${LEDGER})`,
        `ledger 101/101 [001] 2.000000007: 1 mem:vault_total/4:w: 404390 4011cb charge_fee+0x2a (${LEDGER})`,
        `ledger 101/101 [000] 2.000000100: 1 mem:charge_fee:x: 4011a1 4011a1 charge_fee+0x0 (${LEDGER})`,
        'second one 102/102 [000] 2.000000101: 1 mem:vault_total/4:w: 404390 500000 [unknown] ([unknown])',
      ],
    );
  });
}

testWith(PERF, 'perf report adds our samples up by event, task, file and symbol', async (t, perf) => {
  const file = perfDataFile(t, { events: EVENTS }, (writer) => {
    introduce(writer, 101, 'ledger', 'mmap2');
    for (let i = 0n; i < 3n; i++) writer.write(sample(vault, 0x401155n, 10n + i, 0, 101), vault);
    writer.write(sample(vault, 0x4011cbn, 20n, 1, 101), vault);
    writer.write(sample(turnover, 0x401187n, 21n, 1, 101), turnover);
  });
  const { code, stdout } = await runPerf(perf, ['report', '--stdio', '-i', file, '--sort', 'cpu,comm,dso,sym']);
  t.is(code, 0);
  t.deepEqual(
    linesOf(stdout)
      .filter((line) => /^# (Samples|Event count)|^\d/.test(line))
      .map((line) => line.replaceAll(/ +/g, ' ')),
    [
      "# Samples: 4 of event 'mem:vault_total/4:w'",
      '# Event count (approx.): 4',
      '75.00% 000 ledger ledger [.] deposit',
      '25.00% 001 ledger ledger [.] charge_fee',
      "# Samples: 1 of event 'mem:turnover/8:rw'",
      '# Event count (approx.): 1',
      '100.00% 001 ledger ledger [.] withdraw',
    ],
  );
});

testWith(
  PERF,
  'perf evlist -v reads back every field of our attrs, and names the events without EVENT_DESC',
  async (t, perf) => {
    const attr: PerfEventAttr = {
      ...watch(0xffff_8880_0040_4390n, 7, 4),
      disabled: true,
      inherit: true,
      pinned: true,
      exclude_kernel: true,
      exclude_hv: true,
      enable_on_exec: true,
      mmap: true,
      comm: true,
      task: true,
      mmap2: true,
      precise_ip: 2,
      watermark: true,
      wakeup_watermark: 64,
      read_format: 0xf,
      sample_max_stack: 9,
      sig_data: 5n,
    };
    const clock: PerfEventAttr = { ...FORMAT, type: 1, config: 1, freq: true, sample_freq: 4000, wakeup_events: 3 };
    const file = perfDataFile(
      t,
      {
        events: [
          { attr, ids: [1n] },
          { attr: clock, ids: [2n] },
        ],
      },
      () => {},
    );
    const { stdout } = await runPerf(perf, ['evlist', '-v', '-i', file]);
    const lines = linesOf(stdout);
    const fields = (line = ''): string[] => line.replace(/^[^ ]+ /, '').split(/, (?![a-z_0-9]+ \})/);
    t.true(lines[0]?.startsWith('mem:0xffff888000404390:rwx:upp'), lines[0]);
    t.deepEqual(fields(lines[0]), [
      'type: 5',
      'size: 128',
      '{ sample_period, sample_freq }: 1',
      'sample_type: IP|TID|TIME|ADDR|CPU|PERIOD|IDENTIFIER',
      'read_format: TOTAL_TIME_ENABLED|TOTAL_TIME_RUNNING|ID|GROUP',
      'disabled: 1',
      'inherit: 1',
      'pinned: 1',
      'exclude_kernel: 1',
      'exclude_hv: 1',
      'mmap: 1',
      'comm: 1',
      'enable_on_exec: 1',
      'task: 1',
      'watermark: 1',
      'precise_ip: 2',
      'sample_id_all: 1',
      'exclude_guest: 1',
      'mmap2: 1',
      '{ wakeup_events, wakeup_watermark }: 64',
      'bp_type: 7',
      '{ bp_addr, config1 }: 0xffff888000404390',
      '{ bp_len, config2 }: 0x4',
      'sample_max_stack: 9',
      'sig_data: 5',
    ]);
    t.deepEqual(fields(lines[1]), [
      'type: 1',
      'size: 128',
      'config: 0x1',
      '{ sample_period, sample_freq }: 4000',
      'sample_type: IP|TID|TIME|ADDR|CPU|PERIOD|IDENTIFIER',
      'read_format: ID',
      'freq: 1',
      'sample_id_all: 1',
      '{ wakeup_events, wakeup_watermark }: 3',
    ]);
  },
);

testWith(PERF, 'perf report --header shows what we say about the machine', async (t, perf) => {
  const features = {
    hostname: 'simulated',
    osrelease: '6.18.0-simulated',
    version: '0.1.0',
    arch: 'x86_64',
    nrcpus: { available: 4, online: 3 },
    cpudesc: 'four debug registers',
    total_mem: 1024n,
    cmdline: ['hwbp', 'record', '-e', 'mem:vault_total/4:w', 'a b'],
    groups: [{ name: '', leader: 0, members: 2 }],
  };
  const file = perfDataFile(t, { events: EVENTS, features }, (writer) => {
    writer.write(sample(vault, 1n, 1_000_000_000n, 0, 1), vault);
    writer.write(sample(vault, 1n, 3_500_000_000n, 0, 1), vault);
  });
  const { stdout } = await runPerf(perf, ['report', '--header-only', '-i', file]);
  for (const line of [
    '# hostname : simulated',
    '# os release : 6.18.0-simulated',
    '# perf version : 0.1.0',
    '# arch : x86_64',
    '# nrcpus online : 3',
    '# nrcpus avail : 4',
    '# cpudesc : four debug registers',
    '# total memory : 1024 kB',
    '# cmdline : hwbp record -e mem:vault_total/4:w a b ',
    '# time of first sample : 1.000000',
    '# time of last sample : 3.500000',
    '# group: {mem:vault_total/4:w,mem:turnover/8:rw}',
  ]) {
    t.true(stdout.includes(`${line}\n`), `${line}\n${stdout}`);
  }
  t.regex(stdout, /# event : name = mem:turnover\/8:rw, , id = \{ 21, 22 \}/);
});

testWith(PERF, 'perf script shows our records that are no samples', async (t, perf) => {
  const ids = (time: bigint) => ({ pid: 1, tid: 1, time, id: 11n, cpu: 1 });
  const file = perfDataFile(t, { events: EVENTS }, (writer) => {
    introduce(writer, 1, 'ledger', 'mmap2');
    const task = { pid: 2, ppid: 1, tid: 2, ptid: 1 };
    writer.write({ type: PERF_RECORD_FORK, misc: 0, ...task, time: 10n, sample_id: ids(10n) });
    writer.write({ type: PERF_RECORD_SWITCH, misc: PERF_RECORD_MISC_SWITCH_OUT, sample_id: ids(11n) });
    writer.write({ type: PERF_RECORD_SWITCH, misc: 0, sample_id: ids(12n) });
    writer.write({ type: PERF_RECORD_LOST, misc: 0, id: 11n, lost: 7n, sample_id: ids(13n) });
    writer.write({ type: PERF_RECORD_THROTTLE, misc: 0, time: 14n, id: 11n, stream_id: 1n, sample_id: ids(14n) });
    writer.write({ type: PERF_RECORD_UNTHROTTLE, misc: 0, time: 15n, id: 11n, stream_id: 1n, sample_id: ids(15n) });
    writer.write({ type: PERF_RECORD_EXIT, misc: 0, ...task, time: 16n, sample_id: ids(16n) });
  });
  const shown = await runPerf(perf, [
    ...['script', '--ns', '-i', file, '-F', 'tid,time,event,ip'],
    ...[
      '--show-task-events',
      '--show-mmap-events',
      '--show-switch-events',
      '--show-lost-events',
      '--show-round-events',
    ],
  ]);
  const text = shown.stdout;
  for (const line of [
    /PERF_RECORD_COMM exec: ledger:1\/1/,
    /PERF_RECORD_MMAP2 1\/1: \[0x401000\(0x1000\) @ 0x1000 00:00 0 0\]: r-xp .*ledger/,
    /0\.000000010: PERF_RECORD_FORK\(2:2\):\(1:1\)/,
    /0\.000000011: PERF_RECORD_SWITCH OUT/,
    /0\.000000012: PERF_RECORD_SWITCH IN/,
    /0\.000000013: PERF_RECORD_LOST lost 7/,
    /0\.000000016: PERF_RECORD_EXIT\(2:2\):\(1:1\)/,
    /PERF_RECORD_FINISHED_ROUND/,
  ]) {
    t.regex(text, line);
  }
  const dump = await runPerf(perf, ['script', '-D', '-i', file]);
  t.regex(dump.stdout, /PERF_RECORD_THROTTLE/);
  t.regex(dump.stdout, /PERF_RECORD_UNTHROTTLE/);
  t.regex(dump.stdout, /PERF_RECORD_LOST: id:11: lost:7/);
});

testWith(PERF, 'groups, read values and call chains are what perf makes of them', async (t, perf) => {
  const grouped = { ...FORMAT, sample_type: 0x1_01bf, read_format: 0xf };
  const [leader, sibling] = [vault, turnover].map((event) => ({ ...event, attr: { ...event.attr, ...grouped } }));
  if (leader === undefined || sibling === undefined) throw new Error('two events');
  const features = { groups: [{ name: '', leader: 0, members: 2 }] };
  const PERF_CONTEXT_USER = 2n ** 64n - 512n;
  const file = perfDataFile(t, { events: [leader, sibling], features }, (writer) => {
    introduce(writer, 1, 'ledger', 'mmap2');
    const values = [
      { value: 1n, id: 11n },
      { value: 5n, id: 21n },
    ];
    writer.write(
      {
        ...sample(leader, 0x4011cbn, 10n, 0, 1),
        values: { time_enabled: 10n, time_running: 10n, values },
        callchain: [PERF_CONTEXT_USER, 0x4011cbn, 0x401155n],
      },
      leader,
    );
  });
  const script = await runPerf(perf, ['script', '--ns', '-i', file, '-F', 'event,period,ip,sym,symoff']);
  t.deepEqual(
    linesOf(script.stdout).map((line) => line.replaceAll(/ +/g, ' ')),
    [
      '1 mem:vault_total/4:w:',
      '11cb charge_fee+0x2a',
      '1155 deposit+0xd',
      '5 mem:turnover/8:rw:',
      '11cb charge_fee+0x2a',
      '1155 deposit+0xd',
    ],
    'perf spreads the group over its members',
  );
  const report = await runPerf(perf, ['report', '--stdio', '--no-children', '-g', 'none', '-i', file]);
  t.regex(report.stdout, /Samples: 2 +of events ' ?\{ mem:vault_total\/4:w, mem:turnover\/8:rw \}'/);
});

const arbitrarySamples = fc.array(
  fc.record({
    event: fc.nat(2),
    ip: fc.oneof(fc.bigInt({ min: 0x401000n, max: 0x401394n }), fc.bigInt({ min: 0n, max: 2n ** 47n })),
    step: fc.bigInt({ min: 1n, max: 10n ** 10n }),
    cpu: fc.nat(1),
    pid: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 400 },
);

testWith(PERF, 'a file without rounds is sorted as a whole', async (t, perf) => {
  const file = perfDataFile(t, { events: EVENTS, finishedRounds: false, roundBytes: 64 }, (writer) => {
    for (let time = 100n; time > 0n; time--) writer.write(sample(vault, 0x401155n, time, 0, 1), vault);
  });
  const { stdout, stderr } = await runPerf(perf, ['script', '--ns', '-i', file, '-F', 'time']);
  t.notRegex(stderr, /out of order|below last/i);
  t.deepEqual(
    linesOf(stdout),
    Array.from({ length: 100 }, (_, i) => `${seconds(BigInt(i + 1))}:`),
  );
});

testWith(PERF, 'perf report --mem-mode names the data that was watched', async (t, perf) => {
  const attr = { ...vault.attr, sample_type: FORMAT.sample_type | 0x8000 };
  const file = perfDataFile(t, { events: [{ ...vault, attr }] }, (writer) => {
    introduce(writer, 1, 'ledger', 'mmap2');
    const data = { addr: 0x403000n, len: 0x2000n, pgoff: 0x2000n, prot: 3, flags: 2, filename: LEDGER };
    writer.write({ type: PERF_RECORD_MMAP2, misc: 0x2002, pid: 1, tid: 1, ...data, sample_id: at(0n) });
    writer.write(sample(vault, 0x4011cbn, 10n, 0, 1));
  });
  const { stdout } = await runPerf(perf, ['report', '--stdio', '-i', file, '--mem-mode', '--sort', 'sym,symbol_daddr']);
  t.regex(stdout, /100\.00% +\[\.\] charge_fee +\[\.\] vault_total\+0x0/);
});

testWith(
  PERF,
  'any samples, in rounds of any length: perf script prints the same fields in the order of time',
  async (t, perf) => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySamples,
        fc.integer({ min: 64, max: 4096 }),
        fc.boolean(),
        async (steps, roundBytes, swap) => {
          let time = 0n;
          const samples = steps.map(({ event, ip, step, cpu, pid }) => {
            time += step;
            const of = EVENTS[event] as PerfDataEvent;
            return { of, record: sample(of, ip, time, cpu, pid) };
          });
          const file = perfDataFile(t, { events: EVENTS, roundBytes }, (writer) => {
            const disordered = swap
              ? samples.flatMap((_, i) => (i % 2 === 0 ? samples.slice(i, i + 2).reverse() : []))
              : samples;
            for (const { of, record } of disordered) writer.write(record, of);
            t.is(writer.late, 0);
          });
          const { stdout, stderr } = await runPerf(perf, [
            'script',
            '--ns',
            '-i',
            file,
            '-F',
            'pid,tid,cpu,time,period,event,addr,ip',
          ]);
          t.notRegex(stderr, /out of order|below last/i);
          const expected = samples.map(({ of, record: { pid, cpu, time: when = 0n, addr, ip } }) =>
            [
              `${pid}/${pid}`,
              `[00${cpu}]`,
              `${seconds(when)}:`,
              '1',
              `${of.name}:`,
              addr?.toString(16),
              ip?.toString(16),
            ].join(' '),
          );
          t.deepEqual(
            linesOf(stdout).map((line) => line.replaceAll(/ +/g, ' ')),
            expected,
          );
        },
      ),
      { numRuns: 8 },
    );
  },
);
