import { joinHalves, lowHalf } from './address.js';

/** Offset of the part of the filter table that loads are looked up in. */
export const FILTER_READ = 0x0000;
/** Offset of the part of the filter table that stores are looked up in. */
export const FILTER_WRITE = 0x1000;
/** Offset of the part of the filter table that instruction fetches are looked up in (by the first byte). */
export const FILTER_FETCH = 0x2000;
/** Offset of the part of the filter table that I/O ports are looked up in. */
export const FILTER_PORT = 0x3000;
/** Mask of a granule number: `(low half >>> 3) & FILTER_MASK`. */
export const FILTER_MASK = 0xfff;

/** One of the four parts of the filter table. */
export type FilterPart = typeof FILTER_READ | typeof FILTER_WRITE | typeof FILTER_FETCH | typeof FILTER_PORT;

/** What a debug unit is armed for: which accesses to which bytes (or ports) may match. */
export interface ArmedRange {
  /**
   * The number under which it was armed: see {@link WatchFilter.allot}. A unit alone in its filter has its registers'
   * numbers.
   */
  readonly register: number;
  /** First byte. */
  readonly address: bigint;
  /** Number of bytes. */
  readonly length: number;
  /** Conditions. */
  readonly read: boolean;
  readonly write: boolean;
  readonly fetch: boolean;
  readonly port: boolean;
}

const SIZE = 0x4000;
/** Granules that the table tells apart, and the bytes from which on a range covers all of them. */
const GRANULES = 0x1000;
const LONGEST_COUNTED = 8 * GRANULES;
/** Shared by every filter that has nothing armed, so that a CPU without breakpoints costs no table. Never written. */
const NOTHING_ARMED = new Uint8Array(SIZE);

/**
 * The test in front of every access: a table with one counter for each hashed 8-byte granule and kind of access.
 *
 * An access of 1 to 8 bytes can touch an armed byte only if `table[part | ((lo >>> 3) & FILTER_MASK)]` is not 0, where
 * `lo` is the low half of its FIRST byte; longer accesses test every eighth byte (see {@link test}). So a miss is one
 * load and one compare, whatever the number of armed registers, and takes no call. A hit means "perhaps": ask the debug
 * unit.
 *
 * Emulator authors put the lookup in their own loop, with the constants as literals or local constants: V8 loads an
 * imported binding anew in every round of a loop that may call something, which costs more than the lookup itself.
 * {@link table} is replaced when the first range is armed: read it for each run of instructions, never keep it across a
 * call that may arm something.
 */
export class WatchFilter {
  #table: Uint8Array = NOTHING_ARMED;
  #ranges = new Map<number, ArmedRange>();
  #listeners: ((ranges: readonly ArmedRange[]) => void)[] = [];
  /** Lazily told listeners need bigints; the arming path itself uses halves. */
  readonly #marks: Mark[] = [];
  /** Numbers below this one were handed out; those in {@link #free} have come back. */
  #allotted = 0;
  readonly #free: number[] = [];

  /**
   * Hands out `count` numbers, one behind the other, under which ranges can be armed: a debug unit has as many as it
   * has registers, and whoever else stands in front of the same accesses has numbers of its own. Returns the first.
   */
  allot(count = 1): number {
    if (count === 1) {
      const freed = this.#free.pop();
      if (freed !== undefined) return freed;
    }
    const first = this.#allotted;
    this.#allotted += count;
    return first;
  }

  /** Disarms a number and takes it back. */
  giveBack(number: number): void {
    this.disarm(number);
    this.#free.push(number);
  }

  /**
   * Arms register `register` for the given parts (any of `FILTER_*`'s conditions as flags), replacing what it was armed
   * for. `lo`/`hi` are the halves of the first byte, `length` the bytes watched (1 or more).
   */
  arm(register: number, conditions: number, hi: number, lo: number, length: number): void {
    const mark = this.#marks[register] ?? this.#newMark(register);
    if (mark.conditions !== 0) this.#count(mark, -1);
    mark.conditions = conditions;
    mark.hi = hi | 0;
    mark.lo = lo | 0;
    mark.length = length;
    // A fetch is looked up by its first byte alone; other accesses by theirs, up to 7 bytes before the range.
    const reach = conditions === 4 ? 0 : 7;
    const start = (lo - reach) | 0;
    mark.first = start >> 3;
    const bytes = (start & 7) + reach + Math.min(length, LONGEST_COUNTED);
    mark.granules = Math.min(((bytes - 1) >>> 3) + 1, GRANULES);
    if (conditions !== 0) {
      if (this.#table === NOTHING_ARMED) this.#table = new Uint8Array(SIZE);
      this.#count(mark, 1);
    }
    if (this.#listeners.length > 0) this.#tell();
  }

  /** Disarms a register; nothing happens if it is not armed. */
  disarm(register: number): void {
    const mark = this.#marks[register];
    if (mark === undefined || mark.conditions === 0) return;
    this.#count(mark, -1);
    mark.conditions = 0;
    if (this.#listeners.length > 0) this.#tell();
  }

  /** 16 KiB, or a shared table of zeroes while nothing is armed. */
  get table(): Uint8Array {
    return this.#table;
  }

  /** True if an access of `size` bytes (1 or more) may touch something armed for `part`. Exact for misses only. */
  test(part: FilterPart, lo: number, size: number): boolean {
    const table = this.#table;
    if (table[part | ((lo >>> 3) & 0xfff)] !== 0) return true;
    for (let offset = 8; offset < size; offset += 8) {
      if (table[part | (((lo + offset) >>> 3) & 0xfff)] !== 0) return true;
    }
    return false;
  }

  /** {@link test} for an address given as a bigint. */
  testAddress(part: FilterPart, address: bigint, size: number): boolean {
    return this.test(part, lowHalf(address), size);
  }

  /** What is armed now, by register. */
  get ranges(): readonly ArmedRange[] {
    this.#ranges.clear();
    for (let register = 0; register < this.#marks.length; register++) {
      const mark = this.#marks[register];
      if (mark === undefined || mark.conditions === 0) continue;
      this.#ranges.set(register, {
        register,
        address: joinHalves(mark.hi, mark.lo),
        length: mark.length,
        read: (mark.conditions & CONDITION_READ) !== 0,
        write: (mark.conditions & CONDITION_WRITE) !== 0,
        fetch: (mark.conditions & CONDITION_FETCH) !== 0,
        port: (mark.conditions & CONDITION_PORT) !== 0,
      });
    }
    return [...this.#ranges.values()];
  }

  /**
   * Calls `listener` with the armed ranges after every change (not at once). For emulators that keep a filter of their
   * own, such as flags in a TLB. Returns the function that ends it.
   */
  listen(listener: (ranges: readonly ArmedRange[]) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  #tell(): void {
    const ranges = this.ranges;
    for (const listener of this.#listeners) listener(ranges);
  }

  #newMark(register: number): Mark {
    const mark: Mark = { conditions: 0, hi: 0, lo: 0, length: 0, first: 0, granules: 0 };
    while (this.#marks.length < register) this.#newMark(this.#marks.length);
    this.#marks[register] = mark;
    return mark;
  }

  /**
   * Numbers are written out here, see the class's comment: an exported constant is an imported one to V8, even at home.
   */
  #count({ conditions, first, granules }: Mark, delta: 1 | -1): void {
    const table = this.#table;
    for (let i = 0; i < granules; i++) {
      const granule = (first + i) & 0xfff;
      if ((conditions & 2) !== 0) table[0x1000 | granule] = (table[0x1000 | granule] as number) + delta;
      if ((conditions & 1) !== 0) table[granule] = (table[granule] as number) + delta;
      if ((conditions & 12) === 0) continue;
      if ((conditions & 4) !== 0) table[0x2000 | granule] = (table[0x2000 | granule] as number) + delta;
      if ((conditions & 8) !== 0) table[0x3000 | granule] = (table[0x3000 | granule] as number) + delta;
    }
  }
}

interface Mark {
  conditions: number;
  hi: number;
  lo: number;
  length: number;
  /** The granules that are counted: number of the first, not yet masked, and how many. */
  first: number;
  granules: number;
}

/** Flags of {@link WatchFilter.arm}. */
export const CONDITION_READ = 1;
export const CONDITION_WRITE = 2;
export const CONDITION_FETCH = 4;
export const CONDITION_PORT = 8;
