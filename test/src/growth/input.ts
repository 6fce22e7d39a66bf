import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { x86 } from '@hwbp/arch-x86';
import { type ReplayHit, SiteSummary, type Watch } from '@hwbp/cli';
import { conformScript, parseLine } from '@hwbp/conform';
import { composeKernel, HW_BREAKPOINT_W, type Kernel, program } from '@hwbp/core';
import { LackeyReplay } from '@hwbp/lackey';
import { MemorySink, PerfDataWriter, parseEvents, readPerfData } from '@hwbp/perf';
import test from 'ava';
import { bytesOf, Client, frame, kernelWith } from '../kgdb/client.js';
import { watchAttr } from '../perf-data/arbitrary-file.js';
import { isLinear } from './steps.js';

const FEW = 200;
/** From test/dist/growth. */
const RECORDED = path.join(import.meta.dirname, '../../fixtures/oracle/x86/P.jsonl.gz');
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Replays a trace in chunks of so many bytes; a watch of 8 bytes at 0x1000 tells where the program was. */
function replay(text: string, chunk: number): () => void {
  const bytes = Buffer.from(text, 'latin1');
  const kernel: Kernel = composeKernel({ arch: x86() });
  const trace = new LackeyReplay();
  const task = kernel.machine.spawn(() => trace);
  const ranges = [{ first: 0x40_0000n, end: 0x50_0000n }];
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x1000n, bp_len: 8 };
  kernel.breakpoints.registerUser(attr, () => void trace.lastIn(ranges), task);
  return () => {
    for (let at = 0; at < bytes.length; at += chunk) {
      trace.feed(bytes.subarray(at, at + chunk));
      kernel.machine.wake(task);
      kernel.machine.run();
    }
    trace.end();
    kernel.machine.wake(task);
    kernel.machine.run();
  };
}

/** Traces of so many lines. */
const TRACES: Readonly<Record<string, (count: number) => string>> = {
  'instructions that store': (count) => times(count, (i) => `I  ${hex(0x40_0000 + 4 * i)},4\n S 00001000,4\n`).join(''),
  'accesses of one instruction': (count) => `I  00400000,4\n${' S 00001000,4\n'.repeat(count)}`,
  'iterations of one instruction': (count) =>
    times(count, (i) => `I  00400000,2\n S ${hex(0x0f00 + 4 * i)},4\n`).join(''),
  'hits far behind the only instruction of the program': (count) =>
    `I  00400000,4\n${times(count, (i) => `I  ${hex(0x70_0000 + 4 * i)},4\n S 00001000,4\n`).join('')}`,
  'a line that is none, and does not end': (count) => `I  00400000,4\n${'x'.repeat(20 * count)}`,
  'lines that are none': (count) => '==1== x\n'.repeat(count),
};

for (const [name, trace] of Object.entries(TRACES)) {
  for (const chunk of [1, 100, 1_000_000]) {
    test(`lackey, ${name}, in pieces of ${chunk} bytes`, (t) => {
      isLinear(t, FEW, (count) => replay(trace(count), chunk));
    });
  }
}

/** A file of so many records, and events, each with an id. */
function perfData(records: number, events: number): Uint8Array {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, {
    events: times(events, (i) => ({ attr: watchAttr(BigInt(0x1000 + 8 * i)), ids: [BigInt(i + 1)], name: `e${i}` })),
    features: {
      cmdline: times(records, (i) => `a${i}`),
      build_ids: times(records, (i) => ({ build_id: new Uint8Array(20).fill(1), filename: `/lib/${i}` })),
    },
  });
  for (let i = 0; i < records; i++) {
    const sample = { type: 9, misc: 2, ip: 1n, pid: 1, tid: 1, addr: 1n, cpu: 0, period: 1n } as const;
    writer.write({ ...sample, id: BigInt(1 + (i % events)), time: BigInt(i) });
  }
  writer.finish();
  return sink.bytes;
}

for (const [name, make] of [
  ['records', (count: number) => perfData(count, 1)],
  ['events', (count: number) => perfData(count, count)],
] as const) {
  test(`perf.data, ${name}`, (t) => {
    isLinear(t, FEW, (count) => {
      const file = make(count);
      return () => t.is([...readPerfData(file).records()].length >= count, true);
    });
  });
}

/** Event descriptions of so many of something. */
const EVENTS: Readonly<Record<string, (count: number) => string>> = {
  events: (count) => times(count, (i) => `mem:0x${hex(8 * i)}/4:w:u`).join(','),
  'groups of one': (count) => times(count, () => '{cs:u}:D').join(','),
  'members of a group with modifiers': (count) => `{${times(count, () => 'mem:0:w:u').join(',')}}:GHkhSD`,
};

for (const [name, text] of Object.entries(EVENTS)) {
  test(`event descriptions, ${name}`, (t) => {
    isLinear(t, FEW, (count) => {
      const events = text(count);
      return () => t.true(parseEvents(events).length > 0);
    });
  });
}

test('texts of which an engine would look at each part again for each other one: a million of them are read', (t) => {
  const many = 1_000_000;
  for (const text of [
    `mem:a${'[0]'.repeat(many)}:w`,
    `mem:0x${'0'.repeat(many)}8:w,mem:${'0'.repeat(many)}8:w`,
    `${' '.repeat(many)}cs${' '.repeat(many)}`,
    `mem:'${'"'.repeat(many)}':w`,
  ])
    t.true(parseEvents(text).length > 0);
  for (const text of [
    `mem:a${'[0]'.repeat(many)}[`,
    `mem:'${'"'.repeat(many)}`,
    `mem:0${'_'.repeat(many)}`,
    `cs:${'uk'.repeat(many)}`,
    `{cs,cs}:${'P'.repeat(many)}`,
    `${' '.repeat(many)}}`,
    '{'.repeat(many),
  ])
    t.throws(() => parseEvents(text), { code: 'PERF_EVENT_SYNTAX' });
});

test('a number of more digits than 64 bits have is refused before it is read, whatever its base', (t) => {
  const long = '9'.repeat(10_000_000);
  const started = performance.now();
  for (const text of [`mem:0x${long}:w`, `mem:${long}:w`, `mem:0/${long}:w`, `mem:a+${long}:w`])
    t.throws(() => parseEvents(text), { code: 'PERF_EVENT_SYNTAX', message: /has more than 64 bits$/ });
  t.is(parseEvents('mem:0x00000000000000000000000000000000000008:w').length, 1);
  t.throws(() => parseEvents('mem:18446744073709551616:w'), { message: /more than 64 bits/ });
  t.is(parseEvents('mem:18446744073709551615:w').length, 1);
  t.true(performance.now() - started < 60_000);
});

const script = (steps: readonly object[]): string =>
  JSON.stringify({ suite: 'P', id: 'growth', setup: { cpus: 1 }, steps });

/** Lines of a transcript of so many of something. */
const LINES: Readonly<Record<string, (count: number) => string>> = {
  'steps that nobody knows': (count) => script(times(count, (i) => ({ op: `x${i}`, a: [i], b: { c: '0x1' } }))),
  'keys of a step': (count) => script([{ op: 'x', ...Object.fromEntries(times(count, (i) => [`k${i}`, i])) }]),
  'steps that are none': (count) => `{"suite":"P","id":"x","setup":{},"steps":[${'1,'.repeat(count)}1]}`,
  'elements of a list': (count) => `[${'[],'.repeat(count)}1]`,
};

for (const [name, make] of Object.entries(LINES)) {
  test(`transcripts, ${name}`, (t) => {
    isLinear(t, FEW, (count) => {
      const line = make(count);
      return () => {
        const parsed = parseLine(line, { source: 'growth', line: 1 });
        if ('script' in parsed) conformScript(parsed.script, { strict: false });
      };
    });
  });
}

test('transcripts, steps of a recorded script, again and again', (t) => {
  const [first = ''] = gunzipSync(readFileSync(RECORDED)).toString('utf8').split('\n', 1);
  const recorded = JSON.parse(first) as { steps: readonly object[] };
  isLinear(t, 20, (count) => {
    const line = JSON.stringify({ ...recorded, steps: times(count, () => recorded.steps).flat() });
    return () => {
      const parsed = parseLine(line, { source: 'growth', line: 1 });
      t.true('script' in parsed && conformScript(parsed.script, { strict: false }).result !== 'malformed');
    };
  });
});

test('a number of a transcript has 1,000 digits at most: those of a long one take more than a step each', (t) => {
  const place = { source: 'growth', line: 1 };
  const line = parseLine('9'.repeat(1_000_000), place);
  const malformed = 'malformed' in line ? line.malformed : undefined;
  t.is(malformed?.code, 'TRANSCRIPT_OVER_BUDGET');
  t.is(malformed?.complaint, 'over the budget of a number: it has 1000000 digits, and 1000 are read');
  const sound = parseLine('9'.repeat(1000), place);
  t.is('malformed' in sound ? sound.malformed.code : undefined, 'TRANSCRIPT_NO_SCRIPT');
});

test('of a script with more steps than any has, no step is looked at', (t) => {
  const text = `{"suite":"P","id":"x","setup":{},"steps":[${'1,'.repeat(100_000)}1]}`;
  const line = parseLine(text, { source: 'growth', line: 1 });
  t.regex('malformed' in line ? line.malformed.complaint : '', /steps: .*100000/);
});

const SPIN = program(new Array(1000).fill({ pc: 0x40_0000n, length: 1, accesses: [] }));

/** What debuggers send, of so many of something, to a kernel that has as many tasks. */
const PACKETS: Readonly<Record<string, (count: number, pids: readonly number[]) => string>> = {
  'packets of nobody': (count) => frame('zap').repeat(count),
  'bytes between packets': (count) => '+-x'.repeat(count),
  'bytes of a packet': (count) => frame(`X0,0:${'y'.repeat(20 * count)}`),
  'packets that begin anew': (count) => '$m0,1'.repeat(count),
  'what each thread is called': (_, pids) => pids.map((pid) => frame(`qThreadExtraInfo,${pid.toString(16)}`)).join(''),
  'which threads there are': () => frame('qfThreadInfo'),
  'is each thread there': (_, pids) => pids.map((pid) => frame(`T${pid.toString(16)}`)).join(''),
  'the list of threads, in pieces': (count) =>
    times(count, (i) => frame(`qXfer:threads:read::${(20 * i).toString(16)},14`)).join(''),
};

for (const [name, packets] of Object.entries(PACKETS)) {
  test(`RSP, ${name}`, (t) => {
    isLinear(t, FEW, (count) => {
      const kernel = kernelWith({ cpus: 1 });
      const pids = times(count, () => kernel.machine.spawn(SPIN).pid);
      const { session } = new Client(kernel, { threads: 'tasks' });
      const bytes = bytesOf(packets(count, pids));
      return () => session.receive(bytes);
    });
  });
}

test('sites that are hit, each once, are added up, sorted and looked through', (t) => {
  const watch = { text: 'w', type: 'w', address: 0x1000n, length: 4 } as unknown as Watch;
  isLinear(t, 1000, (count) => {
    const hits = times(count, (i) => ({ watch, pc: BigInt(i), step: i }) as unknown as ReplayHit);
    return () => {
      const summary = new SiteSummary([watch]);
      for (const hit of hits) summary.add(hit);
      t.is(summary.of(watch).length, count);
      t.is(summary.rare(watch).length, count);
    };
  });
});
