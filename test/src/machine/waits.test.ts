import { type Instruction, program, WaitQueue } from '@hwbp/core';
import test from 'ava';
import { kernelOf } from './support.js';

const at = (pc: bigint, more: Partial<Instruction> = {}): Instruction => ({ pc, length: 1, ...more });

test('a task that waits executes nothing until it is woken, first come first served', (t) => {
  const { machine } = kernelOf();
  const queue = new WaitQueue(machine, 'a door');
  const seen: string[] = [];
  const waiter = (name: string) =>
    program(function* () {
      const [why] = yield at(0x1000n, { wait: queue.wait() });
      seen.push(`${name} ${why}`);
      yield at(0x1001n);
    });
  const tasks = ['a', 'b', 'c'].map((name) => machine.spawn(waiter(name)));
  t.is(machine.run().reason, 'idle');
  t.deepEqual(
    tasks.map(({ state, waitsFor }) => [state, waitsFor]),
    [
      ['waiting', 'a door'],
      ['waiting', 'a door'],
      ['waiting', 'a door'],
    ],
  );
  t.deepEqual(seen, []);
  t.is(queue.wake(), 1);
  machine.run();
  t.deepEqual(seen, ['a 0']);
  t.deepEqual(queue.tasks, tasks.slice(1));
  t.is(queue.wakeAll(), 2);
  t.is(queue.wake(), 0, 'nobody sleeps any more');
  machine.run();
  t.deepEqual(seen, ['a 0', 'b 0', 'c 0']);
  t.true(tasks.every(({ alive }) => !alive));
});

test('who is woken for nothing sleeps on, and can be woken again; who need not wait does not', (t) => {
  const { machine } = kernelOf();
  const queue = new WaitQueue(machine, 'data');
  let there = 0;
  let got = 0;
  const reader = program(function* () {
    for (;;) {
      yield at(0x1000n, { wait: queue.wait({ until: () => there > 0 }) });
      there--;
      got++;
      yield at(0x1001n);
    }
  });
  there = 2;
  const task = machine.spawn(reader);
  machine.run();
  t.is(got, 2);
  t.is(task.state, 'waiting');
  queue.wake();
  machine.run();
  t.deepEqual([got, task.state, queue.length], [2, 'waiting', 1]);
  there = 1;
  queue.wake();
  machine.run();
  t.is(got, 3);
});

test('a signal ends a wait, in a system call too, and is told as 1; what is uninterruptible waits on', (t) => {
  const { machine } = kernelOf();
  const queue = new WaitQueue(machine, 'input');
  const seen: unknown[] = [];
  const read = (interruptible: boolean) =>
    program(function* () {
      seen.push((yield at(0xffff_ffff_8100_0000n, { wait: queue.wait({ interruptible }) }))[0]);
    });
  const caller = (interruptible: boolean) =>
    program(function* () {
      yield at(0x1000n, { syscall: read(interruptible) });
      seen.push('back');
      yield at(0x1001n);
    });
  for (const interruptible of [true, false]) {
    const task = machine.spawn(caller(interruptible));
    task.handlers.set('SIGUSR1', {
      sa_handler: () =>
        program(function* () {
          seen.push('handler');
          yield at(0x2000n);
        })(),
    });
    machine.run();
    t.is(task.state, 'waiting');
    machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
    machine.run();
    if (!interruptible) {
      t.is(task.state, 'waiting');
      queue.wake();
      machine.run();
    }
    t.false(task.alive);
    t.is(queue.length, 0);
  }
  t.deepEqual(seen, [1n, 'handler', 'back', 0n, 'handler', 'back']);
});

test('a task that ends while it waits is forgotten; if it was woken already, the next one is woken for it', (t) => {
  const { machine } = kernelOf();
  const queue = new WaitQueue(machine, 'a token');
  const waiter = program([at(0x1000n, { wait: queue.wait() }), at(0x1001n)]);
  const [a, b, c] = [machine.spawn(waiter), machine.spawn(waiter), machine.spawn(waiter)];
  machine.run();
  machine.exit(a);
  t.deepEqual(queue.tasks, [b, c]);
  t.is(queue.wake(), 1);
  machine.exit(b);
  t.is(queue.length, 1);
  machine.run();
  t.false(c.alive, 'it had the token that the dead one could not take');
});

test('a stopped task that is woken goes on only when it is let', (t) => {
  const { machine } = kernelOf();
  const queue = new WaitQueue(machine, 'it');
  const task = machine.spawn(program([at(0x1000n, { wait: queue.wait() }), at(0x1001n)]));
  machine.run();
  machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: 0 });
  machine.run();
  t.is(task.state, 'stopped');
  queue.wake();
  machine.run();
  t.is(task.state, 'stopped');
  machine.sendSignal(task, { si_signo: 'SIGCONT', si_code: 0 });
  machine.run();
  t.false(task.alive);
});

test('code of no task cannot wait: EDEADLK, and who waits is not written down', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const queue = new WaitQueue(machine, 'a door');
  const instruction = at(0xffff_ffff_8100_0000n, { wait: queue.wait() });
  t.throws(() => instruction.wait?.begin(machine.cpu(0)), {
    code: 'WAIT_WITHOUT_TASK',
    message: 'EDEADLK: CPU 0 executes no task, which cannot wait for a door',
  });
  const deaf = machine.spawn(program([at(0xffff_ffff_8100_0000n, { irqs: 'off' }), instruction]), { mode: 'kernel' });
  t.throws(() => machine.run(), { code: 'WAIT_WITHOUT_TASK', message: /task-1 has interrupts off, and would wait/ });
  machine.exit(deaf);
  machine.spawn(program([instruction]), { mode: 'kernel' });
  t.throws(() => kernel.hibernate(), { message: /waits for something of this kernel's/ });
  machine.run();
  t.throws(() => kernel.hibernate(), { message: /a program waits for a door/ });
});

test('a sleep of one’s own is looked at: what is none names the field, and the task; the kernel goes on', (t) => {
  const sleep = { what: 'rain', over: false, end: () => 0n };
  const wrong: readonly (readonly [unknown, string])[] = [
    [5, 'what begin(cpu) of a wait returns is a sleep, { what, over, end() }, or undefined, got 5'],
    [{ ...sleep, what: undefined }, 'what of a sleep is a string, got undefined'],
    [{ ...sleep, over: () => false }, 'over of a sleep is true or false, got the function over'],
    [{ ...sleep, end: 0n }, 'end of a sleep is a function, got 0'],
  ];
  for (const [begun, message] of wrong) {
    const { machine } = kernelOf();
    const task = machine.spawn(program([at(0x1000n, { wait: { begin: () => begun as never } }), at(0x1001n)]));
    const other = machine.spawn(program([at(0x2000n)]));
    t.throws(() => machine.run(), { instanceOf: TypeError, message: `task ${task}: ${message}` });
    t.is(machine.run().reason, 'idle');
    t.deepEqual([task.alive, other.alive], [false, false]);
  }
});
