import type { Access, Cpu } from '@hwbp/core';
import type { LockCall, LockOptions, Steps } from './lock.js';
import type { LockHost } from './lock-host.js';
import type { LockUse } from './lock-use.js';
import { Spinlock } from './spinlock.js';

/** Its sequence number, and the spinlock of its writers behind that. */
const SIZE = 8;
const NUMBER = 4;

const inc32 = (value: bigint): bigint => BigInt.asUintN(32, value + 1n);
const isOdd = (value: bigint): boolean => (value & 1n) === 1n;

/**
 * A lock for data that is read often and written seldom: a reader takes nothing, and reads again if somebody has
 * written meanwhile. Its first word of 32 bits is odd while somebody writes; the second is the {@link Spinlock} of the
 * writers, who never wait for readers. A reader may read over and over while there are writers.
 */
export class SequenceLock extends Spinlock {
  /** Use `locks.seqlock`. */
  constructor(host: LockHost, options: LockOptions) {
    super(host, options, SIZE);
  }

  protected override get offset(): number {
    return NUMBER;
  }

  /** How often somebody has begun to write, and has ended. */
  get sequence(): bigint {
    return this.peek(0, NUMBER);
  }

  *writeLock(call: LockCall = {}): Steps {
    yield* this.lock(call);
    yield this.step('write_seqlock', 0, { accesses: [this.#next()] });
  }

  *writeUnlock(call: LockCall = {}): Steps {
    yield this.step('write_sequnlock', 0, { accesses: [this.#next()] });
    yield* this.unlock(call);
  }

  /** Writes with interrupts off; returns how they were, for {@link writeUnlockIrqrestore}. */
  *writeLockIrqsave(call: LockCall = {}): Steps<bigint> {
    const flags = yield* this.save();
    yield* this.writeLock(call);
    return flags;
  }

  *writeUnlockIrqrestore(flags: bigint, call: LockCall = {}): Steps {
    yield* this.writeUnlock(call);
    yield* this.restore(flags);
  }

  /** Spins while somebody writes; returns the sequence number, for {@link readRetry}. */
  readBegin(call: LockCall = {}): Steps<bigint> {
    return this.call('read_seqbegin', call, this.#readBegin(call));
  }

  /** True if somebody has written since {@link readBegin}: what was read is worth nothing. */
  readRetry(begun: bigint, call: LockCall = {}): Steps<boolean> {
    return this.call('read_seqretry', call, this.#readRetry(begun));
  }

  /** What `body` reads, from its beginning as often as it takes. */
  *read<T>(body: () => Steps<T>, call: LockCall = {}): Steps<T> {
    for (;;) {
      const begun = yield* this.readBegin(call);
      const result = yield* body();
      if (!(yield* this.readRetry(begun, call))) return result;
    }
  }

  *#readBegin(call: LockCall): Steps<bigint> {
    const own: { use?: LockUse } = {};
    const pc = this.host.text.at('read_seqbegin', 0);
    const read = this.step('read_seqbegin', 0, {
      accesses: [{ kind: 'read', address: this.address, size: NUMBER }],
      retired: (cpu: Cpu) => {
        own.use ??= this.want(cpu, pc, call, 'shared', 'passes');
        if (!isOdd(this.sequence)) this.renounce(own.use);
      },
    });
    for (;;) {
      const [now = 0n] = yield read;
      if (!isOdd(now)) return now;
    }
  }

  *#readRetry(begun: bigint): Steps<boolean> {
    const [now] = yield this.step('read_seqretry', 0, {
      accesses: [{ kind: 'read', address: this.address, size: NUMBER }],
    });
    return now !== begun;
  }

  #next(): Access {
    return { kind: 'readwrite', address: this.address, size: NUMBER, value: inc32 };
  }
}
