export {
  Assembly,
  type AssemblyBuilder,
  AssemblyError,
  type AssemblyOptions,
  type AssemblySymbol,
  assemble,
  assembly,
  type MemoryOperand,
  MNEMONICS,
  type Mnemonic,
  memory,
  type Register,
  type RoutineFactory,
  type RoutineOptions,
  RoutineProgram,
  type SymbolOperand,
  type Width,
} from './assembly/index.js';
export { Code, type NamedFunction } from './code.js';
export { InstructionError } from './instruction-error.js';
export {
  type Instruction,
  InstructionProgram,
  type InstructionSource,
  type SystemCallEntry,
  type SystemCallRequest,
} from './instruction-program.js';
export { loadProgram } from './list-program.js';
export { program } from './make-program.js';
export {
  begin,
  type Program,
  type ProgramFactory,
  type ProgramImage,
  type ProgramState,
  type ProgramUser,
} from './program.js';
export { beginWait, type Sleep, type Waiting } from './waiting.js';
