/**
 * What is known of the users of a register. `exact`: how many there are at each level. `maximum`: only how many there
 * are, and the highest level that any of them had, which does not fall before the last one has left.
 */
export type CountingMethod = 'exact' | 'maximum';

/** Nobody uses the register: below every priority. */
export const NO_USERS = Number.NEGATIVE_INFINITY;

/** The users of one register: user processes, each with a priority. */
export class LevelCounts {
  readonly #method: CountingMethod;
  /** By level; a level that nobody has any more is not there. Few: it is walked. */
  readonly #counts = new Map<number, number>();
  #total = 0;
  #maximum = NO_USERS;

  constructor(method: CountingMethod) {
    this.#method = method;
  }

  /** Users of each level. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }

  /** The priority that a request of the kernel has to exceed; {@link NO_USERS} if there are none. */
  get effective(): number {
    if (this.#method === 'maximum') return this.#maximum;
    let highest = NO_USERS;
    for (const level of this.#counts.keys()) if (level > highest) highest = level;
    return highest;
  }

  /** One more (`sign` 1) or one less (-1) at a level. */
  count(level: number, sign: 1 | -1): void {
    const users = (this.#counts.get(level) ?? 0) + sign;
    if (users === 0) this.#counts.delete(level);
    else this.#counts.set(level, users);
    this.#total += sign;
    if (this.#total === 0) this.#maximum = NO_USERS;
    else if (sign > 0 && level > this.#maximum) this.#maximum = level;
  }

  /** Back to what {@link effective} said when there were these users: for a request that came to nothing. */
  restore(effective: number): void {
    this.#maximum = effective;
  }
}
