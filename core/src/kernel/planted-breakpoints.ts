import { highHalf, lowHalf } from '../hardware/address.js';
import { CONDITION_FETCH, FILTER_MASK, type WatchFilter } from '../hardware/watch-filter.js';

/** Numbers of the filter's registers from here on are this file's; a debug unit's own are below. */
const FIRST_REGISTER = 64;

/**
 * Software breakpoints: addresses at which a CPU takes its software trap instead of the instruction, as if a debugger had written a
 * trap instruction over it. Programs here are no bytes in memory, so the text itself cannot be patched.
 *
 * They are there on every CPU and in every address space, cost no debug register, and the trap finds the program counter at the address.
 */
export class PlantedBreakpoints {
  readonly #filters: readonly WatchFilter[];
  /** By the low half of the address: the high halves. */
  readonly #planted = new Map<number, Set<number>>();
  /** How many of them share an entry of the filters' tables: each entry is counted there once. */
  readonly #granules = new Map<number, number>();
  #size = 0;

  constructor(filters: readonly WatchFilter[]) {
    this.#filters = filters;
  }

  /** Number of addresses. */
  get size(): number {
    return this.#size;
  }

  /** Plants one; nothing happens if there is one. */
  plant(address: bigint): void {
    const lo = lowHalf(address);
    const highs = this.#planted.get(lo) ?? new Set();
    if (highs.has(highHalf(address))) return;
    this.#planted.set(lo, highs.add(highHalf(address)));
    this.#size++;
    const granule = (lo >>> 3) & FILTER_MASK;
    const count = this.#granules.get(granule) ?? 0;
    this.#granules.set(granule, count + 1);
    if (count > 0) return;
    for (const filter of this.#filters) filter.arm(FIRST_REGISTER + granule, CONDITION_FETCH, 0, granule << 3, 1);
  }

  /** Takes one away. False if there is none. */
  lift(address: bigint): boolean {
    const lo = lowHalf(address);
    const highs = this.#planted.get(lo);
    if (highs === undefined || !highs.delete(highHalf(address))) return false;
    if (highs.size === 0) this.#planted.delete(lo);
    this.#size--;
    const granule = (lo >>> 3) & FILTER_MASK;
    const count = (this.#granules.get(granule) ?? 1) - 1;
    if (count > 0) {
      this.#granules.set(granule, count);
      return true;
    }
    this.#granules.delete(granule);
    for (const filter of this.#filters) filter.disarm(FIRST_REGISTER + granule);
    return true;
  }

  /** True if there is one at the address, given in halves of either sign. */
  has(hi: number, lo: number): boolean {
    return this.#planted.get(lo | 0)?.has(hi | 0) === true;
  }
}
