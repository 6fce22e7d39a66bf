import type { StateView } from './state-view.js';

interface Entry {
  readonly view: StateView;
  /** The instruction before it hit a breakpoint. */
  readonly hit: boolean;
}

/** States that follow each other, an instruction apart, the latest so many; one of them is shown. */
export class Journal {
  readonly #most: number;
  #entries: Entry[] = [];
  /** Index of the one that is shown. */
  #at = 0;

  /** `most`: states, from 1. */
  constructor(most: number) {
    this.#most = most;
  }

  /** `undefined`: it has none. */
  get shown(): StateView | undefined {
    return this.#entries[this.#at]?.view;
  }

  /** True if the instruction before the one that is shown hit a breakpoint. */
  get hit(): boolean {
    return this.#entries[this.#at]?.hit ?? false;
  }

  /** Count of the first one. */
  get first(): number | undefined {
    return this.#entries[0]?.view.count;
  }

  /** Adds the next one, which is shown then. */
  add(view: StateView, hit: boolean): void {
    this.#entries.push({ view, hit });
    if (this.#entries.length > this.#most) this.#entries.shift();
    this.#at = this.#entries.length - 1;
  }

  /** Shows the next one; false if there is none. */
  forward(): boolean {
    if (this.#at >= this.#entries.length - 1) return false;
    this.#at++;
    return true;
  }

  /** Shows the one before; false if there is none. */
  back(): boolean {
    if (this.#at === 0) return false;
    this.#at--;
    return true;
  }

  /** Shows the one at a count; not the end, which comes at the count of the last one. False if there is none. */
  show(count: number): boolean {
    const { first } = this;
    const at = first === undefined ? -1 : count - first;
    const found = this.#entries[at]?.view;
    if (found?.count !== count || found.ended !== undefined) return false;
    this.#at = at;
    return true;
  }

  clear(): void {
    this.#entries = [];
    this.#at = 0;
  }
}
