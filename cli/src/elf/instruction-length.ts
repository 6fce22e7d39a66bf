/** No x86 instruction is longer, in bytes. */
export const LONGEST_INSTRUCTION = 15;

/** Legacy prefixes: operand and address size, segments, LOCK, REPNE, REP. */
const PREFIXES: ReadonlySet<number> = new Set([0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf0, 0xf2, 0xf3]);
const OPERAND_SIZE = 0x66;
const ADDRESS_SIZE = 0x67;

/** What follows an opcode: `m` ModRM, `b` a byte, `w` two, `z` two or four, `v` two, four or eight, `o` an address. */
type Operands = string;

/**
 * Ranges of opcodes and what follows them (Intel SDM volume 2, appendix A); what is not listed is followed by nothing.
 */
const ONE_BYTE: readonly (readonly [first: number, last: number, operands: Operands])[] = [
  [0x62, 0x63, 'm'],
  [0x68, 0x68, 'z'],
  [0x69, 0x69, 'mz'],
  [0x6a, 0x6a, 'b'],
  [0x6b, 0x6b, 'mb'],
  [0x70, 0x7f, 'b'],
  [0x80, 0x80, 'mb'],
  [0x81, 0x81, 'mz'],
  [0x82, 0x83, 'mb'],
  [0x84, 0x8f, 'm'],
  [0xa0, 0xa3, 'o'],
  [0xa8, 0xa8, 'b'],
  [0xa9, 0xa9, 'z'],
  [0xb0, 0xb7, 'b'],
  [0xb8, 0xbf, 'v'],
  [0xc0, 0xc1, 'mb'],
  [0xc2, 0xc2, 'w'],
  [0xc6, 0xc6, 'mb'],
  [0xc7, 0xc7, 'mz'],
  [0xc8, 0xc8, 'wb'],
  [0xca, 0xca, 'w'],
  [0xcd, 0xcd, 'b'],
  [0xd0, 0xd3, 'm'],
  [0xd8, 0xdf, 'm'],
  [0xe0, 0xe7, 'b'],
  [0xe8, 0xe9, 'z'],
  [0xeb, 0xeb, 'b'],
  [0xf6, 0xf7, 'm'],
  [0xfe, 0xff, 'm'],
];
/** The same behind 0F; what is not listed has ModRM. */
const TWO_BYTE: readonly (readonly [first: number, last: number, operands: Operands])[] = [
  [0x05, 0x09, ''],
  [0x0b, 0x0b, ''],
  [0x0e, 0x0e, ''],
  [0x0f, 0x0f, 'mb'],
  [0x30, 0x37, ''],
  [0x70, 0x73, 'mb'],
  [0x77, 0x77, ''],
  [0x80, 0x8f, 'z'],
  [0xa0, 0xa2, ''],
  [0xa4, 0xa4, 'mb'],
  [0xa8, 0xaa, ''],
  [0xac, 0xac, 'mb'],
  [0xba, 0xba, 'mb'],
  [0xc2, 0xc2, 'mb'],
  [0xc4, 0xc6, 'mb'],
  [0xc8, 0xcf, ''],
];

function operandsIn(
  table: readonly (readonly [first: number, last: number, operands: Operands])[],
  opcode: number,
  others: Operands,
): Operands {
  return table.find(([first, last]) => opcode >= first && opcode <= last)?.[2] ?? others;
}

function oneByte(opcode: number): Operands {
  // The eight arithmetic operations: four with ModRM, two with a constant.
  if (opcode < 0x40) return (opcode & 7) < 4 ? 'm' : (opcode & 7) === 4 ? 'b' : (opcode & 7) === 5 ? 'z' : '';
  return operandsIn(ONE_BYTE, opcode, '');
}

/** What follows an opcode of one of the maps that VEX and EVEX name: 0F, 0F 38, 0F 3A. */
function inMap(map: number, opcode: number): Operands | undefined {
  if (map === 1) return operandsIn(TWO_BYTE, opcode, 'm');
  if (map === 2) return 'm';
  return map === 3 ? 'mb' : undefined;
}

/**
 * The length of the x86 instruction that some bytes begin with, in bytes; `undefined` if that is not known: the bytes
 * end, or are none. `wide`: in 64-bit mode.
 */
export function instructionLength(bytes: Uint8Array, wide: boolean): number | undefined {
  let at = 0;
  let [short, shortAddress, wideOperand] = [false, false, false];
  for (; PREFIXES.has(bytes[at] ?? 0); at++) {
    if (bytes[at] === OPERAND_SIZE) short = true;
    if (bytes[at] === ADDRESS_SIZE) shortAddress = true;
  }
  const prefix = bytes[at] ?? 0;
  if (wide && (prefix & 0xf0) === 0x40) {
    wideOperand = (prefix & 8) !== 0;
    at++;
  }
  let opcode = bytes[at++];
  let operands: Operands | undefined;
  // Outside of 64-bit mode VEX and EVEX begin like LES, LDS and BOUND, whose ModRM is no register.
  const vector = wide || (bytes[at] ?? 0) >= 0xc0;
  if (opcode === 0x0f) {
    opcode = bytes[at++];
    const map = opcode === 0x38 ? 2 : opcode === 0x3a ? 3 : 1;
    if (map > 1) opcode = bytes[at++];
    operands = opcode === undefined ? undefined : inMap(map, opcode);
  } else if (vector && opcode === 0xc5) {
    opcode = bytes[at + 1];
    at += 2;
    operands = opcode === undefined ? undefined : inMap(1, opcode);
  } else if (vector && (opcode === 0xc4 || opcode === 0x62)) {
    const map = (bytes[at] ?? 0) & (opcode === 0xc4 ? 0x1f : 0x07);
    at += opcode === 0xc4 ? 2 : 3;
    opcode = bytes[at++];
    operands = opcode === undefined ? undefined : inMap(map, opcode);
  } else if (opcode !== undefined) {
    if (!wide && (opcode === 0x9a || opcode === 0xea)) operands = 'zw';
    else operands = oneByte(opcode);
    // TEST alone of its group has a constant.
    if ((opcode === 0xf6 || opcode === 0xf7) && ((bytes[at] ?? 0) & 0x30) === 0)
      operands = opcode === 0xf6 ? 'mb' : 'mz';
    // Near branches of 64-bit mode have four bytes, whatever the operand size.
    if (wide && (opcode === 0xe8 || opcode === 0xe9)) short = false;
  }
  if (operands === undefined) return undefined;
  const sizes = {
    b: 1,
    w: 2,
    z: short ? 2 : 4,
    v: wideOperand ? 8 : short ? 2 : 4,
    o: addressSize(wide, shortAddress),
  };
  for (const operand of operands) {
    const size = operand === 'm' ? modRm(bytes, at, wide, shortAddress) : sizes[operand as keyof typeof sizes];
    if (size === undefined) return undefined;
    at += size;
  }
  return at <= bytes.length && at <= LONGEST_INSTRUCTION ? at : undefined;
}

function addressSize(wide: boolean, short: boolean): number {
  if (wide) return short ? 4 : 8;
  return short ? 2 : 4;
}

/** Bytes of ModRM, SIB and displacement. */
function modRm(bytes: Uint8Array, at: number, wide: boolean, short: boolean): number | undefined {
  const byte = bytes[at];
  if (byte === undefined) return undefined;
  const [mode, memory] = [byte >> 6, byte & 7];
  if (mode === 3) return 1;
  if (!wide && short) return 1 + (mode === 0 ? (memory === 6 ? 2 : 0) : mode);
  const scaled = memory === 4;
  const base = scaled ? (bytes[at + 1] ?? 0) & 7 : memory;
  const displacement = mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0;
  return 1 + (scaled ? 1 : 0) + displacement;
}
