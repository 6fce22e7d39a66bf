import { x86 } from '@hwbp/arch-x86';
import { assemble, composeKernel, KernelError, program, syscalls } from '@hwbp/core';
import {
  LOCKS,
  LOCKS_ERRORS,
  LockReport,
  lockSymbols,
  locks as locksPlugin,
  type Spinlock,
  type Steps,
} from '@hwbp/locks';
import { randomSchedule } from '@hwbp/schedulers';
import test from 'ava';
import { at, CODE, COUNTER, counterOf, DATA, increment, labOf } from './support.js';

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

test('tickets of a spinlock begin again behind the last one of 16 bits', (t) => {
  const { kernel, locks, thread, address } = labOf();
  const lock = locks.spinlock({ name: 'lock', address: address() });
  kernel.machine.kernelMemory.writeInteger(lock.address, 4, 0xffff_ffffn);
  thread('a', function* () {
    yield* lock.lock();
    t.is(kernel.machine.kernelMemory.readInteger(lock.address, 4), 0x0000_ffffn);
    yield* lock.unlock();
  });
  kernel.machine.run(100);
  t.is(kernel.machine.kernelMemory.readInteger(lock.address, 4), 0n);
});

test('who only tries gets it if it is free', (t) => {
  const { kernel, locks, thread, address, report } = labOf({ cpus: 1, quantum: 1000 });
  const [spin, mutex] = [
    locks.spinlock({ name: 's', address: address() }),
    locks.mutex({ name: 'm', address: address() }),
  ];
  const semaphore = locks.semaphore({ name: 'c', address: address(), count: 1 });
  const got: boolean[] = [];
  const tryAll = function* (): Steps {
    got.push(yield* spin.tryLock(), yield* mutex.tryLock(), yield* semaphore.tryDown());
  };
  thread('a', function* () {
    yield* tryAll();
    yield* tryAll();
    yield* semaphore.up();
    yield* mutex.unlock();
    yield* spin.unlock();
    yield* tryAll();
    yield* semaphore.up();
    yield* mutex.unlock();
    yield* spin.unlock();
  });
  kernel.machine.run(1000);
  t.deepEqual(got, [true, true, true, false, false, false, true, true, true]);
  t.is(String(report), '');
  t.deepEqual([spin.waiters, mutex.waiters, semaphore.waiters, spin.holders], [[], [], [], []]);
});

test('the word of a mutex has its owner, and who waits sleeps; the longest waiter is woken', (t) => {
  const { kernel, locks, thread, address } = labOf({ cpus: 1, quantum: 1000 });
  const { machine } = kernel;
  const lock = locks.mutex({ name: 'lock', address: address() });
  const order: string[] = [];
  let word = 0n;
  const worker = (comm: string) =>
    thread(comm, function* () {
      yield* lock.lock();
      order.push(comm);
      for (let i = 0; i < 5; i++) yield at(0);
      machine.schedule(0);
      yield at(4);
      word = machine.kernelMemory.readInteger(lock.address, 4);
      yield* lock.unlock();
    });
  const [a, b] = ['a', 'b'].map(worker);
  while (b?.state !== 'waiting') machine.run(1);
  t.is(b.waitsFor, 'the mutex lock');
  t.is(lock.owner, a);
  t.deepEqual(
    lock.waiters.map(({ user }) => user.task),
    [b],
  );
  machine.run(1000);
  t.deepEqual(order, ['a', 'b']);
  t.is(word, 0x8000_0000n | BigInt(b.pid), 'who has waited leaves the bit, as others may wait');
  t.is(machine.kernelMemory.readInteger(lock.address, 4), 0n);
  t.is(lock.owner, undefined);
});

test('a signal ends an interruptible wait without the lock; the lock goes on', (t) => {
  const { kernel, locks, address, thread } = labOf({ cpus: 1 });
  const { machine } = kernel;
  const mutex = locks.mutex({ name: 'm', address: address() });
  const semaphore = locks.semaphore({ name: 'c', address: address(), count: 0 });
  const got: boolean[] = [];
  thread('owner', function* () {
    yield* mutex.lock();
    yield* semaphore.down();
    yield* mutex.unlock();
  });
  machine.run(100);
  const waiters = [
    thread('m', function* () {
      got.push(yield* mutex.lockInterruptible());
    }),
    thread('c', function* () {
      got.push(yield* semaphore.downInterruptible());
    }),
  ];
  machine.run(100);
  for (const task of waiters) machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run(100);
  t.deepEqual(got, [false, false]);
  t.deepEqual([mutex.waiters, semaphore.waiters.length], [[], 1]);
  thread('up', function* () {
    yield* semaphore.up();
  });
  machine.run(100);
  t.is(machine.tasks.size, 0);
  t.is(machine.kernelMemory.readInteger(mutex.address, 4), 0n);
});

test('a mutex is no lock for handlers: EDEADLK in the error channel, and the kernel goes on', (t) => {
  const { kernel, locks, address, thread, report } = labOf({ cpus: 1 });
  const { machine } = kernel;
  const mutex = locks.mutex({ name: 'm', address: address() });
  const errors: unknown[] = [];
  machine.hooks.error.add(({ error }) => errors.push(error));
  machine.interrupts.softirq(machine.cpu(0), { name: 'work', program: program(() => mutex.lock()) });
  thread('a', function* () {
    yield* mutex.lock();
    yield* mutex.unlock();
  });
  t.is(machine.run(1000).reason, 'idle');
  const [error] = errors;
  t.true(error instanceof KernelError && error.code === 'LOCK_NO_TASK' && error.errno === 'EDEADLK');
  t.regex(String(error), /the softirq handler work on CPU 0 cannot take the mutex m: only tasks own one/);
  t.deepEqual(
    report.problems.map(({ kind }) => kind),
    ['atomic-sleep'],
  );
  t.deepEqual(Object.keys(LOCKS_ERRORS), ['LOCK_NO_TASK']);
});

test('a semaphore lets as many in as it counts; a handler may give it back', (t) => {
  const { kernel, locks, thread, address, report } = labOf({ cpus: 3 });
  const { machine } = kernel;
  const semaphore = locks.semaphore({ name: 'slots', address: address(), count: 2 });
  let [inside, most] = [0, 0];
  for (const comm of ['a', 'b', 'c', 'd']) {
    thread(comm, function* () {
      for (let i = 0; i < 10; i++) {
        yield* semaphore.down();
        most = Math.max(most, ++inside);
        for (let n = 0; n < 7; n++) yield at(4 * n);
        inside--;
        yield* semaphore.up();
      }
    });
  }
  t.is(machine.run(100_000).reason, 'idle');
  t.deepEqual([most, semaphore.count], [2, 2]);
  const waiter = thread('waiter', function* () {
    for (let i = 0; i < 3; i++) yield* semaphore.down();
  });
  machine.run(1000);
  t.is(waiter.state, 'waiting');
  machine.interrupts.run(machine.cpu(2), { name: 'device', program: program(() => semaphore.up()) });
  machine.run(1000);
  t.false(waiter.alive);
  t.is(String(report), '', 'nobody owns a semaphore');
});

test('interrupts are off between irqsave and irqrestore, and then as they were', (t) => {
  const { kernel, locks, thread, address } = labOf({ cpus: 1 });
  const { machine } = kernel;
  const [outer, inner] = ['outer', 'inner'].map((name) => locks.spinlock({ name, address: address() }));
  const seen: boolean[] = [];
  const look = function* (): Steps {
    yield at(0);
    seen.push(machine.interrupts.irqsOff(machine.cpu(0)));
  };
  thread('a', function* () {
    if (outer === undefined || inner === undefined) return;
    const first = yield* outer.lockIrqsave();
    const second = yield* inner.lockIrqsave();
    yield* look();
    yield* inner.unlockIrqrestore(second);
    yield* look();
    yield* outer.unlockIrqrestore(first);
    yield* look();
  });
  machine.run(1000);
  t.deepEqual(seen, [true, true, false]);
});

test('a read-write lock: readers together, a writer alone, and nobody behind him before him', (t) => {
  for (let seed = 1; seed <= 25; seed++) {
    const { kernel, locks, thread, address, report } = labOf({
      cpus: 4,
      seed,
      taskScheduler: randomSchedule({ longest: 9 }),
    });
    const lock = locks.rwlock({ name: 'lock', address: address() });
    let [readers, writers, together, wrong] = [0, 0, 0, 0];
    for (const comm of ['r1', 'r2', 'r3', 'r4']) {
      thread(comm, function* () {
        for (let i = 0; i < 12; i++) {
          yield* lock.readLock();
          together = Math.max(together, ++readers);
          if (writers > 0) wrong++;
          for (let n = 0; n < 4; n++) yield at(4 * n);
          readers--;
          yield* lock.readUnlock();
        }
      });
    }
    for (const comm of ['w1', 'w2']) {
      thread(comm, function* () {
        for (let i = 0; i < 6; i++) {
          yield* lock.writeLock();
          if (writers++ > 0 || readers > 0) wrong++;
          yield* increment();
          writers--;
          yield* lock.writeUnlock();
        }
      });
    }
    t.is(kernel.machine.run(200_000).reason, 'idle', `seed ${seed}`);
    t.deepEqual([wrong, counterOf(kernel), String(report)], [0, 12, ''], `seed ${seed}`);
    t.true(together > 1, `seed ${seed}: ${together} readers together`);
  }
});

test('where a lock lies: at its address, or at the symbol of its name; what is wrong says so, and nothing is made', (t) => {
  const { locks, kernel } = labOf({ symbols: [...lockSymbols(), { name: 'inode_lock', address: DATA, size: 4 }] });
  t.is(locks.mutex({ name: 'inode_lock' }).address, DATA);
  for (const [options, message] of [
    [
      { name: 'nowhere' },
      /where the lock nowhere lies is not known: give it an address, or the kernel a symbol nowhere/,
    ],
    [{ name: 'inode_lock', address: COUNTER }, /there is a lock inode_lock already/],
    [{ name: 'other', address: DATA + 2n }, /the lock other lies over the lock inode_lock/],
    [{ name: 'user', address: 0x1000n }, /the lock user lies in the kernel's memory, got the address 0x1000/],
    [{ name: 5 }, /name .*is a string, got 5/],
    [{ name: 'x', adress: DATA }, /a lock has no option 'adress'/],
  ] as const) {
    t.throws(() => locks.spinlock(options as never), { instanceOf: TypeError, message });
  }
  t.throws(() => locks.semaphore({ name: 's', address: COUNTER, count: -1 }), {
    message: /count is a whole number from 0/,
  });
  t.deepEqual(locks.all.map(String), ['inode_lock']);
  t.deepEqual(
    kernel.describe().plugins.map(({ name }) => name),
    ['x86', 'locks', 'lock report'],
  );
});

test('a call from somewhere is executed, with its return; the routines have symbols', (t) => {
  const { kernel, locks, thread, address } = labOf({ cpus: 1, quantum: 1 });
  const { machine } = kernel;
  const lock = locks.spinlock({ name: 'lock', address: address() });
  const pcs: string[] = [];
  const task = thread('a', function* () {
    yield* lock.lock({ at: CODE + 0x40n });
    yield at(0x44);
  });
  while (task.alive) {
    machine.run(1);
    const location = kernel.symbols.resolve(task.context.pc);
    pcs.push(`${location?.symbol.name}+${location?.offset}`);
  }
  t.deepEqual(pcs.slice(0, 4), ['spin_lock+0', 'spin_lock+4', 'first+68', 'first+72']);
  t.throws(() => lock.lock({ at: 5 as never }).next(), { instanceOf: TypeError, message: /at .*bigint of 64 bits/ });
});

test('a routine in assembly takes a lock by a system call, a generator goes on into a routine: the same lock, in one report', (t) => {
  const text = (guarded: boolean) =>
    assemble(
      `
counter:  .u64  0
main:     mov   r0, 20
.again:   ${guarded ? 'syscall 500' : 'nop'}
          call  inc
          ${guarded ? 'syscall 501' : 'nop'}
          sub   r0, r0, 1
          bne   r0, 0, .again
          ret
inc:      load  r1, [counter]
          add   r1, r1, 1
          nop
          store [counter], r1
          ret
`,
      { name: 'guarded.s', space: 'kernel' },
    );
  for (const guarded of [true, false]) {
    const routines = text(guarded);
    const held: Spinlock[] = [];
    const calls = syscalls(
      {
        *500() {
          yield* held[0]?.lock() ?? [];
        },
        *501() {
          yield* held[0]?.unlock() ?? [];
        },
      },
      { name: 'lock calls' },
    );
    using kernel = composeKernel({
      arch: x86(),
      cpus: 3,
      quantum: 3,
      routines: [routines],
      plugins: [calls, locksPlugin(), LockReport],
      symbols: lockSymbols(),
    });
    const made = kernel.get(LOCKS).spinlock({ name: 'guard', address: DATA });
    held.push(made);
    const generator = program(function* () {
      for (let i = 0; i < 20; i++) {
        if (guarded) yield* made.lock();
        yield { pc: CODE, length: 5, syscall: routines.program('inc') };
        if (guarded) yield* made.unlock();
      }
    });
    for (const cpu of [0, 1]) kernel.machine.spawn(routines.program('main'), { mode: 'kernel', affinity: [cpu] });
    kernel.machine.spawn(generator, { mode: 'kernel', affinity: [2] });
    t.is(kernel.machine.run(1_000_000).reason, 'idle');
    const counted = kernel.machine.kernelMemory.readInteger(routines.resolve('counter'), 8);
    if (guarded) t.is(counted, 60n);
    else t.true(counted < 60n, 'what the lock is for');
    t.is(String(kernel.get(LockReport)), '');
  }
});
