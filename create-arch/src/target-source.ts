import { constantOf, docOf, importOf, sourceText } from '@hwbp/scaffold';
import { StructureKind } from 'ts-morph';
import type { Chip } from './chip.js';
import { section } from './manual.js';

/** PowerPC's trap instruction (tw 31,0,0), as GDB writes it: the first byte in memory first. */
const TRAP = { big: '0x7f, 0xe0, 0x00, 0x08', little: '0x08, 0x00, 0xe0, 0x7f' } as const;

const WHAT = `What a debugger from outside is told of the registers: r0, sp (its r1), r2 to r15, pc. GDB knows no chip of this
name: to it, this is a PowerPC, which has 32 registers and a few more (org.gnu.gdb.power.core, in the "PowerPC
Features" of its manual). Replace that by the features of your own GDB, if you have one:
${section(7)}.`;

const descriptionOf = ({ wordSize, byteOrder }: Chip): string => `const bits = ${8 * wordSize};
const general = Array.from({ length: 32 }, (_, i) => \`r\${i}\`);
return describeTarget(
  {
    architecture: 'powerpc:common${wordSize === 8 ? '64' : ''}',
    byteOrder: '${byteOrder}',
    counter: 'pc',
    expedited: ['r1', 'pc'],
    features: [
      {
        name: 'org.gnu.gdb.power.core',
        registers: [
          ...general.map((name) => ({ name, bits, type: \`uint\${bits}\` })),
          { name: 'pc', bits, type: 'code_ptr' },
          { name: 'msr', bits, type: \`uint\${bits}\` },
          { name: 'cr', bits: 32, type: 'uint32' },
          { name: 'lr', bits, type: 'code_ptr' },
          { name: 'ctr', bits, type: \`uint\${bits}\` },
          { name: 'xer', bits: 32, type: 'uint32' },
        ],
      },
    ],
  },
  { kept: { r1: 'sp' } },
);`;

/** `src/target.ts`: the facets that a debugger from outside needs. */
export function targetSource(chip: Chip): string {
  const trap = `{ encodings: [Uint8Array.of(${TRAP[chip.byteOrder]})], alignment: 4 }`;
  const what = 'The instruction that the debugger writes over a program to stop there, likewise.';
  return sourceText([
    importOf('@hwbp/core', 'describeTarget', 'type TargetDescription', 'type TrapInstruction'),
    constantOf('TRAP', trap, what, 'TrapInstruction'),
    {
      kind: StructureKind.Function,
      name: 'targetDescription',
      isExported: true,
      returnType: 'TargetDescription',
      docs: [docOf(WHAT)],
      statements: descriptionOf(chip),
    },
  ]);
}
