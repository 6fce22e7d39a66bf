import { type Access, requireKind, WaitQueue, wholeNumber } from '@hwbp/core';
import { Lock, type LockCall, type LockOptions, type Steps } from './lock.js';
import type { LockHost } from './lock-host.js';
import type { LockUse } from './lock-use.js';

const SIZE = 4;
const MOST = 0x7fff_ffff;

/** How a semaphore is made. */
export interface SemaphoreOptions extends LockOptions {
  /** How many may have it at first, 0 or more. Default 1. */
  readonly count?: number;
}

/**
 * A counting semaphore: its word of 32 bits says how many may still have it; who comes at 0 sleeps. Anybody may give it
 * back, an interrupt handler too, so nobody owns it. Who gives it back wakes the one that has waited longest; one who
 * comes meanwhile may be faster.
 */
export class Semaphore extends Lock {
  readonly sleeps = true;
  override readonly ownerless = true;
  readonly #queue: WaitQueue;

  /** Use `locks.semaphore`. */
  constructor(host: LockHost, { count = 1, ...options }: SemaphoreOptions) {
    requireKind('count', count, wholeNumber(0, MOST));
    super(host, options, SIZE);
    this.#queue = new WaitQueue(host.machine, `the semaphore ${this.name}`);
    host.machine.kernelMemory.writeInteger(this.address, SIZE, BigInt(count));
  }

  /** How many may still have it, as its word says. */
  get count(): number {
    return Number(this.peek(0, SIZE));
  }

  down(call: LockCall = {}): Steps {
    return this.call('down', call, this.#downAlways(call));
  }

  /** False: a signal came first, and the caller does not have it. */
  downInterruptible(call: LockCall = {}): Steps<boolean> {
    return this.call('down', call, this.#down(call, true));
  }

  tryDown(call: LockCall = {}): Steps<boolean> {
    return this.call('down_trylock', call, this.#tryDown(call));
  }

  up(call: LockCall = {}): Steps {
    return this.call('up', call, this.#up(call));
  }

  *#downAlways(call: LockCall): Steps {
    yield* this.#down(call, false);
  }

  *#down(call: LockCall, interruptible: boolean): Steps<boolean> {
    const own: { use?: LockUse } = {};
    let got = false;
    const claim = this.step('down', 0, {
      accesses: [this.#claim((word) => (got = word > 0n))],
      retired: (cpu) => {
        own.use ??= this.want(cpu, this.host.text.at('down', 0), call, 'shared');
        if (got) this.take(own.use);
      },
    });
    for (;;) {
      yield claim;
      if (got) return true;
      const [, interrupted] = yield this.step('down', 1, {
        accesses: [{ kind: 'read', address: this.address, size: SIZE }],
        wait: this.#queue.wait({ until: () => this.count > 0, interruptible }),
      });
      if (interrupted === 0n) continue;
      if (own.use !== undefined) this.renounce(own.use);
      return false;
    }
  }

  *#tryDown(call: LockCall): Steps<boolean> {
    let got = false;
    yield this.step('down_trylock', 0, {
      accesses: [this.#claim((word) => (got = word > 0n))],
      retired: (cpu) => {
        const use = this.want(cpu, this.host.text.at('down_trylock', 0), call, 'shared', 'tries');
        if (got) this.take(use);
      },
    });
    return got;
  }

  *#up(call: LockCall): Steps {
    const add = (word: bigint): bigint => BigInt.asUintN(8 * SIZE, word + 1n);
    yield this.step('up', 0, {
      accesses: [{ kind: 'readwrite', address: this.address, size: SIZE, value: add }],
      retired: (cpu) => this.release(cpu, this.host.text.at('up', 0), call),
    });
    yield this.step('up', 1, { retired: () => void this.#queue.wake() });
  }

  /** Takes one away if there is one. */
  #claim(found: (word: bigint) => boolean): Access {
    return {
      kind: 'readwrite',
      address: this.address,
      size: SIZE,
      value: (word) => (found(word) ? word - 1n : word),
    };
  }
}
