import { type Access, WaitQueue } from '@hwbp/core';
import { Lock, type Locks, type Steps } from '@hwbp/locks';
import type { Contention } from './contention.js';
import { ofTasks, withIrqs } from './kinds.js';
import { at } from './support.js';

/** A lock in one word of 4 bytes, with something wrong with it. */
abstract class Planted extends Lock {
  readonly sleeps = false;

  constructor(locks: Locks, address: bigint) {
    super(locks.host, { name: 'lock', address }, 4);
  }

  protected access(kind: Access['kind'], value?: Access['value']): { accesses: readonly Access[] } {
    return { accesses: [{ kind, address: this.address, size: 4, ...(value === undefined ? {} : { value }) }] };
  }
}

/** Looks whether it is free and takes it in two instructions. */
class WithoutExchange extends Planted {
  *lock(): Steps {
    for (;;) {
      const [word] = yield at(0x40, this.access('read'));
      if (word === 0n) break;
    }
    yield at(0x44, this.access('write', 1n));
  }

  *unlock(): Steps {
    yield at(0x48, this.access('write', 0n));
  }
}

/** An exchange, but whoever gives it back wakes only whom he has seen waiting before. */
class MissedWakeup extends Planted {
  readonly #queue = new WaitQueue(this.host.machine, 'the planted lock');

  *lock(): Steps {
    for (;;) {
      const [word] = yield at(
        0x40,
        this.access('readwrite', () => 1n),
      );
      if (word === 0n) return;
      // Between the look and the sleep somebody may give it back.
      yield at(0x44, { wait: this.#queue.wait({ interruptible: false }) });
    }
  }

  *unlock(): Steps {
    yield at(0x48, this.access('write', 0n));
    this.#queue.wake();
  }
}

/** What it says to save interrupts does not turn them off. */
function withIrqsOn(locks: Locks, address: bigint): Contention {
  const lock = locks.spinlock({ name: 'lock', address });
  return withIrqs('irqs on', {
    lock: () => lock.lock(),
    unlock: () => lock.unlock(),
    *lockIrqsave() {
      yield* lock.lock();
      return 0n;
    },
    *unlockIrqrestore() {
      yield* lock.unlock();
    },
  });
}

/** The next ticket is taken in one access, and whoever is done serves it without looking: twice. */
function servesTwice(locks: Locks, address: bigint): Contention {
  const lock = locks.spinlock({ name: 'lock', address });
  return ofTasks('serves twice', {
    lock: () => lock.lock(),
    *unlock() {
      yield* lock.unlock();
      const serveNext = (word: bigint): bigint => (word & 0xffff_0000n) | ((word + 1n) & 0xffffn);
      const behind = (word: bigint): bigint => ((word & 0xffffn) === word >> 16n ? word : serveNext(word));
      yield at(0x48, { accesses: [{ kind: 'readwrite', address, size: 4, value: behind }] });
    },
  });
}

/** Locks with a defect each, and what is seen of it under some schedule. */
export const PLANTED: Readonly<
  Record<string, { make: (locks: Locks, address: bigint) => Contention; seen: 'overlap' | 'stuck' }>
> = {
  'a lock without an atomic exchange': {
    make: (locks, address) => ofTasks('planted', new WithoutExchange(locks, address)),
    seen: 'overlap',
  },
  'a missed wake-up': { make: (locks, address) => ofTasks('planted', new MissedWakeup(locks, address)), seen: 'stuck' },
  'interrupts that stay on': { make: withIrqsOn, seen: 'stuck' },
  'a ticket that is served twice': { make: servesTwice, seen: 'overlap' },
};
