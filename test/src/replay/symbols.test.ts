import { readFileSync } from 'node:fs';
import { fc, testProp } from '@fast-check/ava';
import { ElfError, loadDemangler, ProgramSymbols, readElf } from '@hwbp/cli';
import { symbolize } from '@hwbp/core';
import test from 'ava';
import { BANK, BANK_DWARF4, BANK_STRIPPED, REPEAT, REPEAT_TRACE } from './names.js';
import { ELF, traceText } from './run-cli.js';
import { type TinySymbol, tinyElf } from './tiny-elf.js';

const GLOBAL = 1;
const WEAK = 2;
const LOCAL = 0;
const NOTYPE = 0;
const FUNC = 2;

function tableOf(symbols: readonly TinySymbol[]): ProgramSymbols {
  return new ProgramSymbols(readElf(tinyElf({ wide: true, little: true, symbols })));
}

test('a symbol owns its size, and one without a size what is up to the next symbol and no further', (t) => {
  const table = tableOf([
    { name: '_init', value: 0x1000n, size: 0n, type: FUNC },
    { name: 'sized', value: 0x1100n, size: 0x20n, type: FUNC },
    { name: 'inner', value: 0x1108n, size: 0n, type: NOTYPE },
    { name: 'open', value: 0x1180n, size: 0n, type: FUNC },
    { name: 'last', value: 0x8ff0n, size: 0n, type: FUNC },
  ]);
  const names = [0x1000n, 0x10ffn, 0x1100n, 0x1109n, 0x111fn, 0x1120n, 0x117fn, 0x1180n, 0x2000n, 0x8ff8n, 0x9000n];
  t.deepEqual(
    names.map((address) => symbolize(table, address)),
    [
      '_init',
      '_init+0xff',
      'sized',
      'sized+0x9',
      'sized+0x1f',
      '0x1120',
      '0x117f',
      'open',
      'open+0xe80',
      'last+0x8',
      '0x9000',
    ],
  );
});

test('a large symbol owns what lies between the small ones inside it, however many these are', (t) => {
  const inside = Array.from({ length: 40 }, (_, i) => ({
    name: `part${i}`,
    value: 0x2000n + BigInt(16 * i),
    size: 8n,
  }));
  const table = tableOf([{ name: 'whole', value: 0x2000n - 16n, size: 0x1000n }, ...inside]);
  t.is(symbolize(table, 0x2000n), 'part0');
  t.is(symbolize(table, 0x2278n), 'whole+0x288');
  t.is(symbolize(table, 0x2278n - 8n), 'part39');
  t.is(symbolize(table, 0x2000n - 16n + 0x1000n), '0x2ff0');
});

/** Names of one address, and the one that a person would choose. */
const ALIASES: readonly (readonly [best: string, others: readonly TinySymbol[]])[] = [
  ['printf', [symbol('_IO_printf'), symbol('__printf', WEAK), symbol('printf')]],
  ['environ', [symbol('__environ'), symbol('_environ', WEAK), symbol('environ', WEAK)]],
  ['total', [symbol('total_of_everything'), symbol('total'), symbol('aaa', LOCAL)]],
  ['mine', [symbol('mine', LOCAL), symbol('__theirs'), symbol('weak', WEAK)]],
  ['typed', [{ ...symbol('lbl'), type: NOTYPE }, symbol('typed')]],
  ['parse', [symbol('parse.localalias'), symbol('parse')]],
  ['one', ['nine', 'eight', 'seven', 'six66', 'five5', 'four4', 'three', 'one', 'two22'].map((name) => symbol(name))],
];

function symbol(name: string, bind = GLOBAL): TinySymbol {
  return { name, value: 0x2000n, size: 8n, bind };
}

for (const [best, symbols] of ALIASES) {
  test(`of ${symbols.map(({ name }) => name).join(', ')} a person chooses ${best}, in any order`, (t) => {
    for (const order of [symbols, symbols.toReversed()]) t.is(symbolize(tableOf(order), 0x2004n), `${best}+0x4`);
  });
}

test('borders are no names of what begins there', (t) => {
  const table = tableOf([
    { name: '__bss_start', value: 0x2000n, size: 0n, type: NOTYPE },
    { name: '_edata', value: 0x2000n, size: 0n, type: NOTYPE },
  ]);
  t.is(symbolize(table, 0x2000n), '0x2000');
  t.is(table.lookup('__bss_start')?.address, 0x2000n);
});

test('stubs of the procedure linkage table have the names that gdb gives them', (t) => {
  const table = new ProgramSymbols(readElf(readFileSync(BANK)));
  // objdump -d: the first entry calls the dynamic linker, and has no name.
  t.is(symbolize(table, 0x1020n), '0x1020');
  t.is(symbolize(table, 0x1030n), 'strcpy@plt');
  t.is(symbolize(table, 0x1036n), 'strcpy@plt+0x6');
  t.is(table.lookup('memset@plt')?.size, 16);
  const stripped = new ProgramSymbols(readElf(readFileSync(BANK_STRIPPED)));
  t.truthy(stripped.lookup('strcpy@plt'), 'a stripped program has them too');
});

test('names of C++ and Rust as people write them; others stay as they are', async (t) => {
  const demangle = await loadDemangler();
  const names = {
    _ZN4bank11last_packetE: 'bank::last_packet',
    _ZN6LedgerIiE5totalE: 'Ledger<int>::total',
    _ZN12_GLOBAL__N_16hiddenE: '(anonymous namespace)::hidden',
    _ZTV4Base: 'vtable for Base',
    _RNvNtCs8L7TDMdnYZw_4bank6ledger5TOTAL: 'bank::ledger::TOTAL',
    _ZN4bank5TOTAL17h3b6f0ec6a55ffbe0E: 'bank::TOTAL',
    _init: '_init',
    _Z: '_Z',
    main: 'main',
    _ZN4bank: '_ZN4bank',
  };
  for (const [mangled, written] of Object.entries(names)) t.is(demangle(mangled), written);
});

test('a name with its version, as nm prints it', (t) => {
  const versioned = tableOf([
    { name: 'stdout@GLIBC_2.2.5', value: 0x2000n, size: 8n },
    { name: 'own@@MINE_1', value: 0x2008n, size: 8n },
  ]);
  for (const name of ['stdout', 'stdout@GLIBC_2.2.5']) t.is(versioned.named(name)[0]?.address, 0x2000n, name);
  for (const name of ['own', 'own@MINE_1', 'own@@MINE_1']) t.is(versioned.named(name)[0]?.address, 0x2008n, name);
  t.deepEqual(versioned.named('stdout@GLIBC_2.34'), []);
});

test('the length of every instruction that a trace has executed is the one that the program’s bytes say', (t) => {
  const programs = [
    [ELF, traceText().toString('latin1'), 200],
    [REPEAT, readFileSync(REPEAT_TRACE, 'latin1'), 60],
  ] as const;
  for (const [file, trace, least] of programs) {
    const { text } = readElf(readFileSync(file));
    const seen = new Map<bigint, number>();
    for (const [, digits, length] of trace.matchAll(/^I {2}([0-9a-f]+),(\d+)$/gm)) {
      const pc = BigInt(`0x${digits}`);
      if (pc < 0x40_0000n || pc >= 0x41_0000n) continue;
      seen.set(pc, Number(length));
    }
    t.true(seen.size >= least, `${file}: ${seen.size}`);
    for (const [pc, length] of seen) t.is(text.length(pc), length, `${file}, 0x${pc.toString(16)}`);
  }
});

const originals = [BANK, BANK_DWARF4, BANK_STRIPPED].map((file) => new Uint8Array(readFileSync(file)));

testProp(
  'a damaged program with debug information is refused or read, never more',
  [
    fc.constantFrom(...originals),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 1, max: 6 })), {
      maxLength: 10,
    }),
    fc.bigInt(0n, 0x5000n),
  ],
  (t, original, patches, address) => {
    const bytes = original.slice();
    for (const [at, value, count] of patches) bytes.fill(value, at % bytes.length, (at % bytes.length) + count);
    t.notThrows(() => {
      try {
        const elf = readElf(bytes);
        new ProgramSymbols(elf).resolve(address);
        const { variables, types, localsNamed } = elf.debugInformation();
        localsNamed('sum');
        for (const { type } of variables) {
          types.size(type);
          types.member(type, 'limit');
          types.memberNames(type);
          types.element(type, [1, 2]);
        }
      } catch (error) {
        if (!(error instanceof ElfError)) throw error;
      }
    });
  },
  { numRuns: 1500 },
);

test('variables, their sizes and functions’ locals are the same in both versions of debug information', (t) => {
  const [five, four] = [BANK, BANK_DWARF4].map((file) => {
    const { variables, types, localsNamed } = readElf(readFileSync(file)).debugInformation();
    return {
      variables: [...variables].map(({ name, type }) => `${name} ${types.size(type)} ${types.kind(type)}`).sort(),
      locals: localsNamed('sum'),
    };
  });
  t.deepEqual(five, four);
  t.true(five?.variables.includes('bank::grid 48 array'));
  t.true(five?.variables.includes('bank::conf 48 structure'), five?.variables.join('\n'));
  t.deepEqual(five?.locals, ['count']);
});
