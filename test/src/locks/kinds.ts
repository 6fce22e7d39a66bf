import type { Locks, Steps } from '@hwbp/locks';
import type { Contention } from './contention.js';

type Make = (locks: Locks, address: bigint) => Contention;

/** What a lock that spins has. */
export interface Spins {
  lock(): Steps;
  unlock(): Steps;
  lockIrqsave(): Steps<bigint>;
  unlockIrqrestore(flags: bigint): Steps;
}

/** A spinning lock with interrupts off in tasks and softirqs, as hard handlers take it too. */
export function withIrqs(name: string, lock: Spins): Contention {
  const saved = function* (body: () => Steps): Steps {
    const flags = yield* lock.lockIrqsave();
    yield* body();
    yield* lock.unlockIrqrestore(flags);
  };
  return { name, task: saved, softirq: saved, hardirq: saved };
}

/** A lock of tasks alone. */
export function ofTasks(name: string, lock: { lock(): Steps; unlock(): Steps }): Contention {
  return {
    name,
    *task(body) {
      yield* lock.lock();
      yield* body();
      yield* lock.unlock();
    },
  };
}

/** The locks of the package, each as it is used to be alone. */
export const KINDS: Readonly<Record<string, Make>> = {
  spinlock: (locks, address) => withIrqs('spinlock', locks.spinlock({ name: 'lock', address })),
  mutex: (locks, address) => ofTasks('mutex', locks.mutex({ name: 'lock', address })),
  semaphore: (locks, address) => {
    const lock = locks.semaphore({ name: 'lock', address });
    return ofTasks('semaphore', { lock: () => lock.down(), unlock: () => lock.up() });
  },
  rwlock: (locks, address) => {
    const lock = locks.rwlock({ name: 'lock', address });
    return withIrqs('rwlock', {
      lock: () => lock.writeLock(),
      unlock: () => lock.writeUnlock(),
      lockIrqsave: () => lock.writeLockIrqsave(),
      unlockIrqrestore: (flags) => lock.writeUnlockIrqrestore(flags),
    });
  },
  seqlock: (locks, address) => {
    const lock = locks.seqlock({ name: 'lock', address });
    return withIrqs('seqlock', {
      lock: () => lock.writeLock(),
      unlock: () => lock.writeUnlock(),
      lockIrqsave: () => lock.writeLockIrqsave(),
      unlockIrqrestore: (flags) => lock.writeUnlockIrqrestore(flags),
    });
  },
};
