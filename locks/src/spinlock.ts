import type { Access, Cpu } from '@hwbp/core';
import { Lock, type LockCall, type LockOptions, type Steps } from './lock.js';
import type { LockHost } from './lock-host.js';
import type { LockUse } from './lock-use.js';

/** Bytes of its word. */
const SIZE = 4;
const HALF = 16n;
const MASK = 0xffffn;
const ONE_TICKET = 1n << HALF;

const served = (word: bigint): bigint => word & MASK;
const tickets = (word: bigint): bigint => word >> HALF;
const next = (word: bigint): bigint => BigInt.asUintN(32, word + ONE_TICKET);
const serveNext = (word: bigint): bigint => (tickets(word) << HALF) | ((served(word) + 1n) & MASK);

/**
 * A lock whose users spin: a ticket lock, first come first served, so that nobody starves. Its word of 32 bits has the
 * ticket that is served in its lower half and the next one in the upper half; it is free where both are the same.
 * Whoever takes it in an interrupt handler has to take it with interrupts off everywhere else. It keeps nobody else
 * from the holder's CPU, whose quantum may end while he has it: others that want it spin for theirs.
 */
export class Spinlock extends Lock {
  readonly sleeps = false;
  override readonly inOrder = true;

  /** Use `locks.spinlock`. */
  constructor(host: LockHost, options: LockOptions, size = SIZE) {
    super(host, options, size);
  }

  get isLocked(): boolean {
    const word = this.peek(this.offset, SIZE);
    return served(word) !== tickets(word);
  }

  /** Where its word is among the words of what it is a part of. */
  protected get offset(): number {
    return 0;
  }

  lock(call: LockCall = {}): Steps {
    return this.call('spin_lock', call, this.#lock(call));
  }

  /** True: it was free, and is the caller's now. */
  tryLock(call: LockCall = {}): Steps<boolean> {
    return this.call('spin_trylock', call, this.#tryLock(call));
  }

  unlock(call: LockCall = {}): Steps {
    return this.call('spin_unlock', call, this.#unlock(call));
  }

  /** Takes it with interrupts off; returns how they were, for {@link unlockIrqrestore}. */
  *lockIrqsave(call: LockCall = {}): Steps<bigint> {
    const flags = yield* this.save();
    yield* this.lock(call);
    return flags;
  }

  *unlockIrqrestore(flags: bigint, call: LockCall = {}): Steps {
    yield* this.unlock(call);
    yield* this.restore(flags);
  }

  *#lock(call: LockCall): Steps {
    let use: LockUse | undefined;
    let ticket = 0n;
    const { pc } = this.step('spin_lock', 0);
    const retired = (cpu: Cpu): void => {
      use = this.want(cpu, pc, call, 'exclusive');
      this.#takeInTurn(use, ticket);
    };
    const ticketOf = (word: bigint): bigint => {
      ticket = tickets(word);
      return next(word);
    };
    const [word = 0n] = yield this.step('spin_lock', 0, { accesses: [this.#access('readwrite', ticketOf)], retired });
    if (served(word) === ticket) return;
    const spin = this.step('spin_lock', 1, {
      accesses: [this.#access('read')],
      retired: () => {
        if (use !== undefined) this.#takeInTurn(use, ticket);
      },
    });
    for (;;) {
      const [now = 0n] = yield spin;
      if (served(now) === ticket) return;
    }
  }

  *#tryLock(call: LockCall): Steps<boolean> {
    let free = false;
    const { pc } = this.step('spin_trylock', 0);
    const ifFree = (word: bigint): bigint => {
      free = served(word) === tickets(word);
      return free ? next(word) : word;
    };
    yield this.step('spin_trylock', 0, {
      accesses: [this.#access('readwrite', ifFree)],
      retired: (cpu) => {
        const use = this.want(cpu, pc, call, 'exclusive', 'tries');
        if (free) this.take(use);
      },
    });
    return free;
  }

  *#unlock(call: LockCall): Steps {
    const { pc } = this.step('spin_unlock', 0);
    yield this.step('spin_unlock', 0, {
      accesses: [this.#access('readwrite', serveNext)],
      retired: (cpu) => this.release(cpu, pc, call),
    });
  }

  #takeInTurn(use: LockUse, ticket: bigint): void {
    if (served(this.peek(this.offset, SIZE)) === ticket) this.take(use);
  }

  #access(kind: 'read' | 'readwrite', value?: (old: bigint) => bigint): Access {
    const where = { kind, address: this.address + BigInt(this.offset), size: SIZE };
    return value === undefined ? where : { ...where, value };
  }
}
