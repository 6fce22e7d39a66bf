import { utf8Length } from '@hwbp/core';
import { ftraceError } from './errors.js';
import { didYouMean } from './nearest-names.js';

/** A file of a tracing directory: its content is made when it is read. */
export interface TraceFile {
  read(): string;
  /** Absent: the file is read only. */
  readonly write?: (text: string) => void;
}

/** The tracing directory of a kernel, such as /sys/kernel/debug/tracing, in memory. Paths are relative to it. */
export class TracingFiles {
  readonly #files: ReadonlyMap<string, TraceFile>;
  readonly #writable: () => void;

  /** `writable` throws while nothing may be written. */
  constructor(files: Readonly<Record<string, TraceFile>>, writable: () => void) {
    this.#files = new Map(Object.entries(files));
    this.#writable = writable;
  }

  /** The paths, sorted. */
  list(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  /** The content of a file. Reading `trace_pipe` consumes it. Throws ENOENT. */
  read(path: string): string {
    return this.#file(path).read();
  }

  /**
   * Writes a text, as one write(2) does: `echo` ends it with a newline, which is welcome. Returns the bytes written,
   * all of them. Throws ENOENT, EACCES for a file that is read only, ENODEV once the tracer is stopped, and what the
   * file refuses.
   */
  write(path: string, text: string): number {
    if (typeof text !== 'string') throw new TypeError(`write takes a text, got ${typeof text}`);
    const file = this.#file(path);
    if (file.write === undefined) {
      throw ftraceError('FTRACE_READ_ONLY', `${path} can only be read`, { path });
    }
    this.#writable();
    file.write(text);
    return utf8Length(text);
  }

  #file(path: string): TraceFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    const hint = didYouMean(path, this.#files.keys()) || `; there are ${this.list().join(', ')}`;
    throw ftraceError('FTRACE_NO_SUCH_FILE', `there is no file '${path}' in the tracing directory${hint}`, { path });
  }
}
