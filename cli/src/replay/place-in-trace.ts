import { StaticSymbolTable, type SymbolTable } from '@hwbp/core';
import { BiasFinder } from './find-bias.js';
import { type LoadedProgram, type ProgramFile, placeProgram } from './place-program.js';

const NO_SYMBOLS = new StaticSymbolTable([]);

/** Shows the beginning of a trace to somebody until that returns true, or it ends. */
export type LookAhead = (see: (block: Uint8Array) => boolean) => Promise<void>;

/** A program where it was loaded. */
export interface PlacedProgram {
  readonly program: LoadedProgram | undefined;
  /** The program's, if it is known where it was loaded. */
  readonly symbols: SymbolTable;
}

/**
 * The program where it was loaded: as the user says, or as its trace shows, which is read ahead for that only if it is
 * needed. Throws a usage error for a bias too many.
 */
export async function placeInTrace(
  file: ProgramFile | undefined,
  loadBias: bigint | undefined,
  lookAhead: LookAhead | undefined,
): Promise<PlacedProgram> {
  if (file === undefined) return { program: undefined, symbols: NO_SYMBOLS };
  let finder: BiasFinder | undefined;
  if (file.elf.positionIndependent && loadBias === undefined && lookAhead !== undefined) {
    const looking = new BiasFinder(file);
    finder = looking;
    await lookAhead((block) => {
      looking.see(block);
      return looking.done;
    });
  }
  const program = placeProgram(file, loadBias, finder?.found);
  return { program, symbols: program.unplaced === undefined ? program.symbols : NO_SYMBOLS };
}
