import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PERF_RECORD_SAMPLE, readPerfData } from '@hwbp/perf';
import test from 'ava';
import { BANK, BANK_DWARF4, BANK_TRACE, REPEAT, REPEAT_TRACE, THREAD_TRACE, THREADS } from './names.js';
import { BIN, beginningOf, ELF, hwbp, parseJson, scratch, TRACE, traceText } from './run-cli.js';

const bankText = gunzipSync(readFileSync(BANK_TRACE)).toString('latin1');
/** Without what Valgrind says of objects: the instructions alone must tell. */
const silent = bankText.replaceAll(/^--.*\n/gm, '');
const watch = (trace: string, elf: string, name: string, ...more: string[]): string[] => [
  'replay',
  trace,
  '--elf',
  elf,
  '--watch',
  name,
  '--json',
  ...more,
];

interface Trusted {
  readonly bias?: string;
  readonly doubts: readonly { readonly cause: string; readonly fatal: boolean }[];
}

const summaryOf = (stdout: string): Trusted => parseJson(stdout).summary as unknown as Trusted;

test('where a position-independent program was loaded is found in its trace, and said', async (t) => {
  const file = scratch(t);
  for (const [how, trace, why] of [
    ['as Valgrind says', BANK_TRACE, /loaded at 0x108000, as Valgrind's log says/],
    [
      'by its entry point',
      file('silent.trace', silent),
      /loaded at 0x108000, where the trace executes its entry point/,
    ],
  ] as const) {
    const { code, stdout } = await hwbp(watch(trace, BANK, 'Ledger<int>::total:w'));
    t.is(code, 0, how);
    t.is(summaryOf(stdout).bias, '0x108000');
    t.is(parseJson(stdout).summary.hits, 10);
    const text = await hwbp(['replay', trace, '--elf', BANK, '-w', 'plain:w']);
    t.regex(text.stdout, why);
  }
  const piped = await hwbp(watch('-', BANK, 'plain:w'), gzipSync(silent));
  t.is(piped.code, 0, piped.stderr);
  t.is(summaryOf(piped.stdout).bias, '0x108000');
  t.is(parseJson(piped.stdout).summary.hits, 1);
});

test('a trace that goes to another place has another bias', async (t) => {
  const moved = silent.replaceAll(
    /^(I {2}|[ ][LSM] )00(10[89abc])/gm,
    (_, line, digits) => `${line}${(0x5550_0000 + Number.parseInt(digits, 16)).toString(16).padStart(5, '0')}`,
  );
  const trace = scratch(t)('moved.trace', moved);
  const { code, stdout, stderr } = await hwbp(watch(trace, BANK, 'plain:w'));
  t.is(code, 0, stderr);
  t.is(summaryOf(stdout).bias, `0x${((0x5550_0000 + 0x108) * 0x1000).toString(16)}`);
  t.is(parseJson(stdout).summary.hits, 1);
});

test('perf events find it too, and so does the banner of hwbp debug', async (t) => {
  const { code, stdout } = await hwbp(['stat', '--json', '-e', 'mem:plain:w', '--elf', BANK, BANK_TRACE]);
  t.is(code, 0);
  t.is(Number(JSON.parse(stdout)['counter-value']), 1);
  const banner = await beginningOf(['debug', BANK_TRACE, '--elf', BANK, '--listen', '0'], /attach .*\n/);
  t.regex(banner, /program .*bank \(\d+ symbols\), loaded at 0x108000, as Valgrind's log says/);
});

/** Command lines whose answer nobody could believe, and what is said of it. */
const WRONG: readonly (readonly [title: string, args: readonly string[], says: RegExp])[] = [
  [
    'another program at fixed addresses',
    watch(TRACE, REPEAT, 'target/1:w'),
    /ledger\.trace\.gz is not of .*repeat: the instruction at 0x[0-9a-f]+ has \d+ bytes in the trace, and \d+ in the program.*'\.\/ledger'/,
  ],
  ['the other way round', watch(REPEAT_TRACE, ELF, 'today:w'), /repeat\.trace is not of .*ledger/],
  [
    'another program that can be loaded anywhere',
    watch(TRACE, BANK, 'plain:w'),
    /ledger\.trace\.gz|never executes its entry point/,
  ],
  ['a wrong bias', watch(BANK_TRACE, BANK, 'plain:w', '--load-bias', '0x107000'), /executes nothing of|is not of/],
  [
    'an address, and another program',
    watch(TRACE, BANK, '0x1000/4:w'),
    /seems to be the trace of another program than/,
  ],
  ['another build', watch(BANK_TRACE, BANK_DWARF4, 'plain:w', '--load-bias', '0x109000'), /bank-dwarf4/],
];

for (const [title, args, says] of WRONG) {
  test(`${title}: exit code 1, and why`, async (t) => {
    const { code, stderr } = await hwbp(args);
    t.is(code, 1);
    t.regex(stderr, says);
    t.notRegex(stderr, /\n {4}at /, 'no stack');
  });
}

test('a trace that was broken off says so: exit code 1, after what there was', async (t) => {
  const file = scratch(t);
  const text = traceText().toString('latin1');
  const lines = text.slice(0, text.indexOf('\n==1== Counted') + 1).replace(/\n==1== \n$/, '\n');
  for (const [content, says] of [
    [lines, /broken off: Valgrind's closing lines are missing/],
    [lines.slice(0, -5), /broken off: it ends with '/],
    [lines.replaceAll(/^==.*\n/gm, '').replace(/\n[^\n]*\n$/, '\n S 0040'), /broken off: it ends with ' S 0040'/],
  ] as const) {
    for (const name of ['vault_total:w', 'seal_accounts:x']) {
      const { code, stdout, stderr } = await hwbp(watch(file('cut.trace', content), ELF, name));
      t.is(code, 1);
      t.regex(stderr, says);
      t.true(summaryOf(stdout).doubts.some(({ fatal }) => fatal));
    }
  }
});

/**
 * Without what Valgrind says at the end. `record` ended with 0 here, because it had samples; but who looks in them for
 * who touched a variable is not told by the file that the rest of the run is missing: only the exit code can.
 */
const BROKEN = traceText().toString('latin1').split('\n').slice(0, 600_000).join('\n').concat('\n');

test('record and stat end as replay does where a trace was broken off, with samples or without', async (t) => {
  const file = scratch(t);
  const cut = file('cut.trace', BROKEN);
  const data = file('perf.data', '');
  for (const event of ['mem:vault_total:w', 'mem:0x1000:w']) {
    const recorded = await hwbp(['record', '-e', event, '-o', data, '--elf', ELF, cut]);
    t.is(recorded.code, 1, event);
    t.regex(recorded.stderr, /^hwbp: .*broken off/);
    const counted = await hwbp(['stat', '-e', event, '--elf', ELF, cut]);
    t.is(counted.code, 1, event);
    t.regex(counted.stderr, /^hwbp: .*broken off/);
  }
  const { stdout } = await hwbp(['record', '-e', 'mem:vault_total:w', '-o', data, '--elf', ELF, cut]);
  const samples = Number(/([\d,]+) samples/.exec(stdout)?.[1]?.replaceAll(',', ''));
  t.true(samples > 0, 'the file has what there was');
  const read = readPerfData(new Uint8Array(readFileSync(data)));
  t.is([...read.records()].filter(({ record }) => record.type === PERF_RECORD_SAMPLE).length, samples);
});

test('stat --json has what makes its counts doubtful, in a line of its own, and none where nothing does', async (t) => {
  const cut = scratch(t)('cut.trace', BROKEN);
  const lines = async (trace: string): Promise<readonly unknown[]> =>
    (await hwbp(['stat', '--json', '-e', 'mem:vault_total:w', '--elf', ELF, trace])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const [, last, ...more] = (await lines(cut)) as { doubts?: readonly { cause: string; fatal: boolean }[] }[];
  t.deepEqual(more, []);
  t.is(last?.doubts?.[0]?.fatal, true);
  t.regex(last?.doubts?.[0]?.cause ?? '', /broken off/);
  t.is((await lines(TRACE)).length, 1);
});

test('hwbp debug ends as they do, once the trace is over', async (t) => {
  const file = scratch(t);
  const cut = file('cut.trace', BROKEN.split('\n').slice(0, 2000).join('\n').concat('\n'));
  const beside = beginning(cut);
  t.regex((await beside).stderr, /^hwbp: .*broken off/m);
  t.is((await beside).code, 1);
  const whole = file('alone.trace', gunzipSync(readFileSync(path.join(THREADS, 'alone.trace.gz'))));
  t.is((await beginning(whole)).code, 0);
});

/** Lets `hwbp debug` play a trace to its end: a debugger attaches and detaches. */
function beginning(trace: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [BIN, 'debug', trace, '--listen', '0']);
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const port = /target remote \S+:(\d+)'/.exec(stdout)?.[1];
    if (port === undefined) return;
    stdout = '';
    const socket = connect(Number(port), '127.0.0.1');
    // Packet D detaches: the program runs on.
    socket.on('error', () => {}).write('$D#44');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

test('a replay that Ctrl-C ended does not say that its trace was broken off', async (t) => {
  const child = spawn(process.execPath, [BIN, ...watch('-', ELF, 'vault_total:w')]);
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout === '') child.kill('SIGINT');
    stdout += text;
  });
  // Its input never ends.
  child.stdin.on('error', () => {}).write(BROKEN);
  const code = await new Promise((resolve) => child.on('close', resolve));
  child.stdin.destroy();
  t.is(code, 130);
  t.deepEqual(summaryOf(stdout).doubts, []);
  t.notRegex(stderr, /broken off/);
});

test('a part of a trace without Valgrind’s lines is what it is', async (t) => {
  const lines = traceText().toString('latin1').split('\n').slice(1_000_000, 1_100_000);
  const { code, stdout } = await hwbp(watch('-', ELF, 'charge_fee:x'), Buffer.from(`${lines.join('\n')}\n`));
  t.is(code, 0);
  t.deepEqual(summaryOf(stdout).doubts, []);
});

test('a whole trace of the right program raises no doubt', async (t) => {
  const { code, stdout, stderr } = await hwbp(watch(TRACE, ELF, 'vault_total:w'));
  t.is(code, 0);
  t.is(stderr, '');
  t.deepEqual(summaryOf(stdout).doubts, []);
});

test('two processes in one log, two programs in one log, and threads are said', async (t) => {
  const file = scratch(t);
  const forked = traceText()
    .toString('latin1')
    .replace(/\n==1== \n==1== Counted/, '\n==2== \n==2== Exit code:       3\n==1== \n==1== Counted');
  const two = await hwbp(watch(file('forked.trace', forked), ELF, 'vault_total:w'));
  t.is(two.code, 0);
  t.regex(two.stderr, /note: .*2 processes \(1, 2\) did, mixed/);
  t.regex(two.stderr, /--log-file=prog\.%p\.trace/);
  const executed = await hwbp(watch(file('two.trace', bankText + bankText), BANK, 'plain:w'));
  t.regex(executed.stderr, /note: .*2 programs did, mixed/);
  const threads = await hwbp(watch(THREAD_TRACE, BANK, 'bank::last_packet:w'));
  t.is(threads.code, 0);
  t.regex(threads.stderr, /note: the program has threads, which Lackey does not tell apart/);
  const alone = await hwbp(watch(BANK_TRACE, BANK, 'bank::last_packet:w'));
  t.is(alone.stderr, '', 'a program that could have threads had none');
});

test('threads are said that no stub begins: called through the global offset table, or told by a second stack', async (t) => {
  for (const [name, says] of [
    ['got', /note: the program has threads, which Lackey does not tell apart/],
    [
      'alone',
      /note: the program uses several stacks, at 0x1fff000738 and at 0x480fef8: it seems to have threads \(or coroutines/,
    ],
  ] as const) {
    const program = path.join(THREADS, name);
    const one = await hwbp(watch(`${program}.trace.gz`, program, '0x1000/4:w'));
    t.is(one.stderr, '', `${name}: a run with one thread`);
    const two = await hwbp(watch(`${program}-threads.trace.gz`, program, '0x1000/4:w'));
    t.is(two.code, 0);
    t.regex(two.stderr, says);
    const counted = await hwbp(['stat', '-e', 'mem:0x1000:w', '--elf', program, `${program}-threads.trace.gz`]);
    t.regex(counted.stderr, says);
  }
});

test('a culprit in a library: its name where the log has it, and the program’s last instruction before it', async (t) => {
  const { stdout } = await hwbp(watch(BANK_TRACE, BANK, 'bank::name/8:w'));
  const { hits, summary } = parseJson(stdout);
  const from = hits.map((hit) => (hit as unknown as { from?: { symbol: string } }).from?.symbol);
  t.true(
    from.every((symbol) => symbol === 'main+0x5d' || symbol === 'main+0x6c'),
    from.join(),
  );
  t.is(summary.sites[0]?.symbol, null);
  // A log that says that a library was loaded where the C library was; its file is one that is here.
  const at = /Reading syms from .*libc\.so\.6\n--1-- {4}svma 0x([0-9a-f]+), avma 0x([0-9a-f]+)/.exec(bankText);
  const text = BigInt(`0x${at?.[2]}`);
  const far = hits.map(({ pc }) => BigInt(pc)).find((pc) => pc > text) ?? 0n;
  const log = bankText.replace(
    /--1-- Reading syms from .*libc\.so\.6\n.*\n/,
    `--1-- Reading syms from ${REPEAT}\n--1--    svma 0x401000, avma 0x${(far - 4n).toString(16)}\n`,
  );
  const named = await hwbp(watch(scratch(t)('named.trace', log), BANK, 'bank::name/8:w'));
  const sites = parseJson(named.stdout).summary.sites as readonly {
    object?: string;
    objectSymbol?: string;
    pc: string;
  }[];
  const site = sites.find(({ pc }) => BigInt(pc) === far);
  t.is(site?.object, 'repeat');
  t.is(site?.objectSymbol, 'begin+0x4');
  // A library of C++ has its names as people write them: that of `count(int)` is there, if it is the bank itself.
  const again = bankText.replace(
    /--1-- Reading syms from .*libc\.so\.6\n.*\n/,
    `--1-- Reading syms from ${BANK_DWARF4}\n--1--    svma 0x1080, avma 0x${(far - 0x1169n + 0x1080n).toString(16)}\n`,
  );
  const ofCpp = await hwbp(['replay', scratch(t)('cpp.trace', again), '--elf', BANK, '-w', 'bank::name/8:w']);
  t.regex(ofCpp.stdout, / count\(int\)\+0x0 \(bank-dwarf4\) from main\+0x5d /);
  const shown = await hwbp(['replay', BANK_TRACE, '--elf', BANK, '-w', 'bank::name/8:w']);
  t.regex(shown.stdout, / from main\+0x5d /);
});

test('sites in libraries whose names nobody said: what the program is linked with, and how they get names', async (t) => {
  const file = scratch(t);
  const shown = async (trace: string, elf: string, name: string): Promise<string> =>
    (await hwbp(['replay', trace, '--elf', elf, '-w', name])).stdout;
  const hint = /A site without a name lies outside of the program, which is linked with libc\.so\.6\./;
  const without = await shown(file('silent.trace', silent), BANK, 'bank::name/8:w');
  t.regex(without, hint);
  t.regex(without, /Record the trace with valgrind -v -v, and libraries have their names\./);
  const elsewhere = bankText.replaceAll(/(Reading syms from) .*\//g, '$1 /not/here/');
  const missing = await shown(file('elsewhere.trace', elsewhere), BANK, 'bank::name/8:w');
  t.regex(missing, /Valgrind names no object there whose file is here: replay where the program ran\./);
  t.notRegex(await shown(TRACE, ELF, 'vault_total:w'), /without a name/, 'every site is the program’s');
});
