import { ADDRESS, checkOptions, kind, oneOf, requireKind, shown, TEXT, wholeNumber } from '../../errors/index.js';
import type { AddressSpace, Cpu, Loaded } from '../../hardware/index.js';
import { bits, type ImageReader, type ImageValue } from '../../image/index.js';
import type { Instruction } from '../instruction-program.js';
import type { ProgramUser } from '../program.js';
import { WAITING, type Waiting } from '../waiting.js';
import { CompiledText } from './compiled-text.js';
import { depthsOf } from './depths.js';
import { describe } from './describe.js';
import { type Encoded, encode, FIELDS } from './encode.js';
import type { Item } from './item.js';
import { type AssemblySymbol, Layout } from './layout.js';
import { Memory } from './memory.js';
import { OPERATIONS } from './operations.js';
import { FIRST_ARGUMENT, namesOf, STACK_POINTER } from './registers.js';
import { type Position, RoutineProgram, type Start } from './routine-program.js';

/** How a source is assembled. */
export interface AssemblyOptions {
  /** What it is called in messages, and the file that debuggers know it by. Default `program.s`. */
  readonly name?: string;
  /** Whose address space it lies in. Default `user`. */
  readonly space?: 'user' | 'kernel';
  /** Address of the first instruction. Default 0x400000, of a kernel's 0xffffffff80000000. */
  readonly at?: bigint;
  /** Address of the data. Default: where the next 64 KiB begin behind the text. */
  readonly data?: bigint;
  /** Bytes of an instruction, 1 to 15. Default 4, which every architecture allows. */
  readonly length?: number;
  /** Names with a value, as symbols are written: `{ SIGUSR1: 10n }`. */
  readonly defines?: Readonly<Record<string, bigint>>;
  /** What `wait` waits for, by name. */
  readonly waits?: Readonly<Record<string, Waiting>>;
}

/** How a routine begins. */
export interface RoutineOptions {
  /** Values of `a0` to `a5`, or names of symbols: their addresses. What is left out stays as it is. */
  readonly args?: readonly (bigint | string)[];
  /**
   * What its stack grows down from: an address, or the name of a symbol of the data, whose end it is. Default: what
   * `sp` is, where that lies in the space that the routine executes in and the task does not begin with it; else a
   * stack of the task's own, of 64 KiB below 0x7fff0000 for user mode and of 16 KiB for the kernel, or of its CPU's
   * own.
   */
  readonly stack?: bigint | string;
}

const PLACES = { user: 0x40_0000n, kernel: 0xffff_ffff_8000_0000n } as const;
const LENGTH = 4;
const RECORD = kind('an object, such as { NAME: 10n }', (value) => typeof value === 'object' && value !== null);
const OPTIONS = {
  name: TEXT,
  space: oneOf('user', 'kernel'),
  at: ADDRESS,
  data: ADDRESS,
  length: wholeNumber(1, 15),
  defines: RECORD,
  waits: RECORD,
};
const ADDRESS_OR_SYMBOL = kind(
  'an address, or the name of a symbol',
  (value) => typeof value === 'string' || ADDRESS.is(value),
);
const ROUTINE_OPTIONS = {
  args: kind('a list of at most six', (value) => Array.isArray(value) && value.length <= 6),
  stack: ADDRESS_OR_SYMBOL,
};

/** Makes the program of a routine: for whatever begins one, which may say for whom. */
export type RoutineFactory = (user?: object) => RoutineProgram;

/** Routines and their data, at their addresses: what {@link assemble} makes of a text. */
export class Assembly {
  readonly name: string;
  readonly space: 'user' | 'kernel';
  /** The text, as it was written, or as it would be. */
  readonly source: string;
  /** Every label but local ones, by address. */
  readonly symbols: readonly AssemblySymbol[];
  /** What executes it. */
  readonly compiled: CompiledText;
  /**
   * Makes the program of a routine out of an image: name it in the option `code` of a composition, as in `code: {
   * counting: assembly.resume }`.
   */
  readonly resume: (state: ImageReader) => RoutineProgram;
  readonly #layout: Layout;
  readonly #encoded: Encoded;
  readonly #memory: Memory;

  /** Use {@link assemble}. */
  constructor(items: readonly Item[], source: string, options: AssemblyOptions) {
    checkOptions('an assembly', options, OPTIONS);
    const { name = 'program.s', space = 'user', at = PLACES[space], data, length = LENGTH } = options;
    const { defines = {}, waits = {} } = options;
    for (const [one, value] of Object.entries(defines)) requireKind(`defines.${one}`, value, ADDRESS);
    for (const [one, value] of Object.entries(waits)) requireKind(`waits.${one}`, value, WAITING);
    this.name = name;
    this.space = space;
    this.source = source;
    this.#layout = new Layout(items, { name, text: at, data, length, defines });
    this.symbols = Object.freeze(this.#layout.symbols);
    this.#encoded = encode(this.#layout, waits);
    this.#memory = new Memory(this.#layout);
    this.compiled = new CompiledText(this.#layout, this.#encoded);
    this.resume = (state) => this.#resume(state);
  }

  /** Where the instructions are. */
  get text(): { readonly address: bigint; readonly size: number } {
    const { text, length, instructions } = this.#layout;
    return { address: text, size: length * instructions.length };
  }

  /** Bytes of an instruction. */
  get length(): number {
    return this.#layout.length;
  }

  /** Where the data is. */
  get data(): { readonly address: bigint; readonly size: number } {
    return { address: this.#layout.data, size: this.#layout.size };
  }

  /** Of each instruction its address, and the line of {@link source} that it is from. */
  get lines(): readonly { readonly address: bigint; readonly line: number }[] {
    const { text, length, instructions } = this.#layout;
    return instructions.map(({ item: { line } }, index) => ({ address: text + BigInt(index * length), line }));
  }

  /**
   * Of each instruction how many bytes its routine has pushed in front of it; `undefined`: that depends on the way
   * there.
   */
  get depths(): readonly (number | undefined)[] {
    const entries = this.symbols.flatMap(({ kind: what, address }) =>
      what === 'function' ? (this.indexAt(address) ?? []) : [],
    );
    return depthsOf(this.#encoded, entries);
  }

  /** The address of a symbol. Throws a TypeError that names those that there are. */
  resolve(symbol: string): bigint {
    return this.#symbol(symbol).address;
  }

  #symbol(name: string): AssemblySymbol {
    const found = this.symbols.find((one) => one.name === name);
    if (found !== undefined) return found;
    const known = this.symbols.map((one) => one.name).join(', ') || 'none';
    throw new TypeError(`${this.name} has no symbol ${shown(name)}; it has: ${known}`);
  }

  /**
   * The routine at a label: what a task, a system call or a handler executes. Its data is put into memory where nobody
   * has been at its pages. The address that it returns to is 0, which is its end.
   */
  program(entry: string, options: RoutineOptions = {}): RoutineFactory {
    checkOptions('a routine', options, ROUTINE_OPTIONS);
    const { address, kind: what } = this.#symbol(entry);
    if (what !== 'function') throw new TypeError(`${entry} of ${this.name} is data, and no routine`);
    const at = Number(address - this.#layout.text) / this.#layout.length;
    const { stack } = options;
    const args = (options.args ?? []).map((value, index) => {
      requireKind(`args[${index}]`, value, ADDRESS_OR_SYMBOL);
      return typeof value === 'string' ? this.resolve(value) : value;
    });
    const given = typeof stack === 'string' ? this.#endOf(stack) : stack;
    return (user: ProgramUser = {}) => {
      const { task, begins = false, cpu } = user;
      if (task?.memory !== undefined && this.space === 'user') this.load(task.memory);
      return new RoutineProgram(this, at, { args, given, pid: task?.pid, begins, cpu: cpu?.index });
    };
  }

  #endOf(symbol: string): bigint {
    const { address, size } = this.#symbol(symbol);
    return address + BigInt(size);
  }

  /** Puts the data into a space, page by page, where no page is mapped yet. */
  load(space: AddressSpace): void {
    this.#memory.load(space);
  }

  /** A routine begins: its registers, its stack, its data. */
  enter(cpu: Cpu, start: Start): void {
    const { context, roles } = cpu;
    const names = namesOf(roles);
    this.load(cpu.mmu.at(this.#layout.data));
    // All that it uses are there from now on, in an order of their own, whatever it writes first.
    for (const number of this.#encoded.used) context.set(names[number] as string, context.get(names[number] as string));
    for (const [index, value] of start.args.entries()) context.set(names[FIRST_ARGUMENT + index] as string, value);
    const stack = names[STACK_POINTER] as string;
    if (this.#encoded.stacks || start.given !== undefined) {
      context.set(stack, this.#memory.enter(cpu, context.get(stack), start));
    }
  }

  /** An instruction as a plain description, with the registers as they are. */
  describe(at: number, { context, roles }: Cpu): Instruction {
    return describe(this.#encoded, this.#layout, at, context, roles);
  }

  /** Where execution goes on behind an instruction that has retired. */
  follow(at: number, next: Instruction['next'], loaded: Loaded): Position {
    const operation = this.#encoded.code[at * FIELDS];
    if (operation === OPERATIONS.exit.code) return 'end';
    if (next === undefined) return at + 1;
    if (next !== 'loaded') return this.indexAt(next) ?? next;
    const address = loaded.at(-1) ?? 0n;
    return address === 0n ? 'end' : (this.indexAt(address) ?? address);
  }

  /** The number of the instruction that begins at an address. */
  indexAt(address: bigint): number | undefined {
    const { text, length, instructions } = this.#layout;
    const index = Number(BigInt.asUintN(64, address - text)) / length;
    return Number.isInteger(index) && index < instructions.length ? index : undefined;
  }

  addressOf(position: number | bigint): bigint {
    const { text, length } = this.#layout;
    return typeof position === 'bigint' ? position : text + BigInt(position * length);
  }

  /** The register that an instruction which waits tells how that has ended. */
  learns(at: number, { roles }: Cpu): string | undefined {
    const number = this.#encoded.code[at * FIELDS + 2] as number;
    return number < 0 ? undefined : namesOf(roles)[number];
  }

  /** A routine's position as an image has it. */
  savePosition(position: Position, start: Start | undefined): ImageValue {
    const at = typeof position === 'bigint' ? bits(position) : position;
    return { at, of: this.#layout.instructions.length, start: start === undefined ? null : saveStart(start) };
  }

  /** Throws EINVAL for what is no position in this text. */
  #resume(from: ImageReader): RoutineProgram {
    const count = this.#layout.instructions.length;
    const [at, start] = [from.field('at'), from.field('start')];
    if (from.field('of').number() !== count)
      throw from.field('of').invalid(`${count}, the instructions of ${this.name}`);
    const position = !at.isText ? at.number(0, count - 1) : at.text() === 'end' ? 'end' : at.bits();
    return new RoutineProgram(this, position, start.absent ? undefined : loadStart(start));
  }
}

function saveStart({ args, given, pid, begins, cpu }: Start): ImageValue {
  const stack = given === undefined ? null : bits(given);
  return { args: args.map((value) => bits(value)), given: stack, pid: pid ?? null, begins, cpu: cpu ?? null };
}

function loadStart(from: ImageReader): Start {
  const optional = <T>(name: string, load: (field: ImageReader) => T): T | undefined => {
    const field = from.field(name);
    return field.absent ? undefined : load(field);
  };
  return {
    args: from
      .field('args')
      .list()
      .map((one) => one.bits()),
    given: optional('given', (field) => field.bits()),
    pid: optional('pid', (field) => field.number()),
    begins: from.field('begins').flag(),
    cpu: optional('cpu', (field) => field.number()),
  };
}
