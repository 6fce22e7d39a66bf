import { ElfError, loadDemangler, ProgramSymbols, readElf } from '@hwbp/cli';
import test from 'ava';
import { tinyElf } from '../replay/tiny-elf.js';
import { debugElf } from './debug-elf.js';
import { isLinear, steps } from './steps.js';

const little = { wide: true, little: true } as const;

test('symbols in each other, however deep: each is found by a look at a few', (t) => {
  isLinear(t, 500, (count) => {
    // Each begins behind the one before, and all of them end before the first ends.
    const symbols = Array.from({ length: count }, (_, i) => ({
      name: `s${i}`,
      value: BigInt(0x1000 + i),
      size: BigInt(0x7000 - 2 * i),
    }));
    const elf = readElf(tinyElf({ ...little, symbols }));
    return () => {
      const table = new ProgramSymbols(elf);
      for (let i = 0; i < count; i++) t.is(table.resolve(BigInt(0x8000 - i - 1))?.symbol.name, `s${i}`);
    };
  });
});

test('many names of one address, of which the last is the only one that reaches far', (t) => {
  isLinear(t, 300, (count) => {
    const symbols = Array.from({ length: count }, (_, i) => ({ name: `a${i}`, value: 0x1000n, size: BigInt(1 + i) }));
    const elf = readElf(tinyElf({ ...little, symbols }));
    return () => {
      const table = new ProgramSymbols(elf);
      for (let i = 0; i < count; i++) t.truthy(table.resolve(0x1000n + BigInt(i)));
      for (let i = 0; i < count; i++) t.is(table.named(`a${i}`).length, 1);
    };
  });
});

test('a symbol without a size has what is behind it up to the next one, also where one with a size ends first', (t) => {
  const symbols = [
    { name: 'sized', value: 0x1000n, size: 4n },
    { name: 'label', value: 0x1000n, size: 0n },
    { name: 'outer', value: 0x2000n, size: 0x100n },
    { name: 'inside', value: 0x2010n, size: 0n },
    { name: 'inner', value: 0x2020n, size: 0x10n },
  ];
  const table = new ProgramSymbols(readElf(tinyElf({ ...little, symbols })));
  const name = (address: bigint): string | undefined => table.resolve(address)?.symbol.name;
  t.deepEqual(
    [0x1000n, 0x1003n, 0x1004n, 0x1fffn, 0x2000n, 0x2010n, 0x2011n, 0x2020n, 0x202fn, 0x2030n, 0x20ffn, 0x2100n].map(
      name,
    ),
    ['sized', 'sized', 'label', 'label', 'outer', 'outer', 'outer', 'inner', 'inner', 'outer', 'outer', undefined],
  );
});

test('variables of debug information are found by name and address without a look at the others', (t) => {
  isLinear(t, 100, (count) => {
    const names = Array.from({ length: count }, (_, i) => `v${i}`);
    const elf = readElf(debugElf([[{ name: 'm' }]], names));
    return () => {
      const { variables } = elf.debugInformation();
      for (const [i, name] of names.entries()) {
        t.is(variables.named(name)[0]?.address, BigInt(0x1000 + 8 * i));
        t.is(variables.at(BigInt(0x1000 + 8 * i))?.name, name);
      }
    };
  });
});

test('structures that have the next one twice, each: 2 to the power of 40 ways, of which one is taken', (t) => {
  const depth = 40;
  const structures = Array.from({ length: depth }, (_, i) => [{ structure: i + 1 }, { structure: i + 1 }]);
  const elf = readElf(debugElf([...structures, [{ name: 'last' }]], ['v']));
  const { variables, types } = elf.debugInformation();
  const type = variables.named('v')[0]?.type;
  t.true(steps(() => t.is(types.member(type, 'none'), undefined)) < 100 * depth);
  t.deepEqual(types.memberNames(type), ['last']);
  t.truthy(types.member(type, 'last'));
});

test('names that refer to themselves again and again stay as they are, and cost what their length allows', async (t) => {
  const demangle = await loadDemangler();
  const doubled = (times: number): string =>
    `_Z1f1AIiE${Array.from({ length: times }, (_, i) => {
      const before = i === 0 ? 'S0_' : `S${i.toString(36).toUpperCase()}_`;
      return `S_I${before}${before}E`;
    }).join('')}`;
  t.is(demangle('_ZN4bank5totalEv'), 'bank::total()');
  t.true(demangle(doubled(5)).length > 500);
  // 100,000 characters.
  t.is(demangle(doubled(12)), doubled(12));
  // Some of these would have 100,000,000 characters, were there no end to the memory.
  for (let i = 0; i < 100; i++) demangle(doubled(14));
  t.is(demangle('_ZN4bank5totalEv'), '_ZN4bank5totalEv', 'the budget of this program is used up');
  t.is((await loadDemangler())('_ZN4bank5totalEv'), 'bank::total()', 'and of no other');
  t.is((await loadDemangler())(doubled(22)), doubled(22));
});

test('debug information whose budgets are exceeded says which one it was', (t) => {
  const bytes = debugElf([[{ name: 'm' }]], ['v']);
  t.is([...readElf(bytes).debugInformation().variables].length, 1);
  const long = debugElf([[{ name: 'm' }]], ['v'.repeat(70_000)]);
  t.throws(() => readElf(long).debugInformation(), { instanceOf: ElfError, message: /no end within 65536 bytes/ });
});
