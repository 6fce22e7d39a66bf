import { type ElfSegment, PF_X } from '../elf/elf-segments.js';
import type { Demangle } from '../elf/mangled.js';
import { ProgramSymbols } from '../elf/program-symbols.js';
import type { ElfFile } from '../elf/read-elf.js';
import { usageError } from '../errors.js';
import type { FoundBias } from './find-bias.js';

/** A program's file, before it is known where it was loaded. */
export interface ProgramFile {
  readonly path: string;
  readonly elf: ElfFile;
  readonly demangle: Demangle;
}

/** A range of addresses. */
export interface AddressRange {
  readonly first: bigint;
  /** First address behind it. */
  readonly end: bigint;
}

/** A program's symbols at run-time addresses. */
export interface LoadedProgram {
  readonly path: string;
  /** See `ElfFile`. */
  readonly buildId: Uint8Array | undefined;
  readonly symbols: ProgramSymbols;
  /** How many the file has. */
  readonly symbolCount: number;
  /** Why nobody knows where it was loaded: then the symbols have addresses that say nothing. */
  readonly unplaced: string | undefined;
  /** Of a position-independent program: what its addresses were moved by, and how that is known. */
  readonly bias: { readonly value: bigint; readonly how: string } | undefined;
  /** Where it begins to execute; 0 if its file does not say. */
  readonly entry: bigint;
  /** See `ElfFile`. */
  readonly needed: readonly string[];
  /** What of the file is loaded, at run-time addresses. */
  readonly segments: readonly ElfSegment[];
  /** What of it is executed. */
  readonly text: readonly AddressRange[];
  /** The same without the stubs that call libraries. */
  readonly code: readonly AddressRange[];
  /** See `TextReader.repeats`, at run-time addresses. */
  repeats(address: bigint): boolean | undefined;
  /** See `TextReader.usesStack`, at run-time addresses. */
  usesStack(address: bigint): boolean;
  /** See `ElfFile`, at run-time addresses. */
  readonly slots: ReadonlyMap<bigint, string>;
  /** See `TextReader.length`, at run-time addresses. */
  instructionLength(address: bigint): number | undefined;
}

/**
 * The program where it was loaded: as the user says, or as its trace proves. Throws a usage error for a bias too many.
 */
export function placeProgram(
  { path, elf, demangle }: ProgramFile,
  loadBias: bigint | undefined,
  found: FoundBias | undefined,
): LoadedProgram {
  if (loadBias !== undefined && !elf.positionIndependent) {
    throw usageError(
      `--load-bias: ${path} is linked at fixed addresses, and was loaded there`,
      'leave --load-bias out',
    );
  }
  const value = loadBias ?? found?.bias ?? 0n;
  const load = (address: bigint): bigint => BigInt.asUintN(64, address + value);
  const known = !elf.positionIndependent || loadBias !== undefined || found?.bias !== undefined;
  const segments = elf.segments.map((segment) => ({ ...segment, address: load(segment.address) }));
  const text = segments
    .filter(({ flags, size }) => (flags & PF_X) !== 0 && size > 0n)
    .map(({ address, size }) => rangeOf(address, size));
  return {
    path,
    buildId: elf.buildId,
    symbols: new ProgramSymbols(elf, value, demangle),
    symbolCount: elf.symbols.length,
    unplaced: known ? undefined : (found?.why ?? 'nobody said where that was'),
    bias:
      elf.positionIndependent && known
        ? { value, how: loadBias === undefined ? (found?.why ?? '') : 'as told' }
        : undefined,
    entry: elf.entry === 0n ? 0n : load(elf.entry),
    needed: elf.needed,
    segments,
    text,
    code: elf.code.length === 0 ? text : elf.code.map(({ address, size }) => rangeOf(load(address), size)),
    repeats: (address) => (known ? elf.text.repeats(BigInt.asUintN(64, address - value)) : undefined),
    usesStack: (address) => known && elf.text.usesStack(BigInt.asUintN(64, address - value)),
    slots: new Map([...elf.slots].map(([address, name]) => [load(address), name])),
    instructionLength: (address) => (known ? elf.text.length(BigInt.asUintN(64, address - value)) : undefined),
  };
}

function rangeOf(first: bigint, size: bigint): AddressRange {
  return { first, end: first + size };
}
