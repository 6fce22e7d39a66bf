import type { Loaded } from '../hardware/index.js';
import { type Instruction, InstructionProgram } from './instruction-program.js';
import { listProgram } from './list-program.js';
import type { ProgramFactory } from './program.js';

/**
 * Programs from a generator function or a list of instructions: each begins anew. The function gets what a program of
 * its kind is made for. Throws a TypeError for a generator,
 * which could be run only once.
 */
export function program<Of extends readonly unknown[] = []>(
  source: ((...of: Of) => Iterator<Instruction, void, Loaded>) | Iterable<Instruction>,
): ProgramFactory<Of>;
// What the compiler thinks that a generator receives which says `const [old = 0n] = yield ...`, and nothing of its
// type.
export function program<Of extends readonly unknown[], Got extends readonly (bigint | undefined)[]>(
  source: (...of: Of) => Iterator<Instruction, void, Got>,
): ProgramFactory<Of>;
export function program<Of extends readonly unknown[]>(
  source: ((...of: Of) => Iterator<Instruction, void, Loaded>) | Iterable<Instruction>,
): ProgramFactory<Of> {
  if (typeof source === 'function') return (...of) => new InstructionProgram(source(...of));
  if (typeof source?.[Symbol.iterator] !== 'function') {
    throw new TypeError('program takes a generator function or a list of instructions');
  }
  if (source[Symbol.iterator]() === (source as unknown)) {
    throw new TypeError(
      'this generator can be run only once; pass the generator function to program, not what it returned',
    );
  }
  if (Array.isArray(source)) return listProgram(source);
  return () => new InstructionProgram(source[Symbol.iterator]() as Iterator<Instruction, void, Loaded>);
}
