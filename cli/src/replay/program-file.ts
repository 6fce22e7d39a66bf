import { ElfError } from '../elf/elf-error.js';
import { asItIs, type Demangle, isMangled } from '../elf/mangled.js';
import type { ElfFile } from '../elf/read-elf.js';
import { usageError } from '../errors.js';
import type { ProgramFile } from './place-program.js';

/**
 * The program that was traced, with a demangler if it has names for one. Throws a usage error if what `read` reads is
 * no program; what else it throws comes out.
 */
export async function programFile(
  path: string,
  read: () => ElfFile,
  loadDemangler: () => Promise<Demangle>,
): Promise<ProgramFile> {
  try {
    const elf = read();
    const mangled = [...elf.places.map(({ name }) => name), ...elf.placeless.keys()].some(isMangled);
    return { path, elf, demangle: mangled ? await loadDemangler() : asItIs };
  } catch (error) {
    throw error instanceof ElfError ? usageError(`--elf ${path}: ${error.message}`) : error;
  }
}
