/** Something that remembers its place in one {@link DenseSet}; -1: it is in none. */
export interface Dense {
  index: number;
}

/** Items in no particular order, in an array: coming and going takes constant time and no memory. */
export class DenseSet<T extends Dense> {
  readonly #items: T[] = [];

  /** The items; do not keep it: the order changes as items go. */
  get items(): readonly T[] {
    return this.#items;
  }

  has(item: T): boolean {
    return this.#items[item.index] === item;
  }

  /** Nothing happens for one that is there. */
  add(item: T): void {
    if (item.index >= 0) return;
    item.index = this.#items.length;
    this.#items.push(item);
  }

  /** Nothing happens for one that is not there. The last one takes its place. */
  remove(item: T): void {
    const at = item.index;
    if (at < 0) return;
    item.index = -1;
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#items[at] = last;
    last.index = at;
  }
}
