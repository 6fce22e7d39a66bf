import { hex, type KernelSymbol } from '@hwbp/core';
import type { DebugInformation, DebugVariable } from '../dwarf/debug-information.js';
import { ElfError } from '../elf/elf-error.js';
import type { Placeless } from '../elf/elf-symbols.js';
import type { ProgramSymbols } from '../elf/program-symbols.js';
import { runError, usageError } from '../errors.js';
import { type NamePath, namePaths } from './name-path.js';
import { nearest } from './nearest.js';
import { variablePart } from './variable-part.js';

/** A program's symbols, and what to say of it. */
export interface SymbolSource {
  readonly path: string;
  readonly symbols: ProgramSymbols;
  /** Why nobody knows where it was loaded; `undefined` if that is known. */
  readonly unplaced: string | undefined;
}

/**
 * The one symbol of a name, or the part of a variable (`balances[7]`, `conf.limit`). Throws a usage error that begins
 * with `at`, the option, and says what to write instead.
 */
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
  const place = first === undefined ? findPart(name, program, at) : undefined;
  if (place === undefined && first === undefined) throw unknownName(name, program, at);
  if (program.unplaced !== undefined) {
    throw runError(
      `${at}: ${path} is position-independent: its addresses in the trace depend on where it was loaded, and ${program.unplaced}. It is another program's trace, or a part of one.`,
      'name the program that was traced; of a part of its trace say where it was loaded with --load-bias ADDRESS (Valgrind loads 64-bit x86 programs at 0x108000)',
    );
  }
  if (found.length > 1) {
    const places = listed(found.map(({ address, size }) => `${hex(address)}${size > 0 ? ` (${size} bytes)` : ''}`));
    throw usageError(
      `${at}: ${path} has ${found.length} symbols '${name}'`,
      `watch one of them by its address: ${places}`,
    );
  }
  return place ?? { ...(first as KernelSymbol), name };
}

/** A variable that only debug information has under this name, or a part of one. */
function findPart(name: string, { path: file, symbols }: SymbolSource, at: string): KernelSymbol | undefined {
  const paths = namePaths(name);
  // Only who has such a name pays for reading what may be many megabytes.
  const debug = debugInformation(symbols, at, paths.length > 0);
  if (debug === undefined) return undefined;
  for (const path of [{ base: name, steps: [] }, ...paths]) {
    const variable = findVariable(path, symbols, debug, at);
    if (variable === undefined) continue;
    if (variable.type === undefined)
      throw usageError(
        `${at}: ${file} has no debug information${debug.variables.size === 0 ? '' : ` of ${path.base}`}, which could say where ${name.slice(path.base.length)} is`,
        `compile with -g, or write ${path.base}+OFFSET/LEN`,
      );
    const part = variablePart(variable, path, debug, at);
    return { ...part, address: symbols.loaded(part.address) };
  }
  return undefined;
}

function debugInformation(symbols: ProgramSymbols, at: string, needed: boolean): DebugInformation | undefined {
  try {
    return symbols.debugInformation();
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    if (!needed) return undefined;
    throw usageError(`${at}: ${error.message}`, 'write SYMBOL+OFFSET/LEN');
  }
}

/** The variable that a path begins with: of a symbol its type too, if debug information has that. */
function findVariable(
  { base, steps }: NamePath,
  symbols: ProgramSymbols,
  { variables }: DebugInformation,
  at: string,
): DebugVariable | undefined {
  const [symbol, ...others] = symbols.named(base);
  if (symbol !== undefined) {
    if (others.length > 0) return undefined;
    const address = BigInt.asUintN(64, symbol.address - symbols.bias);
    return variables.at(address) ?? { name: base, address, type: undefined };
  }
  const named = variables.named(base);
  const exact = named.filter(({ name }) => name === base);
  const seen = new Set<bigint>();
  const found = (exact.length > 0 ? exact : named).filter(({ address }) => !seen.has(address) && seen.add(address));
  if (found.length > 1)
    throw usageError(
      `${at}: there are ${found.length} variables '${base}'`,
      `name one of them: ${listed(found.map(({ name, address }) => `${name} (${hex(symbols.loaded(address))})`))}`,
    );
  return steps.length === 0 && found[0]?.type === undefined ? undefined : found[0];
}

/** Places of one name that are listed. */
const MOST_LISTED = 20;

function listed(places: readonly string[]): string {
  const more = places.length - MOST_LISTED;
  return places.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** What a name is that has no address in the file. */
const WHY_PLACELESS: Readonly<Record<Placeless, (name: string) => readonly [cause: string, remedy: string]>> = {
  'thread-local': (name) => [
    `'${name}' is thread-local: every thread has its own, at an address that no file tells`,
    'watch that address (print &NAME in gdb), such as 0x4a9c040/4',
  ],
  'indirect function': (name) => [
    `'${name}' is an indirect function (IFUNC): the program chooses one of several when it starts, and only their addresses are executed`,
    'watch the one that is used by its own name or address',
  ],
  imported: (name) => [
    `'${name}' is not in the program but in a library, whose addresses the file does not tell`,
    `watch the stub that the program calls it through, if it has one (${name}@plt:x), or its address`,
  ],
  absolute: (name) => [`'${name}' is a number that the linker was given, and no place in memory`, 'watch an address'],
};

function unknownName(name: string, { path, symbols }: SymbolSource, at: string): Error {
  const placeless = symbols.placeless(name);
  if (placeless !== undefined) {
    const [cause, remedy] = WHY_PLACELESS[placeless](name);
    return usageError(`${at}: ${cause}`, remedy);
  }
  const functions = debugInformation(symbols, at, false)?.localsNamed(name) ?? [];
  if (functions.length > 0)
    return usageError(
      `${at}: '${name}' is a local variable of ${functions.slice(0, 3).join(', ')}: it lies in a register or on the stack, at an address that changes with every call`,
      'watch an address on the stack from the trace, such as 0x1fff000dc8/4, or a global variable',
    );
  if (symbols.symbols.length === 0)
    return usageError(
      `${at}: ${path} has no symbols`,
      'it was stripped: name the file from before, or watch an address such as 0x404390/4',
    );
  const near = nearest(name, symbols.names());
  const remedy = near.length > 0 ? `did you mean ${near.join(', ')}?` : `nm -C ${path} lists its symbols`;
  return usageError(`${at}: ${path} has no symbol '${name}'`, remedy);
}
