import { readFileSync, writeFileSync } from 'node:fs';
import { runError, usageError } from '../errors.js';

/** Lines that are kept. */
export const MOST_LINES = 1000;

/** What was typed, oldest first: in memory, and in a file if there is one. */
export class History {
  readonly #file: string | undefined;
  readonly #lines: string[] = [];

  /** Throws a usage error if the file is there and cannot be read. */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file === undefined) return;
    try {
      this.#lines.push(...readFileSync(file, 'utf8').split('\n').filter(Boolean));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') throw usageError(`--history ${file} cannot be read: ${message}`);
    }
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Empty lines, and the latest one once more, are not worth it. */
  add(line: string): void {
    if (line.trim() !== '' && line !== this.#lines.at(-1)) this.#lines.push(line);
  }

  /** Throws a run error if the file cannot be written. */
  save(): void {
    if (this.#file === undefined || this.#lines.length === 0) return;
    try {
      writeFileSync(this.#file, `${this.#lines.slice(-MOST_LINES).join('\n')}\n`);
    } catch (error) {
      throw runError(`--history ${this.#file} cannot be written: ${(error as Error).message}`);
    }
  }
}
