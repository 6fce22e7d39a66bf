import { hex, type KernelSymbol } from '@hwbp/core';
import type { ProgramSymbols } from '../elf/program-symbols.js';
import { usageError } from '../errors.js';
import { nearest } from './nearest.js';

/** A program's symbols, and what to say of it. */
export interface SymbolSource {
  readonly path: string;
  readonly symbols: ProgramSymbols;
  /** True if nobody said where it was loaded. */
  readonly needsBias: boolean;
}

/** The one symbol of a name. Throws a usage error that begins with `at`, the option, and says what to write instead. */
export function findSymbol(name: string, program: SymbolSource | undefined, at: string): KernelSymbol {
  if (program === undefined) {
    throw usageError(
      `${at}: a symbol needs the program that was traced`,
      'name it with --elf FILE, or watch an address such as 0x404390/4',
    );
  }
  const { path, symbols } = program;
  const found = symbols.named(name);
  const [first] = found;
  if (first === undefined) {
    const near = nearest(
      name,
      symbols.symbols.map((other) => other.name),
    );
    if (symbols.symbols.length === 0)
      throw usageError(
        `${at}: ${path} has no symbols`,
        'it was stripped: name the file from before, or watch an address such as 0x404390/4',
      );
    const remedy = near.length > 0 ? `did you mean ${near.join(', ')}?` : `nm ${path} lists its symbols`;
    throw usageError(`${at}: ${path} has no symbol '${name}'`, remedy);
  }
  if (program.needsBias) {
    throw usageError(
      `${at}: ${path} is position-independent: its addresses in the trace depend on where it was loaded`,
      'say where with --load-bias ADDRESS; Valgrind loads 64-bit x86 programs at 0x108000 (or link with -no-pie and record again)',
    );
  }
  if (found.length > 1) {
    const places = found.map(({ address, size }) => `${hex(address)}${size > 0 ? ` (${size} bytes)` : ''}`).join(', ');
    throw usageError(
      `${at}: ${path} has ${found.length} symbols '${name}'`,
      `watch one of them by its address: ${places}`,
    );
  }
  return first;
}
