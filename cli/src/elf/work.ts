import { ElfError } from './elf-error.js';

/**
 * A budget of steps, in proportion to the bytes that are read: what a sound file takes, many times over. It is counted,
 * so that a file is refused on every computer or on none.
 */
export class Work {
  readonly #what: string;
  readonly #most: number;
  #left: number;

  /** `what` is done, in the words of the message; `most`: steps. */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
    this.#left = most;
  }

  /** Throws `ElfError` once all of them are used up. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw new ElfError(`${this.#what} takes more than the budget of ${this.#most} steps: the file is damaged`);
  }
}
