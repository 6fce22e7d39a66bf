import { isConfig } from '../config/config-name.js';
import { type CliError, usageError } from '../errors.js';

/** What a file seems to be. */
export type FileKind = 'config' | 'program' | 'perf.data' | 'trace' | 'unknown';

/** Bytes at a file's beginning that tell what it is. */
export const HEAD = 4096;

const LACKEY_LINE = /^(?:==\d+==|--\d+--|I {2}[0-9a-f]+,\d| [LSM] [0-9a-f]+,\d)/m;

/** Tells by the first bytes, and by the name. */
export function fileKind(head: Uint8Array, path: string): FileKind {
  const text = String.fromCharCode(...head.subarray(0, HEAD));
  if (text.startsWith('\x7fELF')) return 'program';
  if (text.startsWith('PERFILE2')) return 'perf.data';
  if (text.startsWith('\x1f\x8b')) return 'trace';
  const trace = LACKEY_LINE.test(text);
  if (isConfig(path) && !trace) return 'config';
  return trace ? 'trace' : 'unknown';
}

/** What to say of a file that is no trace, where it belongs; `undefined` if it may be one. */
export function wrongTrace(kind: FileKind, path: string, command: string): CliError | undefined {
  if (kind === 'config')
    return usageError(
      `${path} is the config of a kernel, and hwbp ${command} takes the trace of a program`,
      `hwbp run ${path} runs it, and hwbp debug ${path} lets gdb attach to it`,
    );
  if (kind === 'program')
    return usageError(
      `${path} is a program, and hwbp ${command} takes the trace of one`,
      `valgrind --tool=lackey --trace-mem=yes --log-file=prog.trace ${path} records one, and --elf ${path} names the program`,
    );
  if (kind === 'perf.data')
    return usageError(
      `${path} is a recording of perf's, and hwbp ${command} takes a trace of Valgrind's Lackey`,
      `perf script -i ${path} shows it`,
    );
  return undefined;
}
