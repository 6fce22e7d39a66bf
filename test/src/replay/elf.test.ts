import { readFileSync } from 'node:fs';
import { fc, testProp } from '@fast-check/ava';
import { ElfError, ProgramSymbols, readElf } from '@hwbp/cli';
import { symbolize } from '@hwbp/core';
import test from 'ava';
import { ELF } from './run-cli.js';
import { tinyElf } from './tiny-elf.js';

const symbols = [
  { name: 'label', value: 0x2000n, size: 0n, type: 0 },
  { name: 'own', value: 0x2000n, size: 8n, bind: 0 },
  { name: 'counter', value: 0x2000n, size: 8n },
  { name: 'main', value: 0x1010n, size: 0x20n, type: 2 },
  { name: 'memcpy@GLIBC_2.14', value: 0x1100n, size: 4n, type: 2 },
  { name: 'imported', value: 0n, size: 0n, section: 0 },
  { name: 'absolute', value: 5n, size: 0n, section: 0xfff1 },
  { name: 'ledger.c', value: 0n, size: 0n, type: 4, section: 0xfff1 },
  { name: 'thread_local', value: 8n, size: 4n, type: 6 },
  { name: '$d', value: 0x2000n, size: 0n, type: 0 },
  { name: '', value: 0x2000n, size: 0n, type: 3 },
];

for (const wide of [true, false]) {
  for (const little of [true, false]) {
    test(`ELF of ${wide ? 64 : 32} bits, ${little ? 'little' : 'big'} endian: functions, variables and labels`, (t) => {
      const elf = readElf(tinyElf({ wide, little, symbols }));
      t.false(elf.positionIndependent);
      t.deepEqual(elf.symbols, [
        { name: 'counter', address: 0x2000n, size: 8 },
        { name: 'main', address: 0x1010n, size: 0x20 },
        { name: 'memcpy', address: 0x1100n, size: 4 },
        { name: 'own', address: 0x2000n, size: 8 },
        { name: 'label', address: 0x2000n, size: 0 },
      ]);
      t.true(readElf(tinyElf({ wide, little, symbols, type: 3 })).positionIndependent);
      t.is(readElf(tinyElf({ wide, little, symbols, table: 11 })).symbols.length, 5, 'a stripped file has .dynsym');
    });
  }
}

test('a program where it was loaded: names of addresses inside it, none outside', (t) => {
  const table = new ProgramSymbols(readElf(tinyElf({ wide: true, little: true, symbols })), 0x10_0000n);
  t.is(table.lookup('main')?.address, 0x10_1010n);
  t.is(symbolize(table, 0x10_1013n), 'main+0x3');
  t.is(symbolize(table, 0x10_2004n), 'counter+0x4');
  t.is(symbolize(table, 0x1013n), '0x1013');
  t.is(symbolize(table, 0x20_0000n), '0x200000');
  t.is(table.named('counter').length, 1);
});

test('the recorded program', (t) => {
  const elf = readElf(readFileSync(ELF));
  t.false(elf.positionIndependent);
  t.deepEqual(
    elf.symbols.find(({ name }) => name === 'vault_total'),
    { name: 'vault_total', address: 0x404390n, size: 4 },
  );
  t.deepEqual(
    elf.symbols.find(({ name }) => name === 'charge_fee'),
    { name: 'charge_fee', address: 0x4011a1n, size: 43 },
  );
});

test('what of the recorded program is loaded where', (t) => {
  const file = readFileSync(ELF);
  const { segments } = readElf(file);
  const places = segments.map(({ bytes, ...place }) => place);
  t.deepEqual(places, [
    { flags: 4, offset: 0n, address: 0x400000n, size: 0x4f0n },
    { flags: 5, offset: 0x1000n, address: 0x401000n, size: 0x395n },
    { flags: 4, offset: 0x2000n, address: 0x402000n, size: 0x240n },
    { flags: 6, offset: 0x2df8n, address: 0x403df8n, size: 0x5a8n },
  ]);
  t.deepEqual(
    segments.map(({ bytes }) => bytes.length),
    [0x4f0, 0x395, 0x240, 0x224],
    'what the file has of each: behind it, zeroes',
  );
  for (const { offset, bytes } of segments) t.is(bytes[0], file[Number(offset)]);
});

test('program headers that lie outside the file, or are too short, are damage', (t) => {
  const damaged = (offset: number, value: number): Uint8Array => {
    const elf = readFileSync(ELF);
    elf.writeUInt16LE(value, offset);
    return elf;
  };
  t.throws(() => readElf(damaged(54, 8)), {
    instanceOf: ElfError,
    message: /program headers of 8 bytes are shorter than 56/,
  });
  t.throws(() => readElf(damaged(56, 0xffff)), { instanceOf: ElfError, message: /the table of segments/ });
  t.deepEqual(readElf(damaged(56, 0)).segments, []);
});

test('what is no program says so', (t) => {
  const tiny = { wide: true, little: true, symbols };
  t.throws(() => readElf(new Uint8Array(0)), { instanceOf: ElfError, message: /not an ELF file/ });
  t.throws(() => readElf(tinyElf({ ...tiny, type: 1 })), { instanceOf: ElfError, message: /object file: link it/ });
  t.throws(() => readElf(tinyElf({ ...tiny, type: 4 })), { instanceOf: ElfError, message: /core dump/ });
  t.throws(() => readElf(tinyElf(tiny).subarray(0, 300)), { instanceOf: ElfError, message: /cut short/ });
});

/** Reads; an error other than `ElfError` is a bug. */
function survive(bytes: Uint8Array): void {
  try {
    readElf(bytes);
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
  }
}

const real = readFileSync(ELF);
const tinies = [true, false].flatMap((wide) => [true, false].map((little) => tinyElf({ wide, little, symbols })));
const hostileByte = fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xff);

testProp(
  'a damaged ELF file is refused or read, never more',
  [
    fc.constantFrom(real, ...tinies),
    fc.array(fc.tuple(fc.nat(0xffff), hostileByte, fc.integer({ min: 1, max: 8 }), fc.constantFrom('front', 'back')), {
      maxLength: 12,
    }),
    fc.option(fc.nat(30_000)),
  ],
  (t, original, patches, length) => {
    const bytes = Uint8Array.from(original);
    for (const [at, value, count, end] of patches) {
      // Headers are at either end of real files.
      const place =
        end === 'front' ? at % Math.min(bytes.length, 700) : bytes.length - 1 - (at % Math.min(bytes.length, 4000));
      bytes.fill(value, place, place + count);
    }
    t.notThrows(() => survive(length === null ? bytes : bytes.subarray(0, length)));
  },
  { numRuns: 3000 },
);

test('a table of names made to fill the memory is refused', (t) => {
  const long = 'x'.repeat(60_000);
  const many = Array.from({ length: 3000 }, (_, i) => ({ name: i === 0 ? long : '', value: 0x2000n, size: 1n }));
  const bytes = tinyElf({ wide: true, little: true, symbols: many });
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < many.length; i++) view.setUint32(64 + 4 * 64 + 24 * i, 1, true);
  t.throws(() => readElf(bytes), { instanceOf: ElfError, message: /longer than their table/ });
});

test('the build id that the linker gave a program, as readelf -n shows it; none where there is no note', (t) => {
  const { buildId = new Uint8Array(0) } = readElf(readFileSync(ELF));
  t.is(Buffer.from(buildId).toString('hex'), 'fe5806c3934ffd037627562f1e07547cd9048c20');
  t.is(readElf(tinyElf({ wide: true, little: true, symbols })).buildId, undefined);
});
