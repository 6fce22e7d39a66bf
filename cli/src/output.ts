import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { createColors } from 'picocolors';

/** Characters that are gathered before they are written. */
const GATHER = 64 * 1024;

/** A stream that text is written to, in pieces worth a system call. */
export class Output {
  /** Colours, if this is a terminal and the user does not object (https://no-color.org). */
  readonly colours: ReturnType<typeof createColors>;
  readonly #stream: WriteStream;
  #pieces: string[] = [];
  #gathered = 0;

  constructor(stream: WriteStream, environment: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
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
    this.#stream.write(this.#pieces.join(''));
    this.#pieces = [];
    this.#gathered = 0;
  }

  /** Resolves once a slow reader has taken what was written. */
  async drain(): Promise<void> {
    this.flush();
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain');
  }
}

/** Ends the process quietly once nobody reads the output any more (`| head`). */
export function endWhenUnread(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
