import { setImmediate } from 'node:timers/promises';
import { EXIT_INTERRUPTED } from './errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C while something is counted: the first one has it end where it is, so that what was counted is told; the second
 * one ends the process. Dispose of it to have Ctrl-C end the process again.
 */
export class Interrupt implements Disposable {
  #wanted = false;
  #resolve: () => void = () => {};
  /** Resolves when it is pressed, for those who wait for something else. */
  readonly happened = new Promise<undefined>((resolve) => {
    this.#resolve = () => resolve(undefined);
  });
  readonly #listen = (): void => {
    if (this.#wanted) process.exit(EXIT_INTERRUPTED);
    this.#wanted = true;
    this.#resolve();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listen);
  }

  /** True once it was pressed. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Lets a key that was pressed be noticed. */
  async look(): Promise<boolean> {
    await setImmediate();
    return this.#wanted;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#listen);
  }
}
