import test from 'ava';
import { ELF, hwbp, TRACE } from '../replay/run-cli.js';
import { testUsage, type UsageError } from '../replay/usage.js';

const usage: readonly UsageError[] = [
  ['no trace', ['stat', '-e', 'cs'], /no trace was named/, /hwbp stat -e mem:SYMBOL:w --elf FILE -- TRACE/, /valgrind/],
  ['no event', ['record', TRACE], /nothing to record/, /hwbp record -e mem:SYMBOL:w/],
  ['a missing trace', ['stat', '-e', 'cs', 'nowhere.gz'], /no trace nowhere\.gz/],
  ['standard input twice', ['stat', '-e', 'cs', '-', '-'], /one trace only/],
  [
    'a syntax error',
    ['stat', '-e', 'cs,mem:0/q', TRACE],
    /-e: 'q' is no length/,
    /\n {2}cs,mem:0\/q\n +\^\n/,
    /--help/,
  ],
  ['a symbol without a program', ['record', '-e', 'mem:today:w', TRACE], /needs the program/, /--elf FILE/],
  [
    'an unknown symbol',
    ['stat', '-e', 'mem:vault_totl:w', '--elf', ELF, TRACE],
    /no symbol 'vault_totl'/,
    /did you mean vault_total/,
  ],
  [
    'an array',
    ['stat', '-e', 'mem:accounts:rw', '--elf', ELF, TRACE],
    /768 bytes/,
    /mem:accounts\/8:rw .* mem:accounts\+760\/8:rw/,
  ],
  [
    'an event that record cannot open',
    ['record', '-e', 'mem:0x404390:r', TRACE],
    /-e mem:0x404390:r: bp_type 1: x86 watches/,
  ],
  [
    'an unknown policy',
    ['stat', '-e', 'cs', '--policy', 'fair', TRACE],
    /no slot policy 'fair'/,
    /known: linux, flexible/,
  ],
  [
    'no CPUs',
    ['stat', '-e', 'cs', '--cpus', '0', TRACE],
    /--cpus takes a whole number from 1 to 4096/,
    /hwbp stat --help/,
  ],
  ['pages that are no power of two', ['record', '-e', 'cs', '-m', '3', TRACE], /--mmap-pages takes a power of two/],
  ['a pipe', ['record', '-e', 'cs', '-o', '-', TRACE], /cannot go to standard output/, /-o FILE/],
  ['a period of 0', ['record', '-e', 'cs', '-c', '0', TRACE], /--count takes a whole number from 1/],
  [
    'a file that cannot be written',
    ['record', '-e', 'mem:0:w', '-o', '/nowhere/x', TRACE],
    /\/nowhere\/x cannot be written: ENOENT/,
    /-o FILE/,
  ],
];

testUsage(usage);

test('--help of both commands shows how events are written, with examples', async (t) => {
  for (const command of ['record', 'stat']) {
    const { code, stdout } = await hwbp([command, '--help']);
    t.is(code, 0);
    t.regex(stdout, /mem:SYMBOL\[\+OFFSET\]/);
    t.regex(stdout, new RegExp(`Examples:\n {2}hwbp ${command} -e`));
  }
});
