import { open } from 'node:fs/promises';
import { isConfig } from '../config/config-name.js';
import { usageError } from '../errors.js';
import { fileError } from './trace-source.js';

/** What a file seems to be. */
type FileKind = 'config' | 'program' | 'perf.data' | 'trace' | 'unknown';

const HEAD = 4096;
const LACKEY_LINE = /^(?:==\d+==|--\d+--|I {2}[0-9a-f]+,\d| [LSM] [0-9a-f]+,\d)/m;

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
  if (head.toString('latin1', 0, 4) === '\x7fELF') return 'program';
  if (head.toString('latin1', 0, 8) === 'PERFILE2') return 'perf.data';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'trace';
  const trace = LACKEY_LINE.test(head.toString('latin1'));
  if (isConfig(path) && !trace) return 'config';
  return trace ? 'trace' : 'unknown';
}

/**
 * Throws a usage error for a file that is not there, and for one that is not a trace: what it is, and where it belongs.
 */
export async function expectTrace(path: string, command: string): Promise<void> {
  if (path === '-') return;
  const kind = await kindOf(path, 'trace');
  if (kind === 'config')
    throw usageError(
      `${path} is the config of a kernel, and hwbp ${command} takes the trace of a program`,
      `hwbp run ${path} runs it, and hwbp debug ${path} lets gdb attach to it`,
    );
  if (kind === 'program')
    throw usageError(
      `${path} is a program, and hwbp ${command} takes the trace of one`,
      `valgrind --tool=lackey --trace-mem=yes --log-file=prog.trace ${path} records one, and --elf ${path} names the program`,
    );
  if (kind === 'perf.data')
    throw usageError(
      `${path} is a recording of perf's, and hwbp ${command} takes a trace of Valgrind's Lackey`,
      `perf script -i ${path} shows it`,
    );
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
