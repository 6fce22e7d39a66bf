import {
  breakpoint,
  debugTrap,
  disableInterrupts,
  enableInterrupts,
  halt,
  interrupt,
  interruptReturn,
  jump,
  nop,
  popFlags,
  pushFlags,
  undefinedInstruction,
} from '../guest/basic-instructions.js';
import type { GuestCpu } from '../guest/guest-cpu.js';
import { FLAG_CF, FLAG_DF } from '../guest/guest-flags.js';
import type { GuestInstruction } from '../guest/guest-instruction.js';
import { branch, call, comeBack, exchange, flagging, move } from './computing.js';
import { Cursor } from './cursor.js';
import {
  arithmetic,
  arithmeticConstant,
  countPlace,
  type Decoder,
  decrement,
  enter,
  float,
  holds,
  increment,
  looping,
  moveA,
  moveConstant,
  popRegister,
  port,
  pushRegister,
  segment,
  shift,
  stackSize,
  twoBytes,
  twoOperands,
} from './opcodes.js';
import { constant } from './operand.js';
import { stringOperation } from './strings.js';

/** Opcodes that need no more than themselves. */
const SINGLE: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [0x0f, twoBytes],
  [0x90, ({ length }) => nop(length)],
  [0x9c, (cursor) => pushFlags(cursor.length, stackSize(cursor))],
  [0x9d, (cursor) => popFlags(cursor.length, stackSize(cursor))],
  [0xc3, ({ length, cpu }) => comeBack(length, cpu.real ? 2 : 8)],
  [0xc8, enter],
  [0xcc, ({ length }) => breakpoint(length)],
  [
    0xcd,
    (cursor) => {
      const vector = cursor.byte();
      return interrupt(cursor.length, vector);
    },
  ],
  [0xcf, ({ length }) => interruptReturn(length)],
  [
    0xe8,
    (cursor) => {
      const next = cursor.target(cursor.cpu.real ? 2 : 4);
      return call(cursor.length, next, cursor.next, cursor.cpu.real ? 2 : 8);
    },
  ],
  [
    0xe9,
    (cursor) => {
      const next = cursor.target(cursor.cpu.real ? 2 : 4);
      return jump(cursor.length, next);
    },
  ],
  [
    0xeb,
    (cursor) => {
      const next = cursor.target(1);
      return jump(cursor.length, next);
    },
  ],
  [0xf1, ({ length }) => debugTrap(length)],
  [0xf4, ({ length }) => halt(length)],
  [0xf5, ({ length }) => flagging(length, (flags) => flags ^ FLAG_CF)],
  [0xf8, ({ length }) => flagging(length, (flags) => flags & ~FLAG_CF)],
  [0xf9, ({ length }) => flagging(length, (flags) => flags | FLAG_CF)],
  [0xfa, ({ length }) => disableInterrupts(length)],
  [0xfb, ({ length }) => enableInterrupts(length)],
  [0xfc, ({ length }) => flagging(length, (flags) => flags & ~FLAG_DF)],
  [0xfd, ({ length }) => flagging(length, (flags) => flags | FLAG_DF)],
]);

/** Ranges of opcodes, from the first to the last. */
const RANGES: readonly (readonly [first: number, last: number, decode: Decoder])[] = [
  [0x40, 0x47, (cursor, opcode) => increment(cursor.length, cursor.register(opcode & 7, cursor.size))],
  [0x48, 0x4f, (cursor, opcode) => decrement(cursor.length, cursor.register(opcode & 7, cursor.size))],
  [0x50, 0x57, pushRegister],
  [0x58, 0x5f, popRegister],
  [
    0x70,
    0x7f,
    (cursor, opcode) => {
      const next = cursor.target(1);
      return branch(cursor.length, next, (cpu) => holds(cpu, opcode & 15));
    },
  ],
  [0x80, 0x83, arithmeticConstant],
  [0x84, 0x8d, twoOperands],
  [
    0x91,
    0x97,
    (cursor, opcode) =>
      exchange(cursor.length, cursor.register(0, cursor.size), cursor.register(cursor.numbered(opcode), cursor.size)),
  ],
  [0xa0, 0xa3, moveA],
  [0xa4, 0xa7, stringOperation],
  [0xaa, 0xaf, stringOperation],
  [
    0xb0,
    0xbf,
    (cursor, opcode) => {
      const size = opcode < 0xb8 ? 1 : cursor.size;
      const to = cursor.register(cursor.numbered(opcode), size);
      const value = constant(cursor.unsigned(size), size);
      return move(cursor.length, to, value);
    },
  ],
  [0xc0, 0xc1, shift],
  [0xc6, 0xc7, moveConstant],
  [0xd0, 0xd3, shift],
  [0xd8, 0xdf, float],
  [0xe0, 0xe3, looping],
  [0xe4, 0xe7, port],
  [0xec, 0xef, port],
  [0xfe, 0xff, countPlace],
];

const SEGMENT_OPCODES: ReadonlySet<number> = new Set([0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f]);
const OPERAND_SIZE = 0x66;
const LOCK = 0xf0;
/** Segments, which are all 0, and repetitions, of what cannot be repeated. */
const IGNORED_PREFIXES: ReadonlySet<number> = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf2, 0xf3]);
const MOST_BYTES = 15;

/** Reads prefixes; returns the opcode behind them. */
function prefixes(cursor: Cursor): number {
  const { real } = cursor.cpu;
  for (;;) {
    const byte = cursor.byte();
    if (cursor.length > MOST_BYTES) return byte;
    if (byte === OPERAND_SIZE) cursor.size = real ? 4 : 2;
    else if (byte === LOCK) cursor.locked = true;
    else if (!real && (byte & 0xf0) === 0x40) {
      cursor.rex = byte;
      if ((byte & 8) !== 0) cursor.size = 8;
      return cursor.byte();
    } else if (!IGNORED_PREFIXES.has(byte)) return byte;
  }
}

function decoderOf(opcode: number): Decoder | undefined {
  if (SEGMENT_OPCODES.has(opcode)) return segment;
  if (opcode < 0x40 && (opcode & 7) < 6) return arithmetic;
  return SINGLE.get(opcode) ?? RANGES.find(([first, last]) => opcode >= first && opcode <= last)?.[2];
}

/** The instruction whose bytes stand at an address. What is not known here is undefined. */
export function decodeInstruction(pc: bigint, cpu: GuestCpu): GuestInstruction {
  const cursor = new Cursor(pc, cpu);
  const opcode = prefixes(cursor);
  const instruction = decoderOf(opcode)?.(cursor, opcode);
  if (instruction === undefined || (cursor.locked && !isLockable(instruction, cpu))) {
    return undefinedInstruction(cursor.length);
  }
  return instruction;
}

/** Only what loads and stores may be locked. */
function isLockable({ describe }: GuestInstruction, cpu: GuestCpu): boolean {
  return describe?.(cpu).accesses?.some(({ kind }) => kind === 'readwrite') === true;
}
