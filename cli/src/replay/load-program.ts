import { loadDemangler } from '../elf/demangle.js';
import { readElfFile } from '../elf/read-elf-file.js';
import type { ProgramFile } from './place-program.js';
import { programFile } from './program-file.js';
import { fileError } from './trace-source.js';

/** Reads the program that was traced. Throws a usage error if it is none. */
export async function readProgram(path: string): Promise<ProgramFile> {
  try {
    return await programFile(path, () => readElfFile(path), loadDemangler);
  } catch (error) {
    throw fileError('program', path, error);
  }
}
