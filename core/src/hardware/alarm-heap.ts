/** Something that has a moment, and remembers where in a heap it stands. */
export interface Timed {
  readonly at: number;
  /** Of one moment, the lower comes first. */
  readonly order: number;
  place: number;
}

const before = (a: Timed, b: Timed): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * What has moments, the next one on top (a binary heap): entering and leaving take a few steps, however many there are.
 */
export class AlarmHeap<T extends Timed> {
  readonly #entries: T[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get top(): T | undefined {
    return this.#entries[0];
  }

  /** All of them, in no order that means anything. */
  get entries(): readonly T[] {
    return this.#entries;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    this.#rise(entry, this.#entries.length - 1);
  }

  remove(entry: T): void {
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    const { place } = entry;
    this.#rise(last, place);
    this.#sink(last, last.place);
  }

  #rise(entry: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#entries[above] as T;
      if (!before(entry, other)) break;
      this.#put(other, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: T, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      let other = this.#entries[below];
      const next = this.#entries[below + 1];
      if (other !== undefined && next !== undefined && before(next, other)) {
        other = next;
        below++;
      }
      if (other === undefined || !before(other, entry)) break;
      this.#put(other, place);
      place = below;
    }
    this.#put(entry, place);
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
