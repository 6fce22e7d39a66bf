import { type CliError, usageError } from '@hwbp/cli/portable';

/** What to say of a file that the browser cannot read, though it was chosen. */
function unreadable(what: string, { name }: File, error: unknown): CliError {
  const why = error instanceof Error ? error.message : String(error);
  return usageError(
    `the ${what} ${name} cannot be read: ${why}`,
    'a directory has nothing to read: choose the file in it; and choose a file again that was written meanwhile',
  );
}

/** The bytes of a part of a file. Throws a usage error if they cannot be read. */
export async function bytesOf(what: string, file: File, end = file.size): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, end).arrayBuffer());
  } catch (error) {
    throw unreadable(what, file, error);
  }
}

/** The bytes of a file, piece by piece. Throws a usage error if they cannot be read. */
export async function* chunksOf(what: string, file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    throw unreadable(what, file, error);
  } finally {
    reader.releaseLock();
  }
}
