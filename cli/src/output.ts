import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { harmless } from '@hwbp/conform/text';
import { createColors } from 'picocolors';
import { EXIT_OK, EXIT_RUN } from './errors.js';

/** Characters that are gathered before they are written. */
const GATHER = 64 * 1024;

/**
 * A stream that text is written to, in pieces worth a system call. Whatever is in a name that came from an input,
 * nothing reaches a terminal that it would obey, but for our own colours.
 */
export class Output {
  /** Colours, if this is a terminal and the user does not object (https://no-color.org). */
  readonly colours: ReturnType<typeof createColors>;
  readonly #stream: Writable;
  readonly #exact: boolean;
  #pieces: string[] = [];
  #gathered = 0;

  /** `exact`: for programs, every character as it is. */
  constructor(
    stream: Writable & { readonly isTTY?: boolean },
    exact = false,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.#stream = stream;
    this.#exact = exact;
    this.colours = createColors(stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb');
  }

  /** True if there is text that was not written yet. */
  get pending(): boolean {
    return this.#pieces.length > 0;
  }

  write(text: string): void {
    this.#pieces.push(text);
    this.#gathered += text.length;
    if (this.#gathered >= GATHER) this.flush();
  }

  flush(): void {
    if (this.#pieces.length === 0) return;
    const text = this.#pieces.join('');
    this.#stream.write(this.#exact ? text : harmless(text, this.colours.isColorSupported));
    this.#pieces = [];
    this.#gathered = 0;
  }

  /** Resolves once a slow reader has taken what was written. */
  async drain(): Promise<void> {
    this.flush();
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain');
  }
}

/**
 * Ends the process once its output cannot be written any more: quietly if nobody reads it (`| head`), otherwise (a full
 * disk) with the reason.
 */
export function endWhenUnwritable(stream: NodeJS.WritableStream, name: string): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_OK);
    try {
      writeSync(process.stderr.fd, `hwbp: ${name} cannot be written: ${error.message}\n`);
    } catch {
      // Standard error is full too: the exit code alone has to say it.
    }
    process.exit(EXIT_RUN);
  });
}
