/** Lets the first items through, keeps the last ones, and counts those in between. */
export class HeadTail<T> {
  readonly #limit: number;
  readonly #show: (item: T) => void;
  readonly #tail: T[] = [];
  #seen = 0;

  /** `limit`: items at either end; Infinity lets everything through. */
  constructor(limit: number, show: (item: T) => void) {
    this.#limit = limit;
    this.#show = show;
  }

  add(item: T): void {
    if (this.#seen++ < this.#limit) this.#show(item);
    else this.#tail[this.#seen % this.#limit] = item;
  }

  /** Tells `gap` how many items were left out, if any, then shows the last ones. */
  end(gap: (items: number) => void): void {
    const kept = Math.max(0, Math.min(this.#seen - this.#limit, this.#limit));
    const between = this.#seen - this.#limit - kept;
    if (between > 0) gap(between);
    for (let i = this.#seen - kept + 1; i <= this.#seen; i++) this.#show(this.#tail[i % this.#limit] as T);
  }
}
