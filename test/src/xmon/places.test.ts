import { x86 } from '@hwbp/arch-x86';
import { composeKernel } from '@hwbp/core';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { ppc64Kernel, Typist } from './support.js';

/** Text of the kernel's that is in memory. */
const IN_MEMORY = 0xc000_0000_0000_1000n;
const REFUSED = 'Breakpoints may not be placed on mtmsrd or rfid instructions';

// Encodings of Power ISA book III, and neighbours that differ in one field of the opcode.
const WORDS: readonly (readonly [name: string, word: number, refused: boolean])[] = [
  ['mtmsrd r3', 0x7c60_0164, true],
  ['mtmsrd r3,1', 0x7c61_0164, true],
  ['mtmsr r31', 0x7fe0_0124, true],
  ['rfid', 0x4c00_0024, true],
  ['rfi', 0x4c00_0064, true],
  ['mfmsr r3', 0x7c60_00a6, false],
  ['bclr', 0x4e80_0020, false],
  ['isync', 0x4c00_012c, false],
  ['std r3,0(r4)', 0xf864_0000, false],
];

for (const byteOrder of ['little', 'big'] as const) {
  for (const cpu of ['power7', 'power8', 'power10'] as const) {
    test(`b and bi are refused on mtmsrd and rfid, where text is in memory (${cpu}, ${byteOrder} endian)`, (t) => {
      using kernel = ppc64Kernel({ cpu, byteOrder });
      const { kernelMemory } = kernel.machine;
      const user = new Typist(kernel);
      user.enter();
      for (const [i, [name, word, refused]] of WORDS.entries()) {
        const at = IN_MEMORY + BigInt(4 * i);
        const bytes = Uint8Array.from([24, 16, 8, 0], (shift) => word >>> shift);
        kernelMemory.write(at, byteOrder === 'big' ? bytes : bytes.reverse());
        for (const command of cpu === 'power7' ? ['b'] : ['b', 'bi']) {
          t.is(user.type(`${command} ${at.toString(16)}`), refused ? REFUSED : '', `${command} on ${name}`);
          t.is(user.session.refused, refused);
        }
      }
      const taken = WORDS.filter(([, , refused]) => !refused).length;
      t.is(user.type('b').split('\n').length, 1 + taken, 'what was refused is in no list');
    });
  }
}

test('where nothing is mapped, and on other architectures, nothing is refused for what it is', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('b c000000000100000'), '');
  using other = composeKernel({ arch: x86(), plugins: [Xmon] });
  other.machine.physical.allocate();
  other.machine.kernelMemory.write(0xffff_8880_0000_0000n, Uint8Array.of(0x24, 0x00, 0x00, 0x4c));
  const neighbour = new Typist(other);
  neighbour.enter();
  t.is(neighbour.type('b ffff888000000000'), '');
});
