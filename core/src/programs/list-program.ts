import type { ImageReader, ImageValue } from '../image/index.js';
import { checkInstruction } from './check-instruction.js';
import type { Code } from './code.js';
import { loadInstruction, saveInstruction } from './instruction-image.js';
import {
  type Instruction,
  type InstructionIterator,
  InstructionProgram,
  type SystemCallRequest,
} from './instruction-program.js';
import { isProgram, type Program, type ProgramFactory, type ProgramImage } from './program.js';

/** The kind of a program that is a list of instructions, in an image. */
const LIST = 'list';

/** What the factories of lists make their programs of. */
const listOf = new WeakMap<object, readonly Instruction[]>();

/** How far a program has come in its list. */
class ListPosition implements InstructionIterator {
  readonly checked = true;
  readonly #list: readonly Instruction[];
  #next: number;

  constructor(list: readonly Instruction[], next = 0) {
    this.#list = list;
    this.#next = next;
  }

  next(): IteratorResult<Instruction, void> {
    const value = this.#list[this.#next];
    if (value === undefined) return { done: true, value };
    this.#next++;
    return { done: false, value };
  }

  copy(): InstructionIterator {
    return new ListPosition(this.#list, this.#next);
  }

  save(code: Code, held: boolean, done: boolean): ProgramImage {
    const next = held ? this.#next - 1 : this.#next;
    return { kind: LIST, state: { instructions: saveList(this.#list, code), next, done } };
  }
}

/**
 * Programs of a list of instructions, which can be written down. Throws a TypeError that names the field and the number
 * of what is none.
 */
export function listProgram(instructions: readonly Instruction[]): ProgramFactory {
  const list = [...instructions];
  for (const [index, one] of list.entries()) checkInstruction(one, index);
  const factory: ProgramFactory = () => new InstructionProgram(new ListPosition(list));
  listOf.set(factory, list);
  return factory;
}

/** A program where it is now, from an image. Throws EINVAL for what is none. */
export function loadProgram(from: ImageReader, code: Code): Program {
  const [kind, state] = [from.field('kind').text(), from.field('state')];
  if (kind !== LIST) {
    const made = (code.find(kind) as (state: ImageReader) => unknown)(state);
    if (isProgram(made)) return made;
    throw from.field('kind').invalid('the name of a function that makes a program of its state');
  }
  const list = loadList(state.field('instructions'), code);
  const next = state.field('next').number(0, list.length);
  return new InstructionProgram(new ListPosition(list, next), state.field('done').flag());
}

function saveList(list: readonly Instruction[], code: Code): ImageValue {
  return list.map((one) => saveInstruction(one, code, (call) => saveCall(call, code)));
}

function loadList(from: ImageReader, code: Code): readonly Instruction[] {
  return from.list().map((one) => loadInstruction(one, code, (call) => loadCall(call, code)));
}

/** A system call: true for one by number, the list of its instructions, or the name of its function. */
function saveCall(call: SystemCallRequest, code: Code): ImageValue {
  if (call === true) return true;
  const list = code.knows(call) ? undefined : listOf.get(call);
  return list === undefined ? code.nameOf(call, 'a system call') : saveList(list, code);
}

function loadCall(from: ImageReader, code: Code): SystemCallRequest {
  if (from.isTrue) return true;
  return from.isText ? (code.find(from.text()) as ProgramFactory) : listProgram(loadList(from, code));
}
