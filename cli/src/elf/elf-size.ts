import { ElfError } from './elf-error.js';

/** Bytes of a program that are read at most. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Throws `ElfError` for a file that has more bytes than are read. */
export function checkSize(size: number): void {
  if (size > MOST_BYTES)
    throw new ElfError(`it has ${size} bytes, over the budget of ${MOST_BYTES} (512 MiB): strip -g makes it smaller`);
}
