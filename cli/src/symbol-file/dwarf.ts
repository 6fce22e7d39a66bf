import type { Assembly, AssemblySymbol } from '@hwbp/core';
import { Bytes } from './bytes.js';
import type { SymbolMachine } from './machine.js';

/** What debuggers know a program by (DWARF 4). */
export interface DwarfSections {
  readonly abbreviations: Uint8Array;
  readonly information: Uint8Array;
  readonly lines: Uint8Array;
  readonly frames: Uint8Array;
}

/** An assembly and the file that its source was written to. */
export interface AssemblyFile {
  readonly assembly: Assembly;
  readonly directory: string;
  readonly file: string;
}

/** Numbers of DWARF 4: tags, attributes, forms, and what else is written here. */
const TAG = { array: 0x01, unit: 0x11, subrange: 0x21, base: 0x24, subprogram: 0x2e, variable: 0x34 };
const AT = {
  location: 0x02,
  name: 0x03,
  size: 0x0b,
  lines: 0x10,
  low: 0x11,
  high: 0x12,
  language: 0x13,
  directory: 0x1b,
};
const AT2 = { producer: 0x25, encoding: 0x3e, external: 0x3f, type: 0x49, count: 0x37 };
const FORM = {
  addr: 0x01,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  data1: 0x0b,
  flag: 0x19,
  ref4: 0x13,
  offset: 0x17,
  expression: 0x18,
};
/** Where a debugger takes a function's first instruction for that, and looks for no prologue. */
const DW_LANG_Mips_Assembler = 0x8001;
const [DW_OP_addr, DW_ATE_unsigned] = [0x03, 0x07];

/** The shapes of entries: code, tag, whether there are others inside, and the attributes with their forms. */
const ABBREVIATIONS: readonly (readonly [code: number, tag: number, inside: 0 | 1, ...pairs: number[]])[] = [
  [
    1,
    TAG.unit,
    1,
    AT2.producer,
    FORM.string,
    AT.language,
    FORM.data2,
    AT.name,
    FORM.string,
    AT.directory,
    FORM.string,
    AT.low,
    FORM.addr,
    AT.high,
    FORM.data8,
    AT.lines,
    FORM.offset,
  ],
  [2, TAG.subprogram, 0, AT.name, FORM.string, AT2.external, FORM.flag, AT.low, FORM.addr, AT.high, FORM.data8],
  [3, TAG.base, 0, AT.name, FORM.string, AT2.encoding, FORM.data1, AT.size, FORM.data1],
  [4, TAG.array, 1, AT2.type, FORM.ref4],
  [5, TAG.subrange, 0, AT2.count, FORM.data4],
  [
    6,
    TAG.variable,
    0,
    AT.name,
    FORM.string,
    AT2.external,
    FORM.flag,
    AT2.type,
    FORM.ref4,
    AT.location,
    FORM.expression,
  ],
];
const [UNIT, FUNCTION, BASE, ARRAY, SUBRANGE, VARIABLE] = [1, 2, 3, 4, 5, 6];

/** All that debuggers are told of assemblies. */
export function dwarfOf(machine: SymbolMachine, files: readonly AssemblyFile[]): DwarfSections {
  const abbreviations = new Bytes(machine.little);
  for (const [code, tag, inside, ...pairs] of ABBREVIATIONS) {
    abbreviations.uleb(code).uleb(tag).u8(inside);
    for (const value of pairs) abbreviations.uleb(value);
    abbreviations.u8(0, 0);
  }
  abbreviations.u8(0);
  const [information, lines] = [new Bytes(machine.little), new Bytes(machine.little)];
  for (const file of files) {
    information.block((unit) => writeUnit(unit, file, lines.length));
    lines.block((program) => writeLines(program, file, machine));
  }
  const frames = framesOf(machine, files);
  return { abbreviations: abbreviations.take(), information: information.take(), lines: lines.take(), frames };
}

/** Bytes in front of what {@link writeUnit} writes: the length of its block. */
const BLOCK = 4;

function writeUnit(unit: Bytes, { assembly, directory, file }: AssemblyFile, lines: number): void {
  const { text, symbols } = assembly;
  unit.u16(4).u32(0).u8(8);
  unit.uleb(UNIT).text('hwbp').u16(DW_LANG_Mips_Assembler).text(file).text(directory);
  unit.u64(text.address).u64(BigInt(text.size)).u32(lines);
  const bases = new Map<number, number>();
  for (const width of [1, 2, 4, 8]) {
    bases.set(width, BLOCK + unit.length);
    unit
      .uleb(BASE)
      .text(`u${8 * width}`)
      .u8(DW_ATE_unsigned, width);
  }
  for (const { name, address, size, kind } of symbols) {
    if (kind === 'function') unit.uleb(FUNCTION).text(name).u64(address).u64(BigInt(size));
  }
  for (const symbol of symbols) {
    if (symbol.kind === 'object') writeVariable(unit, symbol, bases.get(symbol.width) as number);
  }
  unit.u8(0);
}

function writeVariable(unit: Bytes, { name, address, size, width }: AssemblySymbol, base: number): void {
  let type = base;
  if (size !== width) {
    type = BLOCK + unit.length;
    unit
      .uleb(ARRAY)
      .u32(base)
      .uleb(SUBRANGE)
      .u32(Math.floor(size / width))
      .u8(0);
  }
  unit.uleb(VARIABLE).text(name).u32(type).uleb(9).u8(DW_OP_addr).u64(address);
}

/** Operands of the standard opcodes of a line program, from 1 on. */
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const [DW_LNS_copy, DW_LNS_advance_line, DW_LNE_end_sequence, DW_LNE_set_address] = [1, 3, 1, 2];

function writeLines(program: Bytes, { assembly, file }: AssemblyFile, { little }: SymbolMachine): void {
  const header = new Bytes(little).u8(1, 1, 1, 0xfb, 14, OPERANDS.length + 1, ...OPERANDS);
  header.u8(0).text(file).u8(0, 0, 0, 0);
  program.u16(4).u32(header.length).append(header.take());
  const at = (address: bigint): Bytes => program.u8(0, 9, DW_LNE_set_address).u64(address);
  let line = 1;
  for (const one of assembly.lines) {
    at(one.address);
    if (one.line !== line) program.u8(DW_LNS_advance_line).sleb(one.line - line);
    program.u8(DW_LNS_copy);
    line = one.line;
  }
  at(assembly.text.address + BigInt(assembly.text.size)).u8(0, 1, DW_LNE_end_sequence);
}

const [DW_CFA_set_loc, DW_CFA_offset_extended, DW_CFA_undefined, DW_CFA_def_cfa, DW_CFA_def_cfa_offset] = [
  1, 5, 7, 0x0c, 0x0e,
];
const WORD = 8;

/** Where the caller's address is: on the stack, as deep as a routine has pushed; nowhere where that cannot be said. */
function framesOf({ little, stack, returns }: SymbolMachine, files: readonly AssemblyFile[]): Uint8Array {
  const frames = new Bytes(little);
  frames.block((common) => {
    common.u32(0xffff_ffff).u8(1, 0).uleb(1).sleb(-WORD).u8(returns);
    common.u8(DW_CFA_def_cfa).uleb(stack).uleb(WORD).u8(DW_CFA_offset_extended).uleb(returns).uleb(1);
    while (common.length % WORD !== 4) common.u8(0);
  });
  for (const { assembly } of files) {
    frames.block((frame) => {
      frame.u32(0).u64(assembly.text.address).u64(BigInt(assembly.text.size));
      let before: number | undefined = 0;
      for (const [index, depth] of assembly.depths.entries()) {
        if (depth === before) continue;
        frame.u8(DW_CFA_set_loc).u64(assembly.text.address + BigInt(index * assembly.length));
        if (depth === undefined) frame.u8(DW_CFA_undefined).uleb(returns);
        else
          frame
            .u8(DW_CFA_def_cfa_offset)
            .uleb(WORD + depth)
            .u8(DW_CFA_offset_extended)
            .uleb(returns)
            .uleb(1);
        before = depth;
      }
      while (frame.length % WORD !== 4) frame.u8(0);
    });
  }
  return frames.take();
}
