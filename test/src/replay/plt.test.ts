import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fc, testProp } from '@fast-check/ava';
import { ElfError, ProgramSymbols, readElf } from '@hwbp/cli';
import { symbolize } from '@hwbp/core';
import test from 'ava';
import { hwbp } from './run-cli.js';

const FOLDER = path.join(import.meta.dirname, '../../fixtures/plt');
const fileOf = (name: string): string => path.join(FOLDER, name);
const symbolsOf = (bytes: Uint8Array): ProgramSymbols => new ProgramSymbols(readElf(bytes));

interface Expected {
  /** Bytes of a stub that the program calls, and the stubs. */
  readonly size: number;
  readonly called: Readonly<Record<string, bigint>>;
  /** The same of what asks the dynamic linker. */
  readonly lazySize: number;
  readonly lazy: Readonly<Record<string, bigint>>;
}

const PPC64LE: Expected = {
  size: 16,
  called: { getenv: 0x340n, printf: 0x360n, exit: 0x380n, puts: 0x3a0n },
  lazySize: 4,
  lazy: { exit: 0x4acn, puts: 0x4b0n, printf: 0x4b4n, getenv: 0x4b8n },
};

/** As `objdump -d` of each architecture has them. */
const PROGRAMS: Readonly<Record<string, Expected>> = {
  aarch64: {
    size: 16,
    called: { exit: 0x390n, puts: 0x3a0n, printf: 0x3b0n, getenv: 0x3c0n },
    lazySize: 0,
    lazy: {},
  },
  'aarch64-pac': {
    size: 24,
    called: { exit: 0x420n, puts: 0x438n, printf: 0x450n, getenv: 0x468n },
    lazySize: 0,
    lazy: {},
  },
  ppc64le: PPC64LE,
  'ppc64le-stripped': PPC64LE,
  'ppc64le-power10': {
    ...PPC64LE,
    lazy: { exit: 0x48cn, puts: 0x490n, printf: 0x494n, getenv: 0x498n },
  },
  ppc64: {
    size: 20,
    called: { exit: 0x3c0n, printf: 0x3e0n, getenv: 0x400n, puts: 0x420n },
    lazySize: 8,
    lazy: { printf: 0x514n, getenv: 0x51cn, puts: 0x524n, exit: 0x52cn },
  },
  'x86-64-ibt': {
    size: 16,
    called: { getenv: 0x420n, puts: 0x430n, printf: 0x440n, exit: 0x450n },
    lazySize: 16,
    lazy: { getenv: 0x3e0n, puts: 0x3f0n, printf: 0x400n, exit: 0x410n },
  },
};

for (const [name, { size, called, lazySize, lazy }] of Object.entries(PROGRAMS)) {
  test(`${name}: stubs have their names from their first byte to their last, and nothing else has`, (t) => {
    const elf = readElf(readFileSync(fileOf(name)));
    const symbols = new ProgramSymbols(elf);
    const owners = new Map<bigint, string>();
    for (const [table, bytes] of [
      [called, size],
      [lazy, lazySize],
    ] as const)
      for (const [target, address] of Object.entries(table))
        for (let i = 0; i < bytes; i++)
          owners.set(address + BigInt(i), i === 0 ? `${target}@plt` : `${target}@plt+0x${i.toString(16)}`);
    for (const { address, size: bytes } of elf.image)
      for (let at = address; at < address + bytes; at++) {
        const shown = symbolize(symbols, at);
        const owner = owners.get(at);
        if (owner === undefined) t.false(shown.includes('@plt'), `${at.toString(16)}: ${shown}`);
        else t.is(shown, owner);
      }
  });

  test(`${name}: a stub's name means what the program calls`, (t) => {
    const symbols = symbolsOf(readFileSync(fileOf(name)));
    for (const [target, address] of Object.entries(called))
      t.deepEqual(
        symbols.named(`${target}@plt`).map((symbol) => symbol.address),
        [address],
        target,
      );
  });

  test(`${name}: stubs are no code of the program's own`, (t) => {
    const { code } = readElf(readFileSync(fileOf(name)));
    const own = (address: bigint): boolean =>
      code.some((range) => address >= range.address && address < range.address + range.size);
    for (const address of [...Object.values(called), ...Object.values(lazy)])
      t.false(own(address), address.toString(16));
  });
}

test('a stub that the dynamic linker needs is watched by its name: it was said to be there twice', async (t) => {
  const trace = Buffer.from('I  00108471,4\nI  00108430,4\nI  00108434,6\nI  00108440,4\n');
  const args = [
    'replay',
    '-',
    '--elf',
    fileOf('x86-64-ibt'),
    '--load-bias',
    '0x108000',
    '-w',
    'printf@plt:x',
    '--json',
  ];
  const { code, stdout, stderr } = await hwbp(args, trace);
  t.is(code, 0, stderr);
  t.regex(stdout, /"hits":1,/);
});

test('a function of big-endian ppc64 is where its code is, and not its descriptor', (t) => {
  const elf = readElf(readFileSync(fileOf('ppc64')));
  const symbols = new ProgramSymbols(elf);
  // objdump -d: .square at 0x440, ._start at 0x468.
  t.is(symbols.named('square')[0]?.address, 0x440n);
  t.is(symbolize(symbols, 0x444n), 'square+0x4');
  t.is(symbolize(symbols, 0x468n), '_start');
  t.is(elf.entry, 0x468n);
});

const EM_RISCV = 243;
const E_MACHINE = 18;

test('an architecture whose stubs are not known has none', (t) => {
  for (const name of ['aarch64', 'ppc64le', 'x86-64-ibt']) {
    const bytes = new Uint8Array(readFileSync(fileOf(name)));
    new DataView(bytes.buffer).setUint16(E_MACHINE, EM_RISCV, true);
    const { places } = readElf(bytes);
    t.deepEqual(
      places.filter(({ name: place }) => place.endsWith('@plt')),
      [],
    );
  }
});

test('a program with several tables of contents: which one a stub means is not known, and no name is given', (t) => {
  const bytes = new Uint8Array(readFileSync(fileOf('ppc64le')));
  const view = new DataView(bytes.buffer);
  const got = sectionHeader(view, '.got');
  // sh_size
  view.setBigUint64(got + 32, 0x10001n, true);
  const symbols = symbolsOf(bytes);
  for (const target of Object.keys(PPC64LE.called)) t.deepEqual(symbols.named(`${target}@plt`), []);
  t.is(symbolize(symbols, 0x4acn), 'exit@plt', 'the entries for the dynamic linker need no table');
});

test('what execution runs into is no stub, nor is what lies in a function', (t) => {
  const bytes = new Uint8Array(readFileSync(fileOf('ppc64le-stripped')));
  t.is(symbolize(symbolsOf(bytes), 0x3a0n), 'puts@plt');
  const view = new DataView(bytes.buffer);
  const text = sectionHeader(view, '.text');
  const at = Number(view.getBigUint64(text + 24, true)) + (0x39c - Number(view.getBigUint64(text + 16, true)));
  // addi r3,r3,1
  view.setUint32(at, 0x38630001, true);
  t.is(symbolize(symbolsOf(bytes), 0x3a0n), '0x3a0');
});

/** Where the header of a 64-bit, little-endian file's section is. */
function sectionHeader(view: DataView, wanted: string): number {
  const table = Number(view.getBigUint64(40, true));
  const header = (index: number): number => table + 64 * index;
  const names = Number(view.getBigUint64(header(view.getUint16(62, true)) + 24, true));
  for (let i = 0; i < view.getUint16(60, true); i++) {
    const from = names + view.getUint32(header(i), true);
    const text = Buffer.from(view.buffer, from, wanted.length + 1).toString('latin1');
    if (text === `${wanted}\0`) return header(i);
  }
  throw new Error(`there is no section ${wanted}`);
}

const originals = Object.keys(PROGRAMS).map((name) => new Uint8Array(readFileSync(fileOf(name))));

testProp(
  'a damaged program with stubs is refused or read, never more',
  [fc.constantFrom(...originals), fc.array(fc.tuple(fc.nat(0x1fff), fc.nat(255)), { minLength: 1, maxLength: 12 })],
  (t, original, changes) => {
    const bytes = original.slice();
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    try {
      symbolsOf(bytes).named('printf@plt');
    } catch (error) {
      t.true(error instanceof ElfError, String(error));
    }
    t.pass();
  },
);
