import { readFile } from 'node:fs/promises';
import { ElfError } from '../elf/elf-error.js';
import type { ElfSegment } from '../elf/elf-segments.js';
import { ProgramSymbols } from '../elf/program-symbols.js';
import { type ElfFile, readElf } from '../elf/read-elf.js';
import { usageError } from '../errors.js';
import { fileError } from './trace-source.js';

/** A program's symbols at run-time addresses. */
export interface LoadedProgram {
  readonly path: string;
  readonly symbols: ProgramSymbols;
  /** True if nobody said where it was loaded: then the symbols have addresses that say nothing. */
  readonly needsBias: boolean;
  /** What of the file is loaded, at run-time addresses. */
  readonly segments: readonly ElfSegment[];
}

/** Reads the program that was traced. Throws a usage error if it is none. */
export async function loadProgram(path: string, loadBias: bigint | undefined): Promise<LoadedProgram> {
  let elf: ElfFile;
  try {
    elf = readElf(await readFile(path));
  } catch (error) {
    if (error instanceof ElfError) throw usageError(`--elf ${path}: ${error.message}`);
    throw fileError('program', path, error);
  }
  if (loadBias !== undefined && !elf.positionIndependent) {
    throw usageError(
      `--load-bias: ${path} is linked at fixed addresses, and was loaded there`,
      'leave --load-bias out',
    );
  }
  const needsBias = elf.positionIndependent && loadBias === undefined;
  const bias = loadBias ?? 0n;
  const segments = elf.segments.map((segment) => ({
    ...segment,
    address: BigInt.asUintN(64, segment.address + bias),
  }));
  return { path, symbols: new ProgramSymbols(elf, bias), needsBias, segments };
}
