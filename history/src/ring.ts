/** The latest so many records; what is older is dropped, and counted. */
export class Ring<T> {
  readonly #capacity: number;
  #records: T[] = [];
  /** Where the oldest is, once it is full. */
  #oldest = 0;
  #lost = 0;

  /** `capacity`: records, from 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds a record; returns the one that it takes the place of. */
  push(record: T): T | undefined {
    if (this.#records.length < this.#capacity) {
      this.#records.push(record);
      return undefined;
    }
    const dropped = this.#records[this.#oldest];
    this.#records[this.#oldest] = record;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    this.#lost++;
    return dropped;
  }

  /** How many were dropped. */
  get lost(): number {
    return this.#lost;
  }

  /** How many were added. */
  get total(): number {
    return this.#lost + this.#records.length;
  }

  /** Those that are there, oldest first. */
  get records(): readonly T[] {
    return this.since(0);
  }

  /**
   * Of those that were added behind the first `place` ones what is there, oldest first: what is older costs nothing.
   */
  since(place: number): readonly T[] {
    const first = this.#oldest + Math.max(0, place - this.#lost);
    const { length } = this.#records;
    if (first < length) return [...this.#records.slice(first), ...this.#records.slice(0, this.#oldest)];
    return this.#records.slice(first - length, this.#oldest);
  }

  clear(): void {
    this.#records = [];
    this.#oldest = 0;
    this.#lost = 0;
  }
}
