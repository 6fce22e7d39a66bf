import { loadDemangler } from '../elf/demangle.js';
import { ElfError } from '../elf/elf-error.js';
import { asItIs, isMangled } from '../elf/mangled.js';
import { readElfFile } from '../elf/read-elf-file.js';
import { usageError } from '../errors.js';
import type { ProgramFile } from './place-program.js';
import { fileError } from './trace-source.js';

/** Reads the program that was traced. Throws a usage error if it is none. */
export async function readProgram(path: string): Promise<ProgramFile> {
  try {
    const elf = readElfFile(path);
    const mangled = [...elf.places.map(({ name }) => name), ...elf.placeless.keys()].some(isMangled);
    return { path, elf, demangle: mangled ? await loadDemangler() : asItIs };
  } catch (error) {
    if (error instanceof ElfError) throw usageError(`--elf ${path}: ${error.message}`);
    throw fileError('program', path, error);
  }
}
