export { assemble } from './assemble.js';
export { Assembly, type AssemblyOptions, type RoutineFactory, type RoutineOptions } from './assembly.js';
export { AssemblyError } from './assembly-error.js';
export { type AssemblyBuilder, assembly, type MemoryOperand, memory, type SymbolOperand } from './builder.js';
export type { AssemblySymbol } from './layout.js';
export { MNEMONICS, type Mnemonic, type Width } from './operations.js';
export type { Register } from './registers.js';
export { RoutineProgram } from './routine-program.js';
