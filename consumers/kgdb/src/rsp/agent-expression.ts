import { kgdbError } from '../errors.js';

/** What an agent expression looks at. */
export interface AgentTarget {
  /** A register's value, as it is: of as many bits as it has. */
  register(number: number): bigint;
  /** An unsigned integer in memory. */
  memory(address: bigint, size: number): bigint;
}

/** Instructions that one evaluation may take: an expression can jump, and a debugger's must come to an end. */
const MOST_STEPS = 10_000;
const MOST_STACK = 256;

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const flag = (value: boolean): bigint => (value ? 1n : 0n);

function divide(a: bigint, b: bigint, how: (a: bigint, b: bigint) => bigint): bigint {
  if (b === 0n) throw malformed('it divides by zero');
  return how(a, b);
}

/** Shifts of 64 bits and more leave nothing of a value but its sign. */
const by = (count: bigint): bigint => (count > 64n ? 64n : count);

/** Operators of two values, the upper one last. */
const BINARY: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  2: (a, b) => a + b,
  3: (a, b) => a - b,
  4: (a, b) => a * b,
  5: (a, b) => divide(signed(a), signed(b), (x, y) => x / y),
  6: (a, b) => divide(a, b, (x, y) => x / y),
  7: (a, b) => divide(signed(a), signed(b), (x, y) => x % y),
  8: (a, b) => divide(a, b, (x, y) => x % y),
  9: (a, b) => a << by(b),
  10: (a, b) => signed(a) >> by(b),
  11: (a, b) => a >> by(b),
  15: (a, b) => a & b,
  16: (a, b) => a | b,
  17: (a, b) => a ^ b,
  19: (a, b) => flag(a === b),
  20: (a, b) => flag(signed(a) < signed(b)),
  21: (a, b) => flag(a < b),
};

const LOG_NOT = 0x0e;
const BIT_NOT = 0x12;
const EXT = 0x16;
/** ref8 to ref64, const8 to const64: bytes by opcode. */
const REF: Readonly<Record<number, number>> = { 23: 1, 24: 2, 25: 4, 26: 8 };
const CONST: Readonly<Record<number, number>> = { 34: 1, 35: 2, 36: 4, 37: 8 };
const IF_GOTO = 0x20;
const GOTO = 0x21;
const REG = 0x26;
const END = 0x27;
const DUP = 0x28;
const POP = 0x29;
const ZERO_EXT = 0x2a;
const SWAP = 0x2b;
const PICK = 0x32;
const ROT = 0x33;

/** Bytes of operands, of opcodes without a table. */
const OPERANDS: Readonly<Record<number, number>> = {
  [LOG_NOT]: 0,
  [BIT_NOT]: 0,
  [EXT]: 1,
  [IF_GOTO]: 2,
  [GOTO]: 2,
  [REG]: 2,
  [END]: 0,
  [DUP]: 0,
  [POP]: 0,
  [ZERO_EXT]: 1,
  [SWAP]: 0,
  [PICK]: 1,
  [ROT]: 0,
};

function malformed(why: string): Error {
  return kgdbError('KGDB_BAD_EXPRESSION', `this condition cannot be evaluated here: ${why}`);
}

function operandsOf(opcode: number): number | undefined {
  if (BINARY[opcode] !== undefined || REF[opcode] !== undefined) return 0;
  return CONST[opcode] ?? OPERANDS[opcode];
}

/**
 * An expression in the bytecode in which a debugger sends conditions (the GDB manual's appendix "The GDB Agent
 * Expression Mechanism"), on unsigned values of 64 bits. Without what records traces, and without floating point.
 */
export class AgentExpression {
  readonly #code: Uint8Array;

  /** Throws EINVAL for opcodes that it does not know, and for operands that are cut off. */
  constructor(code: Uint8Array) {
    for (let at = 0; at < code.length; ) {
      const opcode = code[at] as number;
      const operands = operandsOf(opcode);
      if (operands === undefined) throw malformed(`there is no opcode ${opcode}`);
      at += 1 + operands;
      if (at > code.length) throw malformed('it is cut off');
    }
    this.#code = code;
  }

  /** The value that is left on top of the stack. Throws a `KernelError` where it cannot be had. */
  evaluate(target: AgentTarget): bigint {
    const stack: bigint[] = [];
    const pop = (): bigint => {
      const value = stack.pop();
      if (value === undefined) throw malformed('its stack is empty');
      return value;
    };
    const push = (value: bigint): void => {
      if (stack.length >= MOST_STACK) throw malformed(`its stack is deeper than ${MOST_STACK}`);
      stack.push(BigInt.asUintN(64, value));
    };
    let at = 0;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const opcode = this.#code[at];
      if (opcode === undefined) throw malformed('it runs past its end');
      const operands = operandsOf(opcode) ?? 0;
      const operand = this.#constant(at + 1, operands);
      at += 1 + operands;
      const binary = BINARY[opcode];
      const size = REF[opcode];
      if (opcode === END) return pop();
      if (opcode === GOTO) at = Number(operand);
      else if (opcode === IF_GOTO) at = pop() === 0n ? at : Number(operand);
      else if (CONST[opcode] !== undefined) push(operand);
      else if (size !== undefined) push(target.memory(pop(), size));
      else if (opcode === REG) push(target.register(Number(operand)));
      else if (binary !== undefined) {
        const upper = pop();
        push(binary(pop(), upper));
      } else rearrange(opcode, Number(operand), stack, pop, push);
    }
    throw malformed(`it takes more than ${MOST_STEPS} steps`);
  }

  /** Big endian, whatever the target is. */
  #constant(at: number, bytes: number): bigint {
    let value = 0n;
    for (const byte of this.#code.subarray(at, at + bytes)) value = (value << 8n) | BigInt(byte);
    return value;
  }
}

/** Operators of one value, and those that only move values. */
function rearrange(
  opcode: number,
  operand: number,
  stack: readonly bigint[],
  pop: () => bigint,
  push: (value: bigint) => void,
): void {
  const upper = pop();
  if (opcode === LOG_NOT) push(flag(upper === 0n));
  else if (opcode === BIT_NOT) push(~upper);
  else if (opcode === EXT) push(BigInt.asIntN(operand, upper));
  else if (opcode === ZERO_EXT) push(BigInt.asUintN(operand, upper));
  else if (opcode === DUP) {
    push(upper);
    push(upper);
  } else if (opcode === SWAP) {
    const lower = pop();
    push(upper);
    push(lower);
  } else if (opcode === PICK) {
    push(upper);
    const picked = stack[stack.length - 1 - operand];
    if (picked === undefined) throw malformed('its stack is empty');
    push(picked);
  } else if (opcode === ROT) {
    // a b c, c on top, becomes c a b.
    const [b, a] = [pop(), pop()];
    push(upper);
    push(a);
    push(b);
  }
}
