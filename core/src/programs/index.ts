export { Code, type NamedFunction } from './code.js';
export {
  type Instruction,
  InstructionProgram,
  type InstructionSource,
  type SystemCallEntry,
  type SystemCallRequest,
} from './instruction-program.js';
export { loadProgram } from './list-program.js';
export { program } from './make-program.js';
export { begin, type Program, type ProgramFactory, type ProgramImage, type ProgramState } from './program.js';
export type { Sleep, Waiting } from './waiting.js';
