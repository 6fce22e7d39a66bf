import { open } from 'node:fs/promises';
import { usageError } from '../errors.js';
import { type FileKind, fileKind, HEAD, wrongTrace } from './file-kind.js';
import { fileError } from './trace-source.js';

/** Tells by the name and the first bytes. Throws a usage error for a file that is not there, as `what` it is wanted. */
async function kindOf(path: string, what: string): Promise<FileKind> {
  let head: Buffer;
  try {
    const handle = await open(path);
    try {
      // A pipe would lose what is read here.
      if (!(await handle.stat()).isFile()) return 'unknown';
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      head = buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(what, path, error);
  }
  return fileKind(head, path);
}

/**
 * Throws a usage error for a file that is not there, and for one that is not a trace: what it is, and where it belongs.
 */
export async function expectTrace(path: string, command: string): Promise<void> {
  if (path === '-') return;
  const error = wrongTrace(await kindOf(path, 'trace'), path, command);
  if (error !== undefined) throw error;
}

/** Throws a usage error for a file that is not there, and for one that is no config. */
export async function expectConfig(path: string, command: string): Promise<void> {
  const kind = await kindOf(path, 'config');
  if (kind === 'trace')
    throw usageError(
      `${path} is the trace of a program, and hwbp ${command} takes the config of a kernel`,
      `hwbp replay ${path} --watch ... replays it, and hwbp debug ${path} lets gdb attach to it`,
    );
  if (kind === 'program')
    throw usageError(
      `${path} is a program, and hwbp ${command} takes the config of a kernel`,
      `trace it, and hwbp replay shows who touched what: valgrind --tool=lackey --trace-mem=yes --log-file=prog.trace ${path}`,
    );
}
