import type { Access, Cpu } from '@hwbp/core';
import { Lock, type LockCall, type LockOptions, type Steps } from './lock.js';
import type { LockHost } from './lock-host.js';
import type { LockMode, LockUse } from './lock-use.js';

const SIZE = 8;
/** Where its numbers of 16 bits are: tickets that were given, and those that readers and writers wait for. */
const TICKETS = 0;
const READERS = 2;
const WRITERS = 4;
const NUMBER = 2;

const inc16 = (value: bigint): bigint => (value + 1n) & 0xffffn;
const incBoth = (value: bigint): bigint => (inc16(value >> 16n) << 16n) | inc16(value & 0xffffn);

/**
 * A lock that many readers or one writer have; its users spin. First come first served: readers who come one behind the
 * other have it together, one who comes behind a writer waits for him, so neither starves the other. Whoever reads
 * twice with a writer in between waits for himself. Three numbers of 16 bits: tickets at 0; the ticket whose turn it is
 * to read at 2, to write at 4. A reader lets the next ticket read at once, and write when he is done.
 */
export class ReadWriteLock extends Lock {
  readonly sleeps = false;
  override readonly inOrder = true;

  /** Use `locks.rwlock`. */
  constructor(host: LockHost, options: LockOptions) {
    super(host, options, SIZE);
  }

  readLock(call: LockCall = {}): Steps {
    return this.call('read_lock', call, this.#readLock(call));
  }

  readUnlock(call: LockCall = {}): Steps {
    return this.call('read_unlock', call, this.#unlock('read_unlock', this.#add(WRITERS), call));
  }

  writeLock(call: LockCall = {}): Steps {
    return this.call('write_lock', call, this.#turn('write_lock', WRITERS, call, 'exclusive'));
  }

  writeUnlock(call: LockCall = {}): Steps {
    // Both numbers in one access: the next one is a reader or a writer.
    const both: Access = { kind: 'readwrite', address: this.address + BigInt(READERS), size: 4, value: incBoth };
    return this.call('write_unlock', call, this.#unlock('write_unlock', both, call));
  }

  /** Reads with interrupts off; returns how they were, for {@link readUnlockIrqrestore}. */
  *readLockIrqsave(call: LockCall = {}): Steps<bigint> {
    const flags = yield* this.save();
    yield* this.readLock(call);
    return flags;
  }

  *readUnlockIrqrestore(flags: bigint, call: LockCall = {}): Steps {
    yield* this.readUnlock(call);
    yield* this.restore(flags);
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

  *#readLock(call: LockCall): Steps {
    yield* this.#turn('read_lock', READERS, call, 'shared');
    // Whoever is next may read too.
    yield this.step('read_lock', 2, { accesses: [this.#add(READERS)] });
  }

  /** Takes a ticket, and spins until it is that one's turn. */
  *#turn(routine: 'read_lock' | 'write_lock', turn: number, call: LockCall, mode: LockMode): Steps {
    let ticket = 0n;
    const own: { use?: LockUse } = {};
    const pc = this.host.text.at(routine, 0);
    const takeTicket = (word: bigint): bigint => {
      ticket = word;
      return inc16(word);
    };
    yield this.step(routine, 0, {
      accesses: [{ kind: 'readwrite', address: this.address + BigInt(TICKETS), size: NUMBER, value: takeTicket }],
      retired: (cpu: Cpu) => {
        own.use = this.want(cpu, pc, call, mode);
      },
    });
    const spin = this.step(routine, 1, {
      accesses: [{ kind: 'read', address: this.address + BigInt(turn), size: NUMBER }],
      retired: () => {
        if (own.use !== undefined && this.peek(turn, NUMBER) === ticket) this.take(own.use);
      },
    });
    for (;;) {
      const [now] = yield spin;
      if (now === ticket) return;
    }
  }

  *#unlock(routine: 'read_unlock' | 'write_unlock', access: Access, call: LockCall): Steps {
    const pc = this.host.text.at(routine, 0);
    yield this.step(routine, 0, { accesses: [access], retired: (cpu) => this.release(cpu, pc, call) });
  }

  #add(offset: number): Access {
    return { kind: 'readwrite', address: this.address + BigInt(offset), size: NUMBER, value: inc16 };
  }
}
