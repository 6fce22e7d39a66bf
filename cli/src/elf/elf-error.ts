/** A file that is no usable ELF file: the message says what is wrong and what would help. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}
