import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ElfError } from './elf-error.js';
import { type ElfFile, readElf } from './read-elf.js';

/** Bytes of a program that are read at most. */
const MOST_BYTES = 512 * 1024 * 1024;

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
    if (stats.size > MOST_BYTES)
      throw new ElfError(
        `it has ${stats.size} bytes, over the budget of ${MOST_BYTES} (512 MiB): strip -g makes it smaller`,
      );
    return readElf(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}
