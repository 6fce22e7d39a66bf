import { program, WaitQueue } from '@hwbp/core';
import type { Lock, LockProblem, Spinlock, Steps } from '@hwbp/locks';
import test from 'ava';
import { at, CODE, labOf } from './support.js';

type Lab = ReturnType<typeof labOf>;

const kindsOf = (problems: readonly LockProblem[]): readonly string[] => problems.map(({ kind }) => kind);
const spinlocksOf = ({ locks, address }: Lab, ...names: readonly string[]): Spinlock[] =>
  names.map((name) => locks.spinlock({ name, address: address() }));

/** Takes these, from the first routine or the second, and gives them back. */
function* nested(order: readonly Spinlock[], offset = 0): Steps {
  for (const [i, lock] of order.entries()) yield* lock.lock({ at: CODE + BigInt(offset + 4 * i) });
  for (const lock of order.toReversed()) yield* lock.unlock();
}

test('lock order: A before B and B before A is told, though they never met, with who, where and when', (t) => {
  const lab = labOf({ cpus: 1, quantum: 1000 });
  const [a, b] = spinlocksOf(lab, 'a', 'b') as [Spinlock, Spinlock];
  const { kernel, report, thread } = lab;
  thread('one', () => nested([a, b]));
  kernel.machine.run(100);
  t.deepEqual(report.problems, []);
  const two = thread('two', () => nested([b, a], 0x100));
  kernel.machine.run(100);
  const [problem, ...others] = report.problems;
  t.deepEqual(others, []);
  t.deepEqual(problem?.classes, ['a', 'b']);
  t.deepEqual(
    problem?.witnesses.map(({ user, where, pc }) => [user.task?.comm, user.cpu, where, pc]),
    [
      ['one', 0, 'first+0x4', CODE + 4n],
      ['two', 0, 'second+0x4', CODE + 0x104n],
    ],
  );
  t.is(
    String(report),
    [
      'lock-order: locks are taken in a circle, a -> b -> a',
      '  one-1 on CPU 0 takes b with a held at first+0x4, after 5 instructions',
      '  two-2 on CPU 0 takes a with b held at second+0x4, after 13 instructions',
    ].join('\n'),
  );
  t.deepEqual(report.deadlocks, []);
  t.false(two.alive);
  thread('again', () => nested([b, a]));
  kernel.machine.run(100);
  t.is(report.problems.length, 1, 'once');
});

test('lock order: a circle of three, and no alarm for three in one order, by turns, or tried', (t) => {
  const lab = labOf({ cpus: 1, quantum: 1000 });
  const [a, b, c] = spinlocksOf(lab, 'a', 'b', 'c') as [Spinlock, Spinlock, Spinlock];
  const { kernel, report, thread } = lab;
  thread('fine', function* () {
    yield* nested([a, b, c]);
    yield* nested([b, c]);
    yield* nested([c]);
    yield* nested([a]);
    yield* c.lock();
    t.true(yield* a.tryLock(), 'who only tries waits for nobody');
    yield* a.unlock();
    yield* c.unlock();
  });
  kernel.machine.run(1000);
  t.is(String(report), '');
  thread('wrong', () => nested([c, a]));
  kernel.machine.run(1000);
  t.deepEqual(report.problems[0]?.classes, ['a', 'c']);
  const longer = labOf({ cpus: 1, quantum: 1000 });
  const [x, y, z] = spinlocksOf(longer, 'x', 'y', 'z') as [Spinlock, Spinlock, Spinlock];
  for (const order of [
    [x, y],
    [y, z],
    [z, x],
  ])
    longer.thread('t', () => nested(order));
  longer.kernel.machine.run(1000);
  t.deepEqual(
    longer.report.problems.map(({ classes }) => classes),
    [['x', 'y', 'z']],
  );
  t.is(longer.report.problems[0]?.witnesses.length, 3);
});

test('locks of one class: in no order among themselves, unless subclasses say one', (t) => {
  for (const [subclass, kinds] of [
    [undefined, ['recursive']],
    [1, []],
  ] as const) {
    const { kernel, locks, report, thread, address } = labOf({ cpus: 1 });
    const [parent, child] = ['parent', 'child'].map((name) =>
      locks.mutex({ name, class: 'inode', address: address() }),
    );
    thread('a', function* () {
      if (parent === undefined || child === undefined) return;
      yield* parent.lock();
      yield* child.lock(subclass === undefined ? {} : { subclass });
      yield* child.unlock();
      yield* parent.unlock();
    });
    kernel.machine.run(1000);
    t.deepEqual(kindsOf(report.problems), kinds);
  }
});

test('recursive: who has a lock takes it again, and waits for himself', (t) => {
  const { kernel, locks, report, thread, address } = labOf({ cpus: 2 });
  const spin = locks.spinlock({ name: 's', address: address() });
  const mutex = locks.mutex({ name: 'm', address: address() });
  thread('spins', () => nested([spin, spin]));
  thread('sleeps', function* () {
    yield* mutex.lock();
    yield* mutex.lock();
  });
  kernel.machine.run(1000);
  t.deepEqual(kindsOf(report.problems), ['recursive', 'recursive']);
  t.deepEqual(
    report.deadlocks.map(({ message }) => message),
    ['spins-1 waits for s at first+0x4, which spins-1 has', 'sleeps-2 waits for m at mutex_lock, which sleeps-2 has'],
  );
});

test('irq-unsafe: in a handler and elsewhere with interrupts on; none where they are off', (t) => {
  for (const [saves, kinds] of [
    [false, ['irq-unsafe']],
    [true, []],
  ] as const) {
    const lab = labOf({ cpus: 1 });
    const [lock] = spinlocksOf(lab, 'lock') as [Spinlock];
    const { kernel, report, thread } = lab;
    const { machine } = kernel;
    thread('a', function* () {
      const flags = saves ? yield* lock.lockIrqsave() : 0n;
      if (!saves) yield* lock.lock();
      yield* lock.unlockIrqrestore(flags);
    });
    machine.run(100);
    machine.interrupts.handle(3, { name: 'uart', program: program(() => nested([lock], 0x100)) });
    machine.interrupts.raise(3);
    thread('b', function* () {
      yield at(0);
    });
    machine.run(100);
    t.deepEqual(kindsOf(report.problems), kinds);
    if (saves) continue;
    t.regex(String(report), /the hardirq handler uart on CPU 0 takes lock in the handler at second, after \d+ instr/);
    t.regex(String(report), /a-1 on CPU 0 takes lock with interrupts on at spin_lock, after 1 instruction\b/);
  }
});

test('irq-unsafe: readers of a sequence lock with interrupts on keep no writer in a handler', (t) => {
  const { kernel, locks, report, thread, address } = labOf({ cpus: 1 });
  const { machine } = kernel;
  const lock = locks.seqlock({ name: 'clock', address: address() });
  const empty = function* (): Steps {};
  thread('reader', () => lock.read(empty));
  machine.run(100);
  const write = program(function* () {
    yield* lock.writeLock();
    yield* lock.writeUnlock();
  });
  machine.interrupts.run(machine.cpu(0), { name: 'tick', program: write });
  machine.run(100);
  t.is(String(report), '');
  machine.interrupts.run(machine.cpu(0), { name: 'reads', program: program(() => lock.read(empty)) });
  thread('writer', function* () {
    yield* lock.writeLock();
    yield* lock.writeUnlock();
  });
  machine.run(100);
  t.deepEqual(kindsOf(report.problems), ['irq-unsafe'], 'the other way round it spins for ever');
});

test('atomic-sleep: a mutex under a spinlock, any sleep under one, and with interrupts off; not with a mutex held', (t) => {
  const run = (body: (lab: Lab, spin: Spinlock, mutex: Lock & { lock(): Steps; unlock(): Steps }) => Steps) => {
    const lab = labOf({ cpus: 1 });
    const [spin] = spinlocksOf(lab, 's') as [Spinlock];
    const mutex = lab.locks.mutex({ name: 'm', address: lab.address() });
    lab.thread('a', () => body(lab, spin, mutex));
    lab.kernel.machine.run(1000);
    return lab.report;
  };
  const under = run(function* (_lab, spin, mutex) {
    yield* spin.lock();
    yield* mutex.lock();
    yield* mutex.unlock();
    yield* spin.unlock();
  });
  t.deepEqual(kindsOf(under.problems), ['atomic-sleep']);
  t.regex(String(under), /m, whose users sleep, is taken with s held, whose users spin/);
  const sleeps = run(function* ({ kernel }, spin) {
    yield* spin.lock();
    yield at(0x20, { wait: new WaitQueue(kernel.machine, 'a letter').wait() });
  });
  t.deepEqual(kindsOf(sleeps.problems), ['atomic-sleep']);
  t.regex(String(sleeps), /a-1 sleeps, for a letter, with s held.*sleeps at first\+0x24/s);
  const off = run(function* (_lab, _spin, mutex) {
    yield at(0, { irqs: 'off' });
    yield* mutex.lock();
    yield* mutex.unlock();
  });
  t.regex(String(off), /^atomic-sleep: m, whose users sleep, is taken with interrupts off/);
  const fine = run(function* ({ kernel }, spin, mutex) {
    yield* mutex.lock();
    yield at(0x20, { wait: kernel.machine.timers.sleep(5000) });
    yield* spin.lock();
    yield* spin.unlock();
    yield* mutex.unlock();
  });
  t.is(String(fine), '');
});

test('foreign-unlock: by one who does not have it, or of what nobody has', (t) => {
  const lab = labOf({ cpus: 1, quantum: 1000 });
  const [a, b] = spinlocksOf(lab, 'a', 'b') as [Spinlock, Spinlock];
  const { kernel, report, thread } = lab;
  thread('owner', function* () {
    yield* a.lock();
    kernel.machine.schedule(0);
    yield at(0);
  });
  thread('stranger', function* () {
    yield* a.unlock();
    yield* b.unlock({ at: CODE + 0x100n });
  });
  kernel.machine.run(1000);
  t.deepEqual(
    report.problems.map(({ kind, message }) => `${kind}: ${message}`),
    [
      'foreign-unlock: a, which owner-1 has, is given back by stranger-2',
      'foreign-unlock: b, which nobody has, is given back by stranger-2',
    ],
  );
  t.deepEqual(
    report.problems[0]?.witnesses.map(({ what, user }) => `${user} ${what}`),
    ['owner-1 on CPU 0 takes a', 'stranger-2 on CPU 0 gives a back'],
  );
});

test('held at exit: by whoever ends with it, and whoever waits for it is told to be behind a dead one', (t) => {
  const lab = labOf({ cpus: 2 });
  const [a] = spinlocksOf(lab, 'a') as [Spinlock];
  const mutex = lab.locks.mutex({ name: 'm', address: lab.address() });
  const { kernel, report, thread } = lab;
  thread('gone', function* () {
    yield* a.lock();
    yield* mutex.lock();
  });
  kernel.machine.run(100);
  t.deepEqual(kindsOf(report.problems), ['atomic-sleep', 'held-at-exit', 'held-at-exit']);
  thread('spins', () => nested([a]), 0);
  thread('sleeps', () => mutex.lock(), 1);
  kernel.machine.run(500);
  t.deepEqual(report.deadlocks, []);
  t.deepEqual(
    report.waits.map(({ who, what }) => `${who} ${what}`),
    [
      'spins-2 a at first, which gone-1, which has ended, has',
      'sleeps-3 m at mutex_lock, which gone-1, which has ended, has',
    ],
  );
});

test('a deadlock: who waits for whom in a circle, spinning, sleeping, and for a handler', (t) => {
  const { kernel, locks, report, thread, address } = labOf({ cpus: 2, quantum: 1 });
  const [a, b] = ['a', 'b'].map((name) => locks.mutex({ name, address: address() }));
  const spin = locks.spinlock({ name: 's', address: address() });
  const { machine } = kernel;
  const both = (first = a, second = b) =>
    function* (): Steps {
      if (first === undefined || second === undefined) return;
      yield* first.lock();
      for (let n = 0; n < 8; n++) yield at(4 * n);
      yield* second.lock();
      yield* second.unlock();
      yield* first.unlock();
    };
  thread('one', both(), 0);
  thread('two', both(b, a), 1);
  t.is(machine.run(1000).reason, 'idle');
  t.deepEqual(
    report.deadlocks.map(({ message }) => message),
    ['two-2 waits for a at mutex_lock, which one-1 has; one-1 waits for b at mutex_lock, which two-2 has'],
  );
  thread(
    'holds',
    function* () {
      yield* spin.lock();
      for (;;) yield at(0x40);
    },
    0,
  );
  machine.run(20);
  machine.interrupts.run(machine.cpu(0), { name: 'tick', program: program(() => nested([spin])) });
  machine.run(100);
  t.deepEqual(
    report.deadlocks[1]?.waits.map(({ who, owners }) => [String(who), owners.map(String)]),
    [
      ['hardirq on CPU 0', ['holds-3']],
      ['holds-3', ['hardirq on CPU 0']],
    ],
  );
  t.regex(
    String(report),
    /^deadlock: hardirq on CPU 0 waits for s at first, which holds-3 has; holds-3 waits for hardirq/m,
  );
});

test('what is stopped says nothing more, and started again goes on', (t) => {
  const lab = labOf({ cpus: 1 });
  const [a] = spinlocksOf(lab, 'a') as [Spinlock];
  const { kernel, report, thread } = lab;
  report.start();
  report.stop();
  thread('x', () => a.unlock());
  kernel.machine.run(100);
  t.is(report.problems.length, 0);
  report.start();
  report.start();
  thread('x', () => a.unlock());
  kernel.machine.run(100);
  t.is(report.problems.length, 1);
});
