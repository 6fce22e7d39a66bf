import type { Access, Instruction } from '@hwbp/core';
import { Lock, type Locks, type SequenceLock, type Steps } from '@hwbp/locks';
import { randomSchedule } from '@hwbp/schedulers';
import test from 'ava';
import { at, COUNTER, labOf } from './support.js';

/** What a writer and readers do. */
interface Shared {
  readLock(): Steps;
  readUnlock(): Steps;
  writeLock(): Steps;
  writeUnlock(): Steps;
}

/** Planted: readers come in whenever no writer is, whoever waits. Its word counts readers; -1 is a writer. */
class ReadersFirst extends Lock implements Shared {
  readonly sleeps = false;

  constructor(locks: Locks, address: bigint) {
    super(locks.host, { name: 'lock', address }, 4);
  }

  readLock(): Steps {
    return this.#claim(
      (word) => (word === 0xffff_ffffn ? word : word + 1n),
      (word) => word !== 0xffff_ffffn,
    );
  }

  *readUnlock(): Steps {
    yield this.#exchange((word) => word - 1n);
  }

  writeLock(): Steps {
    return this.#claim(
      (word) => (word === 0n ? 0xffff_ffffn : word),
      (word) => word === 0n,
    );
  }

  *writeUnlock(): Steps {
    yield this.#exchange(() => 0n);
  }

  *#claim(value: (word: bigint) => bigint, got: (word: bigint) => boolean): Steps {
    for (;;) {
      const [word = 0n] = yield this.#exchange(value);
      if (got(word)) return;
    }
  }

  #exchange(value: (word: bigint) => bigint): Instruction {
    return at(0x40, { accesses: [{ kind: 'readwrite', address: this.address, size: 4, value }] });
  }
}

/** Instructions until a writer has had his turn, against readers who follow each other without a gap. */
function patienceOf(make: (locks: Locks, address: bigint) => Shared, seed: number): number {
  const { kernel, locks, thread, address } = labOf({ cpus: 4, seed, taskScheduler: randomSchedule({ longest: 6 }) });
  const { machine } = kernel;
  const lock = make(locks, address());
  for (const [cpu, comm] of ['r1', 'r2', 'r3'].entries()) {
    thread(
      comm,
      function* () {
        for (;;) {
          yield* lock.readLock();
          for (let n = 0; n < 30; n++) yield at(4 * n);
          yield* lock.readUnlock();
        }
      },
      cpu,
    );
  }
  machine.run(200);
  const writer = thread(
    'writer',
    function* () {
      yield* lock.writeLock();
      yield* lock.writeUnlock();
    },
    3,
  );
  const before = machine.count;
  while (writer.alive && machine.count - before < 20_000) machine.run(50);
  return machine.count - before;
}

/** Each reader that is in when the writer comes may finish: 32 instructions of each, while others spin. */
const FAIR = 2000;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

test('readers without a gap do not starve a writer', (t) => {
  for (const seed of SEEDS)
    t.true(patienceOf((locks, address) => locks.rwlock({ name: 'lock', address }), seed) < FAIR);
});

test('planted: a lock that lets readers in before a waiting writer starves him, and is found', (t) => {
  const waits = SEEDS.map((seed) => patienceOf((locks, address) => new ReadersFirst(locks, address), seed));
  t.true(
    waits.some((count) => count >= FAIR),
    waits.join(', '),
  );
});

const FIRST: Access = { kind: 'read', address: COUNTER, size: 8 };
const SECOND: Access = { kind: 'read', address: COUNTER + 8n, size: 8 };

/** Pairs that were read of two words that a writer changes together, and are not the same. */
function tornReads(read: (lock: SequenceLock, body: () => Steps<boolean>) => Steps<boolean>, seed: number): number {
  const { kernel, locks, thread, address } = labOf({ cpus: 3, seed, taskScheduler: randomSchedule({ longest: 9 }) });
  const lock = locks.seqlock({ name: 'lock', address: address() });
  let torn = 0;
  thread('writer', function* () {
    for (let i = 1n; i <= 30n; i++) {
      yield* lock.writeLock();
      yield at(0x20, { accesses: [{ ...FIRST, kind: 'write', value: i }] });
      yield at(0x24, { accesses: [{ ...SECOND, kind: 'write', value: i }] });
      yield* lock.writeUnlock();
      for (let n = 0; n < 10; n++) yield at(4 * n);
    }
  });
  const same = function* (): Steps<boolean> {
    const [first] = yield at(0x30, { accesses: [FIRST] });
    const [second] = yield at(0x34, { accesses: [SECOND] });
    return first === second;
  };
  for (const comm of ['r1', 'r2']) {
    thread(comm, function* () {
      for (let i = 0; i < 40; i++) if (!(yield* read(lock, same))) torn++;
    });
  }
  kernel.machine.run(200_000);
  return kernel.machine.tasks.size > 0 ? Number.NaN : torn;
}

test('a reader of a sequence lock sees what was written together, or reads again', (t) => {
  for (const seed of SEEDS)
    t.is(
      tornReads((lock, body) => lock.read(body), seed),
      0,
      `seed ${seed}`,
    );
});

test('planted: readers that do not read again, or do not wait for the writer, are found', (t) => {
  const withoutRetry = function* (lock: SequenceLock, body: () => Steps<boolean>): Steps<boolean> {
    yield* lock.readBegin();
    return yield* body();
  };
  const withoutWait = function* (lock: SequenceLock, body: () => Steps<boolean>): Steps<boolean> {
    for (;;) {
      const begun = lock.sequence;
      const result = yield* body();
      if (!(yield* lock.readRetry(begun))) return result;
    }
  };
  for (const planted of [withoutRetry, withoutWait]) {
    t.true(
      SEEDS.some((seed) => tornReads(planted, seed) > 0),
      planted.name,
    );
  }
});
