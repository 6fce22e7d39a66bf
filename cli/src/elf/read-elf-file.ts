import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ElfError } from './elf-error.js';
import { checkSize } from './elf-size.js';
import { type ElfFile, readElf } from './read-elf.js';

/**
 * Reads an ELF file. Throws `ElfError` for what is none, and for what is no file or larger than 512 MiB: a device may
 * have no end. Throws the system's error if it cannot be read.
 */
export function readElfFile(path: string): ElfFile {
  // A pipe would be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() && !stats.isDirectory()) throw new ElfError('it is no regular file: name the program itself');
    checkSize(stats.size);
    return readElf(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}
