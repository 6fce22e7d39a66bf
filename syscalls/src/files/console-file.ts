import { type Console, type Machine, WaitQueue } from '@hwbp/core';
import type { OpenFile } from './file.js';

/** Bytes that were typed and nobody has read; what comes behind them is lost (n_tty: N_TTY_BUF_SIZE). */
const MOST_TYPED = 4096;

/** The console as a file: what is written is shown, what was typed since it was opened is read. It has no end. */
export class ConsoleFile implements OpenFile {
  readonly name = '/dev/console';
  readonly read: NonNullable<OpenFile['read']>;
  readonly write: NonNullable<OpenFile['write']>;
  readonly #typed: number[] = [];
  readonly #unhook: () => void;

  constructor(machine: Machine, terminal: Console) {
    const arrived = new WaitQueue(machine, 'input from the console');
    this.#unhook = terminal.input.add((bytes) => {
      this.#typed.push(...bytes.subarray(0, MOST_TYPED - this.#typed.length));
      arrived.wakeAll();
    });
    this.read = {
      arrived,
      take: (count) => (this.#typed.length === 0 ? undefined : Uint8Array.from(this.#typed.splice(0, count))),
    };
    this.write = {
      drained: new WaitQueue(machine, 'room in the console'),
      put: (bytes) => {
        terminal.write(bytes);
        return bytes.length;
      },
    };
  }

  close(): void {
    this.#unhook();
  }
}
