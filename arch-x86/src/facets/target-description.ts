import { describeTarget, type RegisterAccess, type TargetDescription } from '@hwbp/core';
import { readFlags, writeFlags } from '../silicon/eflags.js';

/** A register as GDB's feature files have it: name, bits, type. */
type Row = readonly [name: string, bits: number, type: string];

/** A feature that GDB knows by name, with its registers in the order that GDB numbers them. */
interface Feature {
  readonly name: string;
  readonly rows: readonly Row[];
}

interface Layout {
  readonly architecture: string;
  readonly features: readonly Feature[];
  readonly counter: string;
  readonly expedited: readonly string[];
}

const rows = (names: string, bits: number, type: string): readonly Row[] =>
  names.split(' ').map((name): Row => [name, bits, type]);

const SEGMENTS = rows('cs ss ds es fs gs', 32, 'int32');
/** The x87 unit: nothing in the machine computes with it, but GDB's core feature is not complete without. */
const X87: readonly Row[] = [
  ...rows('st0 st1 st2 st3 st4 st5 st6 st7', 80, 'i387_ext'),
  ...rows('fctrl fstat ftag fiseg fioff foseg fooff fop', 32, 'int'),
];

const LAYOUT_64: Layout = {
  architecture: 'i386:x86-64',
  counter: 'rip',
  expedited: ['rbp', 'rsp', 'rip'],
  features: [
    {
      name: 'org.gnu.gdb.i386.core',
      rows: [
        ...rows('rax rbx rcx rdx rsi rdi', 64, 'int64'),
        ...rows('rbp rsp', 64, 'data_ptr'),
        ...rows('r8 r9 r10 r11 r12 r13 r14 r15', 64, 'int64'),
        ['rip', 64, 'code_ptr'],
        ['eflags', 32, 'i386_eflags'],
        ...SEGMENTS,
        ...X87,
      ],
    },
    { name: 'org.gnu.gdb.i386.segments', rows: rows('fs_base gs_base', 64, 'int') },
    { name: 'org.gnu.gdb.i386.linux', rows: rows('orig_rax', 64, 'int') },
  ],
};

const LAYOUT_32: Layout = {
  architecture: 'i386',
  counter: 'eip',
  expedited: ['ebp', 'esp', 'eip'],
  features: [
    {
      name: 'org.gnu.gdb.i386.core',
      rows: [
        ...rows('eax ecx edx ebx', 32, 'int32'),
        ['esp', 32, 'data_ptr'],
        ['ebp', 32, 'data_ptr'],
        ...rows('esi edi', 32, 'int32'),
        ['eip', 32, 'code_ptr'],
        ['eflags', 32, 'i386_eflags'],
        ...SEGMENTS,
        ...X87,
      ],
    },
    { name: 'org.gnu.gdb.i386.linux', rows: rows('orig_eax', 32, 'int') },
  ],
};

/** What `i386_eflags` means, by bit. */
const EFLAGS: readonly (readonly [name: string, bit: number])[] = [
  ['CF', 0],
  ['', 1],
  ['PF', 2],
  ['AF', 4],
  ['ZF', 6],
  ['SF', 7],
  ['TF', 8],
  ['IF', 9],
  ['DF', 10],
  ['OF', 11],
  ['NT', 14],
  ['RF', 16],
  ['VM', 17],
  ['AC', 18],
  ['VIF', 19],
  ['VIP', 20],
  ['ID', 21],
];

const FLAGS_TYPE = `<flags id="i386_eflags" size="4">${EFLAGS.map(([flag, bit]) => `<field name="${flag}" start="${bit}" end="${bit}"/>`).join('')}</flags>`;

/** The registers of a kernel of this width, as GDB wants them described. */
export function x86TargetDescription(bits: 64 | 32): TargetDescription {
  const { features, ...layout } = bits === 64 ? LAYOUT_64 : LAYOUT_32;
  const fields = {
    ...layout,
    byteOrder: 'little',
    features: features.map(({ name, rows: list }, i) => ({
      name,
      registers: list.map(([register, width, type]) => ({ name: register, bits: width, type })),
      ...(i === 0 ? { types: FLAGS_TYPE } : {}),
    })),
  } as const;
  const eflags: RegisterAccess = {
    read: (context) => readFlags(context.get('eflags'), context),
    write: (context, value) => context.set('eflags', writeFlags(context, BigInt.asUintN(32, value))),
  };
  return describeTarget(fields, { special: { eflags } });
}
