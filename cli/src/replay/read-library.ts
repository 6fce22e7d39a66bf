import { ElfError } from '../elf/elf-error.js';
import type { ElfFile } from '../elf/read-elf.js';
import { readElfFile } from '../elf/read-elf-file.js';

/** A library where it was loaded; `undefined` if that cannot be read, or is damaged. */
export function readLibrary(path: string): ElfFile | undefined {
  try {
    return readElfFile(path);
  } catch (error) {
    if (error instanceof ElfError || typeof (error as NodeJS.ErrnoException).code === 'string') return undefined;
    throw error;
  }
}
