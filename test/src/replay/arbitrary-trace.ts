import fc from 'fast-check';
import type { ModelWatch } from './lackey-model.js';

/**
 * Places that are near each other, alias in the filter (equal low bits), or lie in either half of the address space.
 */
const BASES = [
  0x404390n,
  0x404390n + 0x8000n,
  0x7f00_0040_4390n,
  0x1f_ff00_0dc0n,
  0xffff_ffff_8100_0000n,
  0xfff8n,
  0xffff_ffffn - 7n,
  0n,
] as const;

const address = fc
  .tuple(fc.constantFrom(...BASES), fc.integer({ min: 0, max: 56 }))
  .map(([base, offset]) => BigInt.asUintN(64, base + BigInt(offset)));

const codeAddress = fc
  .tuple(fc.constantFrom(0x401100n, 0x409100n, 0x7f00_0040_1100n), fc.integer({ min: 0, max: 12 }))
  .map(([base, offset]) => base + BigInt(offset));

const size = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 2, 4, 8) },
  { weight: 2, arbitrary: fc.constantFrom(3, 9, 10, 16, 32, 64, 99, 100, 512, 4096) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4096 }) },
);

const digits = (value: bigint) =>
  fc.constantFrom(
    value.toString(16).padStart(8, '0'),
    value.toString(16).padStart(10, '0'),
    value.toString(16),
    value.toString(16).toUpperCase(),
    value.toString(16).padStart(16, '0'),
  );

const usual = <T>(value: T, ...others: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));

const instruction = fc
  .tuple(codeAddress, usual(3, fc.integer({ min: 1, max: 15 })))
  .chain(([pc, length]) => digits(pc).map((text) => `I  ${text},${length}`));

const access = fc
  .tuple(fc.constantFrom('L', 'S', 'M'), address, size)
  .chain(([kind, at, bytes]) => digits(at).map((text) => ` ${kind} ${text},${bytes}`));

const junk = fc.oneof(
  fc.constantFrom(
    '',
    '==1234== Lackey',
    ' L zz,4',
    ' S 1000',
    ' S 1000,',
    ' S ,4',
    ' S 00404390,0',
    ' S 00404390,4097',
    ' S 00404390,00004',
    ' S 00404390,00',
    ' S 00404390,08',
    ' S 00404390,4 ',
    ' S 0040439g,4',
    ' S 00000000000404390,4',
    ' X 00404390,4',
    'I 00401100,3',
    'I  00401100,3,4',
    '\tS 00404390,4',
    ' S  00404390,4',
    'S 00404390,4',
    ' S 00404390;4',
    ' S 0040439000,/1',
    ' S 0040439000,1/',
    `${' '.repeat(200)}S 00404390,4`,
  ),
  fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
);

const line = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: instruction }, { weight: 6, arbitrary: access }, { weight: 1, arbitrary: junk }),
    usual('\n', fc.constant('\r\n')),
  )
  .map(([text, end]) => text + end);

/** A string instruction with a REP prefix: a line for each iteration, mostly one more, sometimes cut or disturbed. */
const repeated = fc
  .tuple(
    codeAddress,
    address,
    fc.record({
      kinds: fc.constantFrom('S', 'L', 'LS', 'LL'),
      bytes: fc.constantFrom(1, 2, 4, 8),
      count: fc.integer({ min: 1, max: 5 }),
      back: fc.boolean(),
      ends: usual(true, fc.constant(false)),
      disturbed: usual('', fc.constantFrom('==1== hello\n', 'I  zz,2\n', ' L 00404390,4\n')),
    }),
  )
  .map(([pc, at, { kinds, bytes, count, back, ends, disturbed }]) => {
    const begin = `I  00${pc.toString(16)},2\n`;
    const iterations = Array.from({ length: count }, (_, i) => {
      const place = BigInt.asUintN(64, at + BigInt((back ? -i : i) * bytes));
      return begin + [...kinds].map((kind) => ` ${kind} ${place.toString(16).padStart(8, '0')},${bytes}\n`).join('');
    });
    return iterations.join(disturbed) + (ends ? begin : '');
  });

/** The text of a trace, with the odd line, in every form that an address can have. */
export const arbitraryTrace = fc
  .tuple(
    fc.array(fc.oneof({ weight: 12, arbitrary: line }, { weight: 1, arbitrary: repeated }), { maxLength: 60 }),
    fc.boolean(),
  )
  .map(([lines, cut]) => (cut ? lines.join('').replace(/\r?\n$/, '') : lines.join('')));

const dataWatch = fc
  .tuple(fc.constantFrom('w' as const, 'rw' as const), address, fc.constantFrom(1, 2, 4, 8))
  .map(([type, at, length]): ModelWatch => ({ type, address: at - (at % BigInt(length)), length }));

const executeWatch = codeAddress.map((at): ModelWatch => ({ type: 'x', address: at, length: 1 }));

/** Up to four watches where traces go. */
export const arbitraryWatches = fc.array(
  fc.oneof({ weight: 3, arbitrary: dataWatch }, { weight: 1, arbitrary: executeWatch }),
  { maxLength: 4 },
);

/** Sizes of the pieces that a trace is cut into, used by turns. */
export const arbitraryCuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 91, max: 4000 })), {
  minLength: 1,
  maxLength: 6,
});
