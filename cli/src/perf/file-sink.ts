import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { PerfDataSink } from '@hwbp/perf';
import { runError, usageError } from '../errors.js';

/** A file that takes its name once it is whole: until then, and if it never is, an older one keeps it. */
export class FileSink implements PerfDataSink, Disposable {
  /** Bytes written. */
  size = 0;
  readonly #path: string;
  readonly #partial: string;
  #descriptor: number | undefined;

  /** Throws a usage error if it cannot be made. */
  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    const remedy = 'name another file with -o FILE';
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw usageError(`${path} is a directory`, remedy);
    // What is written takes the place of what was there.
    if (there?.isFile() === false) throw usageError(`${path} is no regular file`, remedy);
    try {
      this.#descriptor = openSync(this.#partial, 'w');
    } catch (error) {
      throw usageError(`${path} cannot be written: ${(error as Error).message}`, remedy);
    }
  }

  write(bytes: Uint8Array): void {
    this.#write(bytes, undefined);
    this.size += bytes.length;
  }

  patch(position: number, bytes: Uint8Array): void {
    this.#write(bytes, position);
  }

  /** The file is whole. */
  finish(): void {
    this.#close();
    try {
      renameSync(this.#partial, this.#path);
    } catch (error) {
      rmSync(this.#partial, { force: true });
      throw runError(`${this.#path} cannot be written: ${(error as Error).message}`);
    }
  }

  /** Takes away what was not finished. */
  [Symbol.dispose](): void {
    if (this.#descriptor === undefined) return;
    this.#close();
    rmSync(this.#partial, { force: true });
  }

  #write(bytes: Uint8Array, position: number | undefined): void {
    if (this.#descriptor === undefined) throw new TypeError('the file is closed');
    try {
      for (let at = 0; at < bytes.length; ) {
        const where = position === undefined ? null : position + at;
        at += writeSync(this.#descriptor, bytes, at, bytes.length - at, where);
      }
    } catch (error) {
      throw runError(`${this.#path} cannot be written: ${(error as Error).message}`);
    }
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
