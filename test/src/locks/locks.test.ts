import test from 'ava';
import { counterOf, increment, labOf } from './support.js';

test('a spinlock keeps others out: its word counts tickets, and every increment is there', (t) => {
  const { kernel, locks, thread, address } = labOf();
  const lock = locks.spinlock({ name: 'counter_lock', address: address() });
  for (const comm of ['a', 'b', 'c', 'd']) {
    thread(comm, function* () {
      for (let i = 0; i < 50; i++) {
        yield* lock.lock();
        yield* increment();
        yield* lock.unlock();
      }
    });
  }
  t.is(kernel.machine.run(1_000_000).reason, 'idle');
  t.is(counterOf(kernel), 200);
  t.false(lock.isLocked);
  t.is(kernel.machine.kernelMemory.readInteger(lock.address, 4), 200n | (200n << 16n));
});
