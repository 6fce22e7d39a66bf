export { type Instruction, type InstructionSource, program } from './instruction-program.js';
export { begin, type Program, type ProgramFactory, type ProgramState } from './program.js';
