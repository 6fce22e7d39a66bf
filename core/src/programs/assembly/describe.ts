import type { Access, RegisterRoles } from '../../hardware/index.js';
import type { Instruction } from '../instruction-program.js';
import { type Encoded, FIELDS, FIRST_CONSTANT } from './encode.js';
import { FIRST_SIGNED, OPERATIONS, WIDTH_SIZES } from './operations.js';
import { CALL_NUMBER, namesOf, resultOf, STACK_POINTER } from './registers.js';

/** The registers that an instruction works with. */
interface Registers {
  /** No interrupt comes. */
  readonly irqsOff: boolean;
  get(name: string): bigint;
}

const OP = OPERATIONS;
const WORD = 8n;
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

/** What the arithmetic instructions do, by code. */
const ARITHMETIC: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  [OP.mov.code]: (a) => a,
  [OP.add.code]: (a, b) => a + b,
  [OP.sub.code]: (a, b) => a - b,
  [OP.mul.code]: (a, b) => a * b,
  [OP.and.code]: (a, b) => a & b,
  [OP.or.code]: (a, b) => a | b,
  [OP.xor.code]: (a, b) => a ^ b,
  [OP.shl.code]: (a, b) => a << (b & 63n),
  [OP.shr.code]: (a, b) => a >> (b & 63n),
  [OP.sar.code]: (a, b) => signed(a) >> (b & 63n),
  [OP.div.code]: (a, b) => (b === 0n ? -1n : a / b),
  [OP.rem.code]: (a, b) => (b === 0n ? a : a % b),
};

/** When the branches are taken, by code. */
const BRANCHES: Readonly<Record<number, (a: bigint, b: bigint) => boolean>> = {
  [OP.beq.code]: (a, b) => a === b,
  [OP.bne.code]: (a, b) => a !== b,
  [OP.blt.code]: (a, b) => signed(a) < signed(b),
  [OP.bge.code]: (a, b) => signed(a) >= signed(b),
  [OP.bltu.code]: (a, b) => a < b,
  [OP.bgeu.code]: (a, b) => a >= b,
};

/** What a `cas` stores: the value, if what was there is what the register says. */
function compareAndSwap(expected: bigint, value: bigint, size: number): (old: bigint) => bigint {
  const wanted = BigInt.asUintN(8 * size, expected);
  return (old) => (old === wanted ? value : old);
}

/** Where the text lies. */
export interface TextPlace {
  readonly text: bigint;
  /** Bytes of an instruction. */
  readonly length: number;
}

/**
 * An instruction of an assembly as a plain description, with the values that registers have now: what the CPU's
 * interpreter executes wherever somebody may look.
 */
export function describe(
  { code, constants, waits }: Encoded,
  { text, length }: TextPlace,
  at: number,
  registers: Registers,
  roles: RegisterRoles,
): Instruction {
  const names = namesOf(roles);
  const field = (number: number): number => code[at * FIELDS + number] as number;
  const addressOf = (index: number): bigint => text + BigInt(index * length);
  const name = (number: number): string => names[field(number)] as string;
  const value = (number: number): bigint => {
    const slot = field(number);
    return slot < FIRST_CONSTANT ? registers.get(names[slot] as string) : (constants[slot - FIRST_CONSTANT] as bigint);
  };
  const target = (): bigint => (field(5) < 0 ? value(1) : addressOf(field(5)));
  const operation = field(0);
  const width = field(4);
  const size = WIDTH_SIZES[width] as number;
  const stack = names[STACK_POINTER] as string;
  const sp = registers.get(stack);
  const plain = { pc: addressOf(at), length };
  const extended = width >= FIRST_SIGNED ? { signed: true } : {};
  const access = (kind: Access['kind'], more: Partial<Access>): Access => {
    const offset = (BigInt(field(7)) << 32n) | BigInt(field(6) >>> 0);
    return { kind, address: unsigned(value(2) + offset), size, ...more };
  };
  const compute = ARITHMETIC[operation];
  if (compute !== undefined) {
    const result = unsigned(compute(value(2), field(3) < 0 ? 0n : value(3)));
    return { ...plain, registers: { [name(1)]: result } };
  }
  const holds = BRANCHES[operation];
  if (holds !== undefined) return holds(value(1), value(2)) ? { ...plain, next: target() } : plain;
  switch (operation) {
    case OP.load.code:
      return { ...plain, accesses: [access('read', { into: name(1), ...extended })] };
    case OP.store.code:
      return { ...plain, accesses: [access('write', { value: value(3) })] };
    case OP.jmp.code:
      return { ...plain, next: target() };
    case OP.call.code: {
      const pushed: Access = { kind: 'write', address: unsigned(sp - WORD), size: 8, value: addressOf(at + 1) };
      return { ...plain, accesses: [pushed], registers: { [stack]: unsigned(sp - WORD) }, next: target() };
    }
    case OP.ret.code: {
      const popped: Access = { kind: 'read', address: sp, size: 8 };
      return { ...plain, accesses: [popped], registers: { [stack]: unsigned(sp + WORD) }, next: 'loaded' };
    }
    case OP.push.code: {
      const pushed: Access = { kind: 'write', address: unsigned(sp - WORD), size: 8, value: value(1) };
      return { ...plain, accesses: [pushed], registers: { [stack]: unsigned(sp - WORD) } };
    }
    case OP.pop.code: {
      const accesses: Access[] = [{ kind: 'read', address: sp, size: 8, into: name(1) }];
      return name(1) === stack
        ? { ...plain, accesses }
        : { ...plain, accesses, registers: { [stack]: unsigned(sp + WORD) } };
    }
    case OP.xchg.code:
      return { ...plain, accesses: [access('readwrite', { into: name(1), value: value(3), ...extended })] };
    case OP.xadd.code: {
      const by = value(3);
      return { ...plain, accesses: [access('readwrite', { into: name(1), value: (old) => old + by, ...extended })] };
    }
    case OP.cas.code: {
      const stored = compareAndSwap(value(1), value(3), size);
      return { ...plain, accesses: [access('readwrite', { into: name(1), value: stored, ...extended })] };
    }
    case OP.result.code:
      return { ...plain, registers: { [name(1)]: registers.get(names[resultOf(roles)] as string) } };
    case OP.syscall.code:
      return {
        ...plain,
        ...(field(1) < 0 ? {} : { registers: { [names[CALL_NUMBER] as string]: value(1) } }),
        syscall: true,
      };
    case OP.in.code: {
      const read: Access = { kind: 'read', space: 'port', address: value(2), size, into: name(1), ...extended };
      return { ...plain, accesses: [read] };
    }
    case OP.out.code:
      return { ...plain, accesses: [{ kind: 'write', space: 'port', address: value(1), size, value: value(2) }] };
    case OP.halt.code:
      return { ...plain, operation: 'halt' };
    case OP.trap.code:
      return { ...plain, trap: 'breakpoint' };
    case OP.wait.code: {
      const wait = waits[field(1)];
      return wait === undefined ? plain : { ...plain, wait };
    }
    case OP.irqsoff.code:
    case OP.irqson.code: {
      const came = field(1) < 0 ? {} : { registers: { [name(1)]: registers.irqsOff ? 0n : 1n } };
      return { ...plain, ...came, irqs: operation === OP.irqson.code ? 'on' : 'off' };
    }
    case OP.irqsput.code:
      return { ...plain, irqs: value(1) === 0n ? 'off' : 'on' };
    default:
      return plain;
  }
}
