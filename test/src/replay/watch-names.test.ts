import test from 'ava';
import { BANK, BANK_DWARF4, BANK_TRACE, REPEAT, REPEAT_TRACE } from './names.js';
import { hwbp, parseJson, scratch, TRACE } from './run-cli.js';
import { type TinySymbol, tinyElf } from './tiny-elf.js';
import { testUsage, type UsageError } from './usage.js';

const bank = (...watches: readonly string[]): string[] => [
  'replay',
  BANK_TRACE,
  '--elf',
  BANK,
  ...watches.flatMap((watch) => ['--watch', watch]),
];

/** A watch, and the hits and the sites that the source of the program makes of it. */
const FOUND: readonly (readonly [watch: string, address: string, length: number, hits: number, site: string])[] = [
  ['bank::last_packet:w', '0x10c150', 4, 1, 'main+0xa3'],
  ['last_packet:w', '0x10c150', 4, 1, 'main+0xa3'],
  ['_ZN4bank11last_packetE:w', '0x10c150', 4, 1, 'main+0xa3'],
  ["'bank::last_packet'/2:w", '0x10c150', 2, 1, 'main+0xa3'],
  ['Ledger<int>::total:w', '0x10c15c', 4, 10, 'Ledger<int>::add(int)+0x0'],
  ['Ledger<int>::add:x', '0x10927c', 8, 10, 'Ledger<int>::add(int)+0x0'],
  ['Ledger<int>::add(int):x', '0x10927c', 8, 10, 'Ledger<int>::add(int)+0x0'],
  ['count(int)::calls:w', '0x10c154', 4, 1, 'count(int)+0x13'],
  ['count::calls:w', '0x10c154', 4, 1, 'count(int)+0x13'],
  ['calls:w', '0x10c154', 4, 1, 'count(int)+0x13'],
  ['(anonymous namespace)::hidden:w', '0x10c158', 4, 1, 'main+0x79'],
  ['bank::conf.limit:w', '0x10c12c', 4, 10, 'main+0x27'],
  ['conf.limit:w', '0x10c12c', 4, 10, 'main+0x27'],
  ['bank::conf.highest:w', '0x10c124', 4, 10, 'main+0x2d'],
  ['bank::conf.yearly[2].lowest:w', '0x10c140', 4, 10, 'main+0x3a'],
  ['bank::conf.yearly[2]:w', '0x10c140', 8, 10, 'main+0x3a'],
  ['bank::balances[3]:w', '0x10c0ec', 4, 1, 'main+0x23'],
  ['bank::balances[3]+2/1:w', '0x10c0ee', 1, 1, 'main+0x23'],
  ['bank::grid[1][2]:w', '0x10c0c8', 8, 10, 'main+0x33'],
  ['plain:w', '0x10c060', 4, 1, 'main+0x88'],
  ['strcpy@plt:x', '0x109030', 8, 1, 'strcpy@plt+0x0'],
];

for (const [watch, address, length, hits, site] of FOUND) {
  test(`${watch} is found, as people write it`, async (t) => {
    const { code, stdout, stderr } = await hwbp([...bank(watch), '--json']);
    t.is(code, 0, stderr);
    const { summary } = parseJson(stdout);
    const [only] = summary.watches as readonly { address?: string; length?: number; hits: number }[];
    t.is(only?.address, address);
    t.is(only?.length, length);
    t.is(only?.hits, hits);
    t.is(summary.sites[0]?.symbol, site);
  });
}

test('SYMBOL+0 is a part, 4 bytes of it, and SYMBOL the whole', async (t) => {
  const part = await hwbp([...bank('bank::name+0:w'), '--json']);
  t.deepEqual(
    parseJson(part.stdout).summary.watches.map((watch) => (watch as { length?: number }).length),
    [4],
  );
  const events = await hwbp(['stat', '--json', '-e', "mem:'bank::name'+0:w", '--elf', BANK, BANK_TRACE]);
  t.is(events.code, 0, events.stderr);
});

test('a variable of 4 bytes whose name has a colon is no word of the ksym tracer', async (t) => {
  const { stdout } = await hwbp([...bank('bank::last_packet:w', 'plain:w'), '--json']);
  const owners = parseJson(stdout).summary.registers.map(({ owner }) => owner ?? null);
  t.deepEqual(owners, ['replay', 'ksym_tracer', null, null]);
});

test('events have names in quotes, elements and members', async (t) => {
  const events = 'mem:\'bank::last_packet\':w,mem:"Ledger<int>::total"/4:w:u,mem:balances[3]:w,{mem:conf.limit:w}:u';
  const { code, stdout, stderr } = await hwbp(['stat', '--json', '-e', events, '--elf', BANK, BANK_TRACE]);
  t.is(code, 0, stderr);
  const counts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => Number(JSON.parse(line)['counter-value']));
  t.deepEqual(counts, [1, 10, 1, 10]);
});

test('members and elements are found in compressed debug information of an older version too', async (t) => {
  const args = ['replay', BANK_TRACE, '--elf', BANK_DWARF4, '--json', '--watch', 'bank::conf.yearly[2].lowest:w'];
  const { code, stdout, stderr } = await hwbp(args);
  t.is(code, 0, stderr);
  t.is(parseJson(stdout).summary.hits, 10);
});

const usage: readonly UsageError[] = [
  ['a thread-local variable', bank('bank::mine:w'), /'bank::mine' is thread-local: every thread has its own/],
  ['a thread-local variable without its namespace', bank('mine:w'), /'mine' is thread-local/],
  ['an imported function', bank('strcpy:x'), /'strcpy' is not in the program but in a library/, /strcpy@plt:x/],
  ['a local variable', bank('sum:w'), /'sum' is a local variable of count: it lies in a register or on the stack/],
  ['a member that there is not', bank('bank::conf.limt:w'), /no member 'limt'/, /did you mean limit\?/],
  ['an element behind the last', bank('bank::balances[10]:w'), /there is no bank::balances\[10\]/, /\[9\]/],
  ['an element of what is no array', bank('bank::last_packet[1]:w'), /last_packet is no array/],
  ['a member of what is no structure', bank('bank::last_packet.x:w'), /last_packet is no structure/],
  ['what a pointer points to', bank('bank::conf.where.lowest:w'), /conf\.where is a pointer/],
  [
    'an array of which no register can watch all',
    bank('bank::grid[1]:w'),
    /bank::grid\[1\] has 24 bytes/,
    /bank::grid\[1\]\+16\/8:w/,
  ],
  ['a name without its namespace, misspelt', bank('bank::last_paket:w'), /did you mean bank::last_packet/],
  [
    'elements without debug information',
    ['replay', REPEAT_TRACE, '--elf', REPEAT, '-w', 'target[1]:w'],
    /repeat has no debug information, which could say where \[1\] is/,
    /compile with -g, or write target\+OFFSET/,
  ],
  ['a decimal address', ['replay', TRACE, '-w', '4211600/4:w'], /the decimal 4211600 is 0x404390/],
  [
    'a decimal address that cannot be hexadecimal',
    ['replay', TRACE, '-w', '99999999999999999/4:w'],
    /0x16345785d89ffff/,
  ],
  ['a name without its type', bank('bank::last_packet'), /type is missing, as in bank::last_packet:w/],
  ['a quote that is not closed', ['stat', '-e', "mem:'bank", TRACE], /the quote is not closed/],
  [
    'a name with colons outside of quotes',
    ['stat', '-e', 'mem:bank::total:w', TRACE],
    /in quotes: mem:'bank::total':w/,
  ],
];

testUsage(usage);

const STT_TLS = 6;
const STT_GNU_IFUNC = 10;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;

/** Names that are no place in a program's memory, and what is said of them. */
const PLACELESS: readonly (readonly [symbol: Omit<TinySymbol, 'name'>, cause: RegExp, remedy: RegExp])[] = [
  [
    { value: 0x1100n, size: 64n, type: STT_GNU_IFUNC },
    /'it' is an indirect function \(IFUNC\): the program chooses one of several when it starts/,
    /the one that is used by its own name or address/,
  ],
  // The value is an offset in the thread's own memory: 0x1100 in the program is something else.
  [
    { value: 0x1100n, size: 4n, type: STT_TLS },
    /'it' is thread-local: every thread has its own, at an address that no file tells/,
    /print &NAME in gdb/,
  ],
  [
    { value: 0n, size: 0n, type: STT_GNU_IFUNC, section: SHN_UNDEF },
    /'it' is not in the program but in a library/,
    /it@plt:x/,
  ],
  [{ value: 0x1100n, size: 4n, section: SHN_ABS }, /'it' is a number that the linker was given/, /watch an address/],
];

for (const [i, [symbol, cause, remedy]] of PLACELESS.entries()) {
  test(`a name that is no place is told what it is, by watches and by events (${i}: ${cause.source})`, async (t) => {
    const elf = scratch(t)('program', tinyElf({ wide: true, little: true, symbols: [{ name: 'it', ...symbol }] }));
    for (const args of [
      ['replay', REPEAT_TRACE, '--elf', elf, '-w', 'it:x'],
      ['replay', REPEAT_TRACE, '--elf', elf, '-w', 'it+4/2:w'],
      ['stat', '-e', 'mem:it:w', '--elf', elf, REPEAT_TRACE],
      ['record', '-e', 'mem:it:x', '--elf', elf, '-o', `${elf}.data`, REPEAT_TRACE],
    ]) {
      const { code, stderr } = await hwbp(args);
      t.is(code, 2, args.join(' '));
      t.regex(stderr, cause);
      t.regex(stderr, remedy);
    }
  });
}
