import {
  ADDRESS,
  checkOptions,
  type KernelSymbol,
  MACHINE,
  type Machine,
  type Plugin,
  provide,
  SYMBOLS,
  type SymbolTable,
  Token,
} from '@hwbp/core';
import type { LockOptions } from './lock.js';
import { type LockHooks, LockHost } from './lock-host.js';
import type { LockFacts } from './lock-use.js';
import { Mutex } from './mutex.js';
import { ReadWriteLock } from './read-write-lock.js';
import { LOCK_TEXT } from './routine-text.js';
import { Semaphore, type SemaphoreOptions } from './semaphore.js';
import { SequenceLock } from './sequence-lock.js';
import { Spinlock } from './spinlock.js';

/** How the locks of a kernel are composed. */
export interface LocksOptions {
  /** Where the routines begin in the kernel's text. Default: {@link lockSymbols} says. */
  readonly text?: bigint;
}

/** The locks of a kernel: makes them, and tells of what is done with them. */
export class Locks {
  readonly #host: LockHost;

  /** Use `locks()`. */
  constructor(machine: Machine, symbols: SymbolTable, text: bigint) {
    this.#host = new LockHost(machine, symbols, text);
  }

  /** Those that were made, in order. */
  get all(): readonly LockFacts[] {
    return this.#host.locks;
  }

  get hooks(): LockHooks {
    return this.#host.hooks;
  }

  /** Symbols of the routines, which {@link lockSymbols} gives to the kernel. */
  get symbols(): readonly KernelSymbol[] {
    return this.#host.text.symbols;
  }

  /** What a lock of your own is made with: `new MyLock(locks.host, { name })`. */
  get host(): LockHost {
    return this.#host;
  }

  spinlock(options: LockOptions): Spinlock {
    return new Spinlock(this.#host, options);
  }

  mutex(options: LockOptions): Mutex {
    return new Mutex(this.#host, options);
  }

  semaphore(options: SemaphoreOptions): Semaphore {
    return new Semaphore(this.#host, options);
  }

  rwlock(options: LockOptions): ReadWriteLock {
    return new ReadWriteLock(this.#host, options);
  }

  seqlock(options: LockOptions): SequenceLock {
    return new SequenceLock(this.#host, options);
  }
}

/** The locks of a kernel: `kernel.get(LOCKS)`. */
export const LOCKS = new Token<Locks>('Locks', 'compose the kernel with locks()');

/** Locks as a part of a kernel. */
export function locks(options: LocksOptions = {}): Plugin {
  checkOptions('locks', options, { text: ADDRESS });
  const { text = LOCK_TEXT } = options;
  const make = (machine: Machine, symbols: SymbolTable): Locks => new Locks(machine, symbols, text);
  return Object.freeze({
    name: 'locks',
    options: { ...options },
    provides: [provide(LOCKS, [MACHINE, SYMBOLS], make)],
  });
}
