import type { LockUse } from '../lock-use.js';

/** One lock was taken while another was held: the first time that somebody did. */
export interface LockOrder {
  readonly held: LockUse;
  readonly taken: LockUse;
}

/**
 * In which orders the classes of locks were taken: a graph, with an arrow from what was held to what was taken then.
 */
export class LockOrders {
  readonly #arrows = new Map<string, Map<string, LockOrder>>();

  /**
   * Notes an order. Returns the way back through the others, if this closes a circle for the first time: the orders
   * from what is taken now to what is held.
   */
  add(held: LockUse, taken: LockUse): readonly LockOrder[] | undefined {
    const known = this.#arrows.get(held.lockClass) ?? new Map<string, LockOrder>();
    if (known.has(taken.lockClass)) return undefined;
    const back = this.#path(taken.lockClass, held.lockClass);
    this.#arrows.set(held.lockClass, known.set(taken.lockClass, { held, taken }));
    return back;
  }

  /** The shortest way from one class to another. */
  #path(from: string, to: string): readonly LockOrder[] | undefined {
    const ways = new Map<string, readonly LockOrder[]>([[from, []]]);
    // Grows while it is gone through: breadth first.
    for (const [name, way] of ways) {
      if (name === to) return way;
      for (const [next, order] of this.#arrows.get(name) ?? []) if (!ways.has(next)) ways.set(next, [...way, order]);
    }
    return undefined;
  }
}
