import { highHalf, joinHalves, lowHalf } from './address.js';
import type { Context } from './context.js';
import type { AddressSpace } from './memory/address-space.js';
import type { Mmu } from './memory/mmu.js';
import { CONDITION_FETCH, FILTER_MASK, type WatchFilter } from './watch-filter.js';

/** Addresses that share an entry of the filters' tables: each entry is counted there once. */
interface Granule {
  addresses: number;
  /** The number under which a CPU's filter knows it, by filter. */
  readonly numbers: Map<WatchFilter, number>;
}

/**
 * Software breakpoints: addresses at which a CPU takes its software trap instead of the instruction, as if a debugger
 * had written a trap instruction over it. Programs here are no bytes in memory, so the text itself cannot be patched.
 *
 * They are there on every CPU and in every address space, unless they were written into the text of one, cost no debug
 * register, and the trap finds the program counter at the address.
 */
export class SoftwareBreakpoints {
  readonly #filters: () => readonly WatchFilter[];
  /** By the low half of the address, and by its high half: whose they are. */
  readonly #planted = new Map<number, Map<number, string>>();
  readonly #granules = new Map<number, Granule>();
  /**
   * Registers whose next instruction executes although one is planted there, and where that is. Like the other weak map
   * made when it is wanted: few kernels plant anything, and each costs every collection of garbage something.
   */
  #passed: WeakMap<Context, bigint> | undefined;
  #size = 0;
  /** Trap instructions that somebody wrote into the text of one process, by address. */
  #patches: WeakMap<AddressSpace, Map<bigint, Uint8Array>> | undefined;
  #patched = false;

  /** `filters`: those of the CPUs, as they are at the moment. */
  constructor(filters: () => readonly WatchFilter[]) {
    this.#filters = filters;
  }

  /** Number of addresses. */
  get size(): number {
    return this.#size;
  }

  /**
   * Plants one; nothing happens if there is one, whoever planted it. `owner`: a name, for others; by default nobody's.
   */
  plant(address: bigint, owner = ''): void {
    const lo = lowHalf(address);
    const highs = this.#planted.get(lo) ?? new Map<number, string>();
    if (highs.has(highHalf(address))) return;
    this.#planted.set(lo, highs.set(highHalf(address), owner));
    this.#size++;
    this.#arm(lo);
  }

  /**
   * A trap instruction was written over the text of one process: there it is a software breakpoint, as long as memory
   * has its bytes. `lift` is for {@link plant}: here other bytes are written, and {@link unpatch} is told.
   */
  patch(space: AddressSpace, address: bigint, trap: Uint8Array): void {
    this.#patches ??= new WeakMap();
    const patches = this.#patches.get(space) ?? new Map<bigint, Uint8Array>();
    if (!patches.has(address)) this.#arm(lowHalf(address));
    this.#patches.set(space, patches.set(address, trap));
    this.#patched = true;
  }

  /** Something else was written there. */
  unpatch(space: AddressSpace, address: bigint): void {
    if (this.#patches?.get(space)?.delete(address) === true) this.#disarm(lowHalf(address));
  }

  /** An address space is nobody's any more: what was written into its text went with it. */
  forget(space: AddressSpace): void {
    for (const address of this.#patches?.get(space)?.keys() ?? []) this.#disarm(lowHalf(address));
    this.#patches?.delete(space);
  }

  /** An address space is the copy of another. */
  inherit(from: AddressSpace, to: AddressSpace): void {
    for (const [address, trap] of this.#patches?.get(from) ?? []) this.patch(to, address, trap);
  }

  #arm(lo: number): void {
    const granule = (lo >>> 3) & FILTER_MASK;
    const known = this.#granules.get(granule);
    if (known !== undefined) {
      known.addresses++;
      return;
    }
    const numbers = new Map<WatchFilter, number>();
    this.#granules.set(granule, { addresses: 1, numbers });
    for (const filter of this.#filters()) arm(filter, granule, numbers);
  }

  /** Takes one away. False if there is none. */
  lift(address: bigint): boolean {
    const lo = lowHalf(address);
    const highs = this.#planted.get(lo);
    if (highs === undefined || !highs.delete(highHalf(address))) return false;
    if (highs.size === 0) this.#planted.delete(lo);
    this.#size--;
    this.#disarm(lo);
    return true;
  }

  #disarm(lo: number): void {
    const granule = (lo >>> 3) & FILTER_MASK;
    const known = this.#granules.get(granule);
    if (known === undefined || --known.addresses > 0) return;
    this.#granules.delete(granule);
    for (const [filter, number] of known.numbers) filter.giveBack(number);
  }

  /** True while there is any, written into a process's text by its debugger included. */
  get used(): boolean {
    return this.#granules.size > 0;
  }

  /** Whose one is: the name that was given, which may be empty; `undefined`: there is none. */
  ownerOf(address: bigint): string | undefined {
    return this.#planted.get(lowHalf(address))?.get(highHalf(address));
  }

  /** Takes all away. */
  clear(): void {
    for (const { numbers } of this.#granules.values()) for (const [filter, number] of numbers) filter.giveBack(number);
    this.#granules.clear();
    this.#planted.clear();
    this.#size = 0;
    this.#patches = undefined;
    this.#patched = false;
  }

  /**
   * The instruction at which these registers stand executes, once, although one is planted there: whoever planted it
   * was told, and wants no more of it.
   */
  passOver(context: Context): void {
    this.#passed ??= new WeakMap();
    this.#passed.set(context, context.pc);
  }

  /** True once behind {@link passOver}, if these registers still stand where they did. */
  passes(context: Context): boolean {
    const at = this.#passed?.get(context);
    if (at === undefined) return false;
    this.#passed?.delete(context);
    return at === context.pc;
  }

  /** A CPU has another debug unit: what is planted moves from the filter of the one to that of the other. */
  moved(from: WatchFilter, to: WatchFilter): void {
    if (from === to) return;
    for (const [granule, { numbers }] of this.#granules) {
      const number = numbers.get(from);
      if (number === undefined) continue;
      from.giveBack(number);
      numbers.delete(from);
      arm(to, granule, numbers);
    }
  }

  /**
   * True if there is one at the address, given in halves of either sign. `mmu`: in the text that it finds there, too.
   */
  has(hi: number, lo: number, mmu?: Mmu): boolean {
    if (this.#size > 0 && this.#planted.get(lo | 0)?.has(hi | 0) === true) return true;
    return this.#patched && mmu !== undefined && this.#isPatched(joinHalves(hi, lo), mmu);
  }

  #isPatched(address: bigint, mmu: Mmu): boolean {
    const space = mmu.at(address);
    const trap = this.#patches?.get(space)?.get(address);
    return trap !== undefined && space.peek(address, trap.length).every((byte, i) => byte === trap[i]);
  }
}

function arm(filter: WatchFilter, granule: number, numbers: Map<WatchFilter, number>): void {
  if (numbers.has(filter)) return;
  const number = filter.allot();
  numbers.set(filter, number);
  filter.arm(number, CONDITION_FETCH, 0, granule << 3, 1);
}
