import { fstatSync, lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { OutputFileError } from './output-file-error.js';

/** What is where an output is to be. */
export interface Place {
  /** `undefined`: nothing. */
  readonly stats: Stats | undefined;
  /** A pipe or a device, which keeps being what it is. */
  readonly inPlace: boolean;
}

/** Names of the process's own descriptors, which the system has as links: `>(...)` of a shell is one. */
const OWN_DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/\d+$|^\/dev\/std(?:out|err)$/;

/**
 * Looks at the place of an output, none of the inputs (`-` is standard input); `seeks`: positions in it are written.
 * Throws an `OutputFileError` for what may not be written.
 */
export function checkPlace(file: string, inputs: readonly string[], seeks: boolean): Place {
  const refuse = (complaint: string): OutputFileError => new OutputFileError(file, complaint, true);
  if (file === '') throw refuse('it has no name');
  let stats: Stats | undefined;
  try {
    stats = (OWN_DESCRIPTOR.test(path.normalize(file)) ? statSync : lstatSync)(file, { throwIfNoEntry: false });
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (stats === undefined) return { stats, inPlace: false };
  if (stats.isDirectory()) throw refuse('it is a directory');
  if (stats.isSymbolicLink())
    throw refuse('it is a symbolic link, and what is at its end is not written over: name that, or remove the link');
  if (inputs.some((input) => identityOf(input) === identity(stats)))
    throw refuse('it is read as well, and would be lost');
  if (stats.isFile()) {
    if (OWN_DESCRIPTOR.test(path.normalize(file))) throw refuse('it is open already: name the file itself');
    return { stats, inPlace: false };
  }
  if (seeks) throw refuse('it is no regular file');
  if (!stats.isFIFO() && !stats.isCharacterDevice()) throw refuse('it is no file, pipe or terminal');
  return { stats, inPlace: true };
}

/** The same for all names of a file. */
export function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function identityOf(input: string): string | undefined {
  try {
    return identity(input === '-' ? fstatSync(0) : statSync(input));
  } catch {
    // Whoever reads it will say that it cannot be read.
    return undefined;
  }
}
