/**
 * How many owners hold exactly k slots, for k = 1 and up: answers "how many does the greediest hold?" without looking
 * at the owners. Owners with 0 slots are not counted.
 */
export class SlotHistogram {
  readonly #counts: number[] = [];
  #max = 0;

  /** An owner goes from `from` slots to `to`. */
  move(from: number, to: number): void {
    const counts = this.#counts;
    if (from > 0) counts[from] = (counts[from] ?? 0) - 1;
    if (to > 0) {
      while (counts.length <= to) counts.push(0);
      counts[to] = (counts[to] as number) + 1;
      if (to > this.#max) this.#max = to;
    }
    while (this.#max > 0 && counts[this.#max] === 0) this.#max--;
  }

  /** The largest number of slots that any owner holds. */
  get max(): number {
    return this.#max;
  }
}
