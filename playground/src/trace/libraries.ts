import { checkSize, ElfError, type ElfFile, readElf } from '@hwbp/cli/portable';

/** Reads a file at once, as workers can. */
declare class FileReaderSync {
  readAsArrayBuffer(file: Blob): ArrayBuffer;
}

/** Libraries that somebody chose: found by their file names, and read only if a trace has loaded them. */
export function openLibraries(files: readonly File[]): (wanted: string) => ElfFile | undefined {
  return (wanted) => {
    const file = files.find(({ name }) => name === wanted.slice(wanted.lastIndexOf('/') + 1));
    if (file === undefined) return undefined;
    try {
      checkSize(file.size);
      return readElf(new Uint8Array(new FileReaderSync().readAsArrayBuffer(file)));
    } catch (error) {
      if (error instanceof ElfError || error instanceof DOMException) return undefined;
      throw error;
    }
  };
}
