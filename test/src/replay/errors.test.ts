import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { ELF, hwbp, parseJson, scratch, TRACE, traceText } from './run-cli.js';
import { testUsage, type UsageError } from './usage.js';

/** The example as a position-independent program: ET_DYN in its header. */
function pie(): Buffer {
  const elf = readFileSync(ELF);
  elf.writeUInt16LE(3, 16);
  return elf;
}

const watch = (...watches: string[]): string[] => watches.flatMap((text) => ['--watch', text]);

const usage: readonly UsageError[] = [
  ['no arguments', ['replay'], /no trace was named/, /hwbp replay TRACE --elf FILE --watch/, /valgrind --tool=lackey/],
  ['nothing to watch', ['replay', TRACE, '--elf', ELF], /nothing is watched/, /add --watch SYMBOL:w/],
  [
    'a missing trace',
    ['replay', 'nowhere.gz', '--elf', ELF, ...watch('today:w')],
    /no trace nowhere\.gz/,
    /current directory/,
  ],
  ['a missing program', ['replay', TRACE, '--elf', 'nowhere', ...watch('today:w')], /no program nowhere/],
  ['a directory', ['replay', '/', ...watch('0x1000:w')], /is a directory/, /name the file/],
  ['a program that is none', ['replay', TRACE, '--elf', TRACE, ...watch('today:w')], /not an ELF file/],
  ['a symbol without a program', ['replay', TRACE, ...watch('today:w')], /needs the program/, /--elf FILE/],
  [
    'an unknown symbol',
    ['replay', TRACE, '--elf', ELF, ...watch('vault_totl:w')],
    /no symbol 'vault_totl'/,
    /did you mean vault_total/,
  ],
  ['a piece of a name', ['replay', TRACE, '--elf', ELF, ...watch('fees:w')], /did you mean fees_by_month/],
  [
    'a misaligned watch',
    ['replay', TRACE, '--elf', ELF, ...watch('vault_total+2/4:w')],
    /0x404392 is not a multiple of 4/,
    /vault_total\+2\/2:w, or the block around it, 0x404390\/4:w/,
  ],
  [
    'an array',
    ['replay', TRACE, '--elf', ELF, ...watch('accounts:rw')],
    /768 bytes/,
    /accounts\/8:rw .* accounts\+760\/8:rw/,
  ],
  ['a length that x86 has not', ['replay', TRACE, ...watch('0x404390/3:w')], /cannot watch 3 bytes/, /1, 2, 4 or 8/],
  ['reads alone', ['replay', TRACE, '--elf', ELF, ...watch('today:r')], /x86 cannot watch 'r'/, /today:rw/],
  ['a length for execution', ['replay', TRACE, '--elf', ELF, ...watch('main/1:x')], /has no length/, /leave \/1 out/],
  [
    'a watch without a type',
    ['replay', TRACE, '--elf', ELF, ...watch('today')],
    /type is missing, as in today:w/,
    /SYMBOL\[\+OFFSET\]/,
  ],
  ['a type that is none', ['replay', TRACE, '--elf', ELF, ...watch('today:q')], /'q' is no type/],
  ['a bare number', ['replay', TRACE, ...watch('404390:w')], /0x404390/],
  [
    'too many watches',
    ['replay', TRACE, '--elf', ELF, ...watch('vault_total:w', 'today:w', 'turnover:w', 'main:x', 'slips_posted:w')],
    /--watch slips_posted:w: no debug register is left: x86 has 4/,
    /register 0: vault_total:w \(held by ksym_tracer\)/,
    /register 3: main:x \(held by replay\)/,
    /leave one of the watches out/,
  ],
  [
    'an unknown architecture',
    ['replay', TRACE, '--arch', 'x68', ...watch('0x1000:w')],
    /no architecture 'x68'/,
    /known: x86, ppc64, arm64, riscv64, none, or a package or a path/,
  ],
  [
    'an architecture without registers',
    ['replay', TRACE, '--arch', 'none', ...watch('0x1000:w')],
    /no debug registers/,
    /--arch x86/,
  ],
  ['no CPUs', ['replay', TRACE, '--cpus', '0', ...watch('0x1000:w')], /--cpus takes a whole number from 1 to 4096/],
  ['half a task', ['replay', TRACE, '--tasks', '1.5', ...watch('0x1000:w')], /--tasks takes a whole number/],
  [
    'a load bias that is no address',
    ['replay', TRACE, '--load-bias', 'high', ...watch('0x1000:w')],
    /--load-bias takes an address such as 0x108000/,
  ],
  [
    'a load bias for a program at fixed addresses',
    ['replay', TRACE, '--elf', ELF, '--load-bias', '0x1000', ...watch('vault_total:w')],
    /--load-bias: .*ledger is linked at fixed addresses/,
    /leave --load-bias out/,
  ],
  ['an unknown option', ['replay', TRACE, '--frobnicate'], /unknown option '--frobnicate'/, /--help/],
  ['an unknown command', ['reply'], /unknown command 'reply'/, /replay/],
];

testUsage(usage);

test('a position-independent program has its symbols where its trace executes it; --load-bias only overrides that', async (t) => {
  const file = scratch(t)('pie', pie());
  const args = ['replay', TRACE, '--elf', file, ...watch('vault_total:w'), '--json'];
  // Valgrind had loaded it where the linker said: its entry point is executed there.
  const found = await hwbp(args);
  t.is(found.code, 0, found.stderr);
  t.is(parseJson(found.stdout).summary.hits, 3513);
  const biased = await hwbp([...args, '--load-bias', '0']);
  t.is(parseJson(biased.stdout).summary.hits, 3513);
  const elsewhere = await hwbp([...args, '--load-bias', '0x1000']);
  t.is(elsewhere.code, 1);
  t.is(parseJson(elsewhere.stdout).summary.watches[0]?.hits, 0);
  t.regex(elsewhere.stderr, /executes nothing of|is not of/);
  const byAddress = await hwbp(['replay', TRACE, '--elf', file, ...watch('0x404390/4:w'), '--json']);
  t.is(parseJson(byAddress.stdout).summary.hits, 3513);
  t.is(parseJson(byAddress.stdout).hits[0]?.symbol, 'deposit+0x7');
  // A part of a trace without the entry point proves nothing.
  const part = traceText().toString('latin1').split('\n').slice(1_300_000, 1_310_000).join('\n');
  const refused = await hwbp(['replay', '-', ...args.slice(2)], Buffer.from(`${part}\n`));
  t.is(refused.code, 1);
  t.regex(refused.stderr, /position-independent.*never executes its entry point/);
  t.regex(refused.stderr, /--load-bias ADDRESS/);
});

test('a file without a trace: exit code 1, what it begins with, how to record one', async (t) => {
  const file = scratch(t);
  for (const [content, says] of [
    ['', /it is empty/],
    ['hello\nworld\n', /none of its 2 lines is an instruction; the first is 'hello'/],
    [' L 00001000,4\n', /none of its 1 lines/],
  ] as const) {
    const { code, stderr } = await hwbp(['replay', file('t', content), ...watch('0x1000:w')]);
    t.is(code, 1);
    t.regex(stderr, /there is no Lackey trace in/);
    t.regex(stderr, says);
    t.regex(stderr, /valgrind --tool=lackey --trace-mem=yes/);
  }
});

test('gzip that is damaged or ends early: exit code 1', async (t) => {
  const file = scratch(t);
  const good = gzipSync(traceText().subarray(0, 1_000_000));
  const short = await hwbp(['replay', file('short.gz', good.subarray(0, good.length >> 1)), ...watch('0x1000:w')]);
  t.is(short.code, 1);
  t.regex(short.stderr, /ends early/);
  const damaged = Buffer.from(good);
  damaged.fill(0xff, 1000, 1100);
  const { code, stderr } = await hwbp(['replay', file('bad.gz', damaged), ...watch('0x1000:w')]);
  t.is(code, 1);
  t.regex(stderr, /is damaged|ends early/);
});

test('--strict names the file, the line and what is wrong with it', async (t) => {
  const own = await hwbp(['replay', TRACE, '--elf', ELF, ...watch('today:w'), '--strict']);
  t.is(own.code, 1);
  t.regex(own.stderr, /ledger\.trace\.gz:1: '==1== Lackey/);
  t.regex(own.stderr, /grep -v '\^=='/);
  const text = traceText()
    .toString('latin1')
    .replaceAll(/^==.*\n/gm, '');
  const clean = await hwbp(
    ['replay', '-', '--elf', ELF, ...watch('vault_total:w'), '--strict', '--json'],
    Buffer.from(text),
  );
  t.is(clean.code, 0);
  t.is(parseJson(clean.stdout).summary.lines.other, 0);
  const lines = text.split('\n');
  lines[1_234_567] = ' S 1000';
  const broken = await hwbp(
    ['replay', '-', '--elf', ELF, ...watch('vault_total:w'), '--strict', '--json'],
    Buffer.from(lines.join('\n')),
  );
  t.is(broken.code, 1);
  t.regex(broken.stderr, /standard input:1234568: ' S 1000' is no line/);
});

test('--help and --version: exit code 0, with examples', async (t) => {
  const general = await hwbp(['--help']);
  t.is(general.code, 0);
  t.regex(general.stdout, /replay/);
  const help = await hwbp(['replay', '--help']);
  t.is(help.code, 0);
  t.regex(help.stdout, /Examples:\n {2}hwbp replay/);
  t.regex((await hwbp(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});
