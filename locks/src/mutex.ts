import { type Cpu, type Machine, type Task, WaitQueue } from '@hwbp/core';
import { locksError } from './errors.js';
import { Lock, type LockCall, type LockOptions, type Steps } from './lock.js';
import type { LockHost } from './lock-host.js';
import type { LockManner, LockUse } from './lock-use.js';

const SIZE = 4;
/** The word's bits, as futex(2) has them for locks of the kernel's: who owns it, and that others wait. */
const TID = 0x3fff_ffffn;
const WAITERS = 0x8000_0000n;

const hasWaiters = (word: bigint): boolean => (word & WAITERS) !== 0n;

/** Who wants it, once that is known. */
interface Own {
  use?: LockUse;
}

const owner = (word: bigint): bigint => word & TID;

/**
 * A lock that one task owns while others sleep. Its word of 32 bits has the owner's pid, 0 if it is free, and bit 31 if
 * somebody waits. Who gives it back wakes the one that has waited longest; one who comes meanwhile may be faster, and
 * the woken one then waits on behind the others: the lock is never idle while somebody wants it, but not first come
 * first served.
 */
export class Mutex extends Lock {
  readonly sleeps = true;
  readonly #queue: WaitQueue;

  /** Use `locks.mutex`. */
  constructor(host: LockHost, options: LockOptions) {
    super(host, options, SIZE);
    const owners = (): readonly Task[] => this.holders.flatMap(({ user }) => user.task ?? []);
    this.#queue = new WaitQueue(host.machine, `the mutex ${this.name}`, { owners });
  }

  /** Who has it, as its word says; `undefined`: nobody, or one who has ended. */
  get owner(): Task | undefined {
    return this.#machine.tasks.get(Number(owner(this.peek(0, SIZE))));
  }

  lock(call: LockCall = {}): Steps {
    return this.call('mutex_lock', call, this.#lockAlways(call));
  }

  /** False: a signal came first, and the caller does not have it. */
  lockInterruptible(call: LockCall = {}): Steps<boolean> {
    return this.call('mutex_lock', call, this.#lock(call, true));
  }

  tryLock(call: LockCall = {}): Steps<boolean> {
    return this.call('mutex_trylock', call, this.#tryLock(call));
  }

  unlock(call: LockCall = {}): Steps {
    return this.call('mutex_unlock', call, this.#unlock(call));
  }

  get #machine(): Machine {
    return this.host.machine;
  }

  *#lockAlways(call: LockCall): Steps {
    yield* this.#lock(call, false);
  }

  *#lock(call: LockCall, interruptible: boolean): Steps<boolean> {
    const own = yield* this.#wantAs('mutex_lock', call, 'waits');
    if (yield* this.#claim(own, 1, (word, pid) => (word === 0n ? pid : word))) return true;
    for (;;) {
      // From here on it leaves the bit behind as it takes it: others may wait, and it has forgotten who.
      const claimed = yield* this.#claim(own, 2, (word, pid) => (owner(word) === 0n ? pid | WAITERS : word | WAITERS));
      if (claimed) return true;
      let asked = false;
      const until = (): boolean => {
        // It sleeps if the owner knows that somebody does: another one may have it by now. Once it is woken it tries
        // again.
        const goesOn = asked || !hasWaiters(this.peek(0, SIZE));
        asked = true;
        return goesOn;
      };
      const [, interrupted] = yield this.step('mutex_lock', 3, {
        accesses: [{ kind: 'read', address: this.address, size: SIZE }],
        wait: this.#queue.wait({ until, interruptible }),
      });
      if (interrupted !== 0n) {
        if (own.use !== undefined) this.renounce(own.use);
        return false;
      }
    }
  }

  *#tryLock(call: LockCall): Steps<boolean> {
    const own = yield* this.#wantAs('mutex_trylock', call, 'tries');
    return yield* this.#claim(own, 1, (word, pid) => (word === 0n ? pid : word), 'mutex_trylock');
  }

  *#unlock(call: LockCall): Steps {
    const { pc } = this.step('mutex_unlock', 0);
    const [word = 0n] = yield this.step('mutex_unlock', 0, {
      accesses: [{ kind: 'readwrite', address: this.address, size: SIZE, value: () => 0n }],
      retired: (cpu) => this.release(cpu, pc, call),
    });
    if (hasWaiters(word)) yield this.step('mutex_unlock', 1, { retired: () => void this.#queue.wake() });
  }

  /** Finds out who wants it: what a kernel has in a register of the CPU. Throws EDEADLK in an interrupt handler. */
  *#wantAs(routine: 'mutex_lock' | 'mutex_trylock', call: LockCall, manner: LockManner): Steps<Own> {
    const own: Own = {};
    const pc = this.host.text.at(routine, 0);
    const retired = (cpu: Cpu): void => {
      own.use = this.want(cpu, pc, call, 'exclusive', manner);
      if (own.use.user.task !== undefined) return;
      this.renounce(own.use);
      throw locksError('LOCK_NO_TASK', `${own.use.user} cannot take the mutex ${this.name}: only tasks own one`);
    };
    yield this.step(routine, 0, { retired });
    return own;
  }

  /** One attempt in one access. */
  *#claim(
    own: Own,
    number: number,
    value: (word: bigint, pid: bigint) => bigint,
    routine: 'mutex_lock' | 'mutex_trylock' = 'mutex_lock',
  ): Steps<boolean> {
    const pid = BigInt(own.use?.user.task?.pid ?? 0);
    let free = false;
    const claim = (word: bigint): bigint => {
      free = owner(word) === 0n;
      return value(word, pid);
    };
    yield this.step(routine, number, {
      accesses: [{ kind: 'readwrite', address: this.address, size: SIZE, value: claim }],
      retired: () => {
        if (free && own.use !== undefined) this.take(own.use);
      },
    });
    return free;
  }
}
