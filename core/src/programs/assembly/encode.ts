import { highHalf, lowHalf } from '../../hardware/index.js';
import type { Waiting } from '../waiting.js';
import { AssemblyError } from './assembly-error.js';
import type { InstructionItem, Operand, Place } from './item.js';
import type { Layout } from './layout.js';
import { OPERATIONS, operationOf, type Shape } from './operations.js';
import { REGISTERS, RESULTS, STACK_POINTER } from './registers.js';

/** What grows the stack by a word has that for an offset. */
const WORD = 8;
const GROWING: ReadonlySet<number> = new Set([OPERATIONS.call.code, OPERATIONS.push.code]);

/** Numbers of an instruction in {@link Encoded.code}. */
export const FIELDS = 8;
/** The registers are the first slots of the file; constants follow. */
export const FIRST_CONSTANT = REGISTERS.length;

/**
 * Instructions as numbers. Of each, in this order: its code, the slots of its operands, where an address in brackets
 * has its register in the second and no other operand before the third; its width; the instruction that it branches to
 * (-1: where its first slot says); and the halves of its offset. A slot is a register or a constant.
 */
export interface Encoded {
  readonly code: Int32Array;
  /** The values of the slots from {@link FIRST_CONSTANT} on. */
  readonly constants: readonly bigint[];
  /** What a `wait` waits for, by its constant operand. */
  readonly waits: readonly Waiting[];
  /** Registers that are used. */
  readonly used: readonly number[];
  /** It calls, returns, pushes or pops. */
  readonly stacks: boolean;
}

/** Encodes what a layout has placed. `waits`: what the names of `wait` mean. */
export function encode(layout: Layout, waits: Readonly<Record<string, Waiting>>): Encoded {
  return new Encoder(layout, waits).encode();
}

class Encoder {
  readonly #layout: Layout;
  readonly #names: Readonly<Record<string, Waiting>>;
  readonly #waits: Waiting[] = [];
  readonly #constants: bigint[] = [];
  readonly #slots = new Map<bigint, number>();
  readonly #used = new Set<number>();

  constructor(layout: Layout, waits: Readonly<Record<string, Waiting>>) {
    this.#layout = layout;
    this.#names = waits;
  }

  encode(): Encoded {
    const { instructions } = this.#layout;
    const code = new Int32Array(instructions.length * FIELDS);
    let stacks = false;
    for (const [index, { item, scope }] of instructions.entries()) {
      code.set(this.#fields(item, scope), index * FIELDS);
      stacks ||= operationOf(item.mnemonic)?.stacks === true;
      if (item.mnemonic === 'result') for (const number of RESULTS) this.#used.add(number);
    }
    if (stacks) this.#used.add(STACK_POINTER);
    const used = [...this.#used].sort((a, b) => a - b);
    return { code, constants: this.#constants, waits: this.#waits, used, stacks };
  }

  #fields(item: InstructionItem, scope: string): readonly number[] {
    const { mnemonic, operands, width } = item;
    const { code } = OPERATIONS[mnemonic];
    const fields = [code, -1, -1, -1, width, -1, ...(GROWING.has(code) ? [-WORD, -1] : [0, 0])];
    let next = 1;
    for (const operand of operands) {
      if (operand.kind === 'memory') {
        const offset = this.#layout.value(operand.offset, scope, item);
        fields[2] = operand.base === undefined ? this.#constant(0n) : this.#register(operand.base);
        [fields[6], fields[7]] = [lowHalf(offset), highHalf(offset)];
        next = Math.max(next, 3);
      } else if (isTarget(item, operand)) {
        fields[5] = this.#target(this.#layout.value(operand.value, scope, item), item);
      } else {
        fields[next++] = this.#slot(operand, scope, item);
      }
    }
    return fields;
  }

  #slot(operand: Operand, scope: string, place: Place): number {
    if (operand.kind === 'register') return this.#register(operand.number);
    if (operand.kind === 'number') return this.#constant(this.#layout.value(operand.value, scope, place));
    if (operand.kind === 'name') return this.#wait(operand.name, place);
    throw this.#error(place, 'an address in brackets is no value');
  }

  #register(number: number): number {
    this.#used.add(number);
    return number;
  }

  #constant(value: bigint): number {
    let slot = this.#slots.get(value);
    if (slot === undefined) {
      slot = FIRST_CONSTANT + this.#constants.push(value) - 1;
      this.#slots.set(value, slot);
    }
    return slot;
  }

  #wait(name: string, place: Place): number {
    const waiting = Object.hasOwn(this.#names, name) ? this.#names[name] : undefined;
    if (waiting === undefined) throw this.#error(place, `the option 'waits' has nothing under the name '${name}'`);
    return this.#waits.push(waiting) - 1;
  }

  /** The instruction at an address. */
  #target(address: bigint, place: Place): number {
    const { text, length, instructions } = this.#layout;
    const offset = Number(BigInt.asUintN(64, address - text));
    const index = offset / length;
    if (Number.isInteger(index) && index < instructions.length) return index;
    throw this.#error(place, 'expected a label of the text: no instruction begins there');
  }

  #error(place: Place, message: string): AssemblyError {
    return new AssemblyError(this.#layout.name, place, message);
  }
}

/** What branches has its label last. */
function isTarget(item: InstructionItem, operand: Operand): operand is Extract<Operand, { kind: 'number' }> {
  const shapes: readonly Shape[] = OPERATIONS[item.mnemonic].operands;
  const shape = shapes[item.operands.indexOf(operand)];
  return operand.kind === 'number' && (shape === 'label' || shape === 'target');
}
