/**
 * What an operand is. `register`; `value`: a register, or a number or the address of a symbol; `number`: such a number
 * alone; `memory`: an address in brackets; `label`; `target`: a label or a register with an address in it; `name`: one
 * that the options give a meaning.
 */
export type Shape = 'register' | 'value' | 'number' | 'memory' | 'label' | 'target' | 'name';

/** How many bytes of a register an access moves, and whether a load extends them with their sign. */
export const WIDTHS = ['u64', 'u8', 'u16', 'u32', 'i8', 'i16', 'i32'] as const;
export type Width = (typeof WIDTHS)[number];

/** Bytes of each of {@link WIDTHS}. */
export const WIDTH_SIZES: readonly number[] = [8, 1, 2, 4, 1, 2, 4];
/** The first of {@link WIDTHS} with a sign. */
export const FIRST_SIGNED = 4;

/** What an instruction takes. */
export interface Operation {
  readonly code: number;
  readonly operands: readonly Shape[];
  /** Operands at the end that may be left out. */
  readonly optional?: number;
  /** It accesses memory, in one of {@link WIDTHS}. */
  readonly wide?: boolean;
  /** Execution never goes on behind it. */
  readonly ends?: boolean;
  /** It uses the stack. */
  readonly stacks?: boolean;
}

const arithmetic = ['register', 'register', 'value'] as const;
const branch = ['register', 'value', 'label'] as const;

/** Every instruction of the assembly by its mnemonic. The loop that executes them has the codes written out. */
export const OPERATIONS = {
  /** The register is the value. */
  mov: { code: 1, operands: ['register', 'value'] },
  add: { code: 2, operands: arithmetic },
  sub: { code: 3, operands: arithmetic },
  mul: { code: 4, operands: arithmetic },
  and: { code: 5, operands: arithmetic },
  or: { code: 6, operands: arithmetic },
  xor: { code: 7, operands: arithmetic },
  /** Shifts take the low six bits of their count. `sar` keeps the sign. */
  shl: { code: 8, operands: arithmetic },
  shr: { code: 9, operands: arithmetic },
  sar: { code: 10, operands: arithmetic },
  /** Unsigned. By 0: all bits set, and the number itself, as RISC-V has it. */
  div: { code: 11, operands: arithmetic },
  rem: { code: 12, operands: arithmetic },
  load: { code: 13, operands: ['register', 'memory'], wide: true },
  store: { code: 14, operands: ['memory', 'value'], wide: true },
  /** Compare and branch; `u`: unsigned. */
  beq: { code: 15, operands: branch },
  bne: { code: 16, operands: branch },
  blt: { code: 17, operands: branch },
  bge: { code: 18, operands: branch },
  bltu: { code: 19, operands: branch },
  bgeu: { code: 20, operands: branch },
  jmp: { code: 21, operands: ['target'], ends: true },
  /** The address behind it goes to the stack, which grows down. */
  call: { code: 22, operands: ['target'], stacks: true },
  ret: { code: 23, operands: [], ends: true, stacks: true },
  push: { code: 24, operands: ['value'], stacks: true },
  pop: { code: 25, operands: ['register'], stacks: true },
  /** Atomic: one access that loads and stores. The register gets what was there. */
  xchg: { code: 26, operands: ['register', 'memory', 'value'], wide: true },
  xadd: { code: 27, operands: ['register', 'memory', 'value'], wide: true },
  /** Stores the value where the register's is, and what was there itself where it is not: a store in any case. */
  cas: { code: 28, operands: ['register', 'memory', 'value'], wide: true },
  nop: { code: 29, operands: [] },
  /** Accesses here are never reordered: it says where a program needs that. */
  fence: { code: 30, operands: [] },
  /** What the latest system call returned. */
  result: { code: 31, operands: ['register'] },
  /** With the number in `nr`, or given, and arguments in `a0` to `a5`. */
  syscall: { code: 32, operands: ['number'], optional: 1 },
  /** Loads from a port, stores to one. */
  in: { code: 33, operands: ['register', 'value'], wide: true },
  out: { code: 34, operands: ['value', 'value'], wide: true },
  /** Waits for an interrupt. */
  halt: { code: 35, operands: [] },
  /** A breakpoint instruction. */
  trap: { code: 36, operands: [] },
  /** Sleeps until what the option `waits` has under this name has come; the register: 0, or 1 where a signal came. */
  wait: { code: 37, operands: ['name', 'register'], optional: 1 },
  /** The program has come to its end, whatever called it. */
  exit: { code: 38, operands: [], ends: true },
  /** In the kernel: no interrupt comes, or they come again. The register gets 1 if they came before, else 0. */
  irqsoff: { code: 39, operands: ['register'], optional: 1 },
  irqson: { code: 40, operands: ['register'], optional: 1 },
  /** As it was: they come unless the value is 0. */
  irqsput: { code: 41, operands: ['value'] },
} as const satisfies Readonly<Record<string, Operation>>;

export type Mnemonic = keyof typeof OPERATIONS;

/** From this code on an instruction is always left to the CPU's interpreter. */
export const FIRST_LEFT = OPERATIONS.syscall.code;

const TABLE: ReadonlyMap<string, Operation> = new Map(Object.entries(OPERATIONS));

/** What a mnemonic takes; `undefined`: there is no such instruction. */
export function operationOf(mnemonic: string): Operation | undefined {
  return TABLE.get(mnemonic);
}

/** What is written for an operand, for messages. */
export const SHAPES: Readonly<Record<Shape, string>> = {
  register: 'a register',
  value: 'a register, a number or a symbol',
  number: 'a number',
  memory: 'an address in brackets, such as [counter] or [r1+8]',
  label: 'a label',
  target: 'a label or a register',
  name: "a name of the option 'waits'",
};

/** Every mnemonic, and what stands behind it, in words: for editors. */
export const MNEMONICS: ReadonlyMap<string, string> = new Map(
  Object.entries<Operation>(OPERATIONS).map(([mnemonic, { operands, optional = 0 }]) => [
    mnemonic,
    operands.map((shape, at) => (at < operands.length - optional ? SHAPES[shape] : `[${SHAPES[shape]}]`)).join(', '),
  ]),
);
