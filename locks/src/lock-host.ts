import { HookList, type KernelSymbol, type Machine, type SymbolTable } from '@hwbp/core';
import type { LockFacts, LockUse, LockUser } from './lock-use.js';
import { RoutineText } from './routine-text.js';

/** A lock is given back: by whoever has it, or by somebody else, who has no use of it. */
export interface LockRelease {
  readonly lock: LockFacts;
  readonly by: LockUser;
  /** `undefined`: the one who gives it back did not have it. */
  readonly use: LockUse | undefined;
  /** The use that has ended: somebody else's, then; `undefined`: nobody had it. */
  readonly ended: LockUse | undefined;
  readonly pc: bigint;
  readonly count: number;
}

/** What is told of all locks of a kernel: each when the instruction that does it has retired. */
export interface LockHooks {
  /** Somebody wants a lock: he may have to wait for it. */
  readonly wanted: HookList<[use: LockUse]>;
  /** He has it. */
  readonly taken: HookList<[use: LockUse]>;
  readonly released: HookList<[release: LockRelease]>;
}

/** What locks work with. */
export class LockHost {
  readonly machine: Machine;
  readonly symbols: SymbolTable;
  readonly text: RoutineText;
  readonly hooks: LockHooks = { wanted: new HookList(), taken: new HookList(), released: new HookList() };
  readonly #locks: LockFacts[] = [];

  constructor(machine: Machine, symbols: SymbolTable, text: bigint) {
    this.machine = machine;
    this.symbols = symbols;
    this.text = new RoutineText(text);
  }

  get locks(): readonly LockFacts[] {
    return this.#locks;
  }

  /** A lock is made. Throws a TypeError for a name, or words, that another one has. */
  add(lock: LockFacts): void {
    for (const other of this.#locks) {
      if (other.name === lock.name) throw new TypeError(`there is a lock ${lock.name} already`);
      const apart =
        lock.address + BigInt(lock.size) <= other.address || other.address + BigInt(other.size) <= lock.address;
      if (!apart) throw new TypeError(`the lock ${lock.name} lies over the lock ${other.name}`);
    }
    this.#locks.push(lock);
  }

  /**
   * Where a lock is to lie: what was said, or else the symbol of its name. Throws a TypeError where neither is known.
   */
  place(name: string, size: number, address?: bigint): bigint {
    const symbol: KernelSymbol | undefined = this.symbols.lookup(name);
    const place = address ?? symbol?.address;
    if (place === undefined) {
      throw new TypeError(
        `where the lock ${name} lies is not known: give it an address, or the kernel a symbol ${name}`,
      );
    }
    const { taskSize } = this.machine.layout;
    if (place >= taskSize && this.machine.kernelMemory.firstFault(place, size, true) === undefined) return place;
    throw new TypeError(`the lock ${name} lies in the kernel's memory, got the address 0x${place.toString(16)}`);
  }
}
