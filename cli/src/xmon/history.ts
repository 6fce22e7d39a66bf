import { readFileSync } from 'node:fs';
import { OutputFile } from '@hwbp/conform/files/output';
import { visible } from '@hwbp/conform/text';
import { usageError } from '../errors.js';
import { writing } from '../output-error.js';

/** Lines that are kept. */
export const MOST_LINES = 1000;

const OPTION = '--history';
/** What somebody types is nobody else's business. */
const PRIVATE = 0o600;

/** What was typed, oldest first: in memory, and in a file if there is one. */
export class History {
  readonly #file: string | undefined;
  readonly #lines: string[] = [];

  /**
   * Throws a usage error if the file is there and cannot be read, or could not be written; `inputs`: what else is read.
   */
  constructor(file: string | undefined, inputs: readonly string[] = []) {
    this.#file = file;
    if (file === undefined) return;
    // What cannot be kept is told before anything is typed.
    writing(OPTION, () => new OutputFile(file, { inputs, seeks: true, mode: PRIVATE })[Symbol.dispose]());
    try {
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      // A terminal shows them as they are.
      this.#lines.push(...lines.slice(-MOST_LINES).map(visible));
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

  /** Throws an error of the command if the file cannot be written. */
  save(): void {
    const file = this.#file;
    if (file === undefined || this.#lines.length === 0) return;
    writing(OPTION, () => {
      using output = new OutputFile(file, { seeks: true, mode: PRIVATE });
      output.write(Buffer.from(`${this.#lines.slice(-MOST_LINES).join('\n')}\n`));
      output.finish();
    });
  }
}
