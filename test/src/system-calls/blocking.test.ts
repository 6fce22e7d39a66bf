import { type Program, program, SA_RESTART, SystemCallRestart, type Task, WaitQueue } from '@hwbp/core';
import test from 'ava';
import { CALLING, CallLab, X86 } from './support.js';

const handler = (entered: string[], name: string) => (): Program => {
  entered.push(name);
  return program([{ pc: 0x50_0000n, length: 4 }])();
};
const signal = (si_signo: 'SIGUSR1' | 'SIGSTOP' | 'SIGCONT' | 'SIGKILL') => ({ si_signo, si_code: 0 }) as const;

/** A kernel with a call that waits for something, in one of the ways in which a handler can. */
function waiting(calling = X86, name: 'ERESTARTSYS' | 'ERESTARTNOINTR' | 'ERESTARTNOHAND' = 'ERESTARTSYS') {
  const entries: string[] = [];
  let there = false;
  const lab: CallLab = new CallLab(calling, {
    7: function* ({ args: [first] }) {
      entries.push(`call ${first}`);
      const [ended] = yield queue.wait({ until: () => there });
      if (ended === 1n) throw new SystemCallRestart(name);
      return 70;
    },
    8: () => queue.wait({ until: () => there }),
  });
  const { machine } = lab.kernel;
  const queue = new WaitQueue(machine, 'a letter');
  const bring = (): void => {
    there = true;
    queue.wakeAll();
    machine.run(1000);
  };
  const sleeper = (number: number): Task => lab.run({ number, args: [5n, 6n] });
  return { lab, machine, queue, entries, bring, sleeper };
}

for (const calling of CALLING) {
  test(`${calling.name}: a call that waits holds its task, and returns once that has come`, (t) => {
    for (const [number, result] of [
      [7, 70n],
      [8, 0n],
    ] as const) {
      const { lab, queue, bring, sleeper } = waiting(calling);
      const task = sleeper(number);
      t.deepEqual([task.state, task.waitsFor, task.context.mode], ['waiting', 'a letter', 'kernel']);
      queue.wakeAll();
      lab.kernel.machine.run(1000);
      t.is(task.state, 'waiting', 'woken for nothing');
      bring();
      t.deepEqual(lab.results, [result]);
      t.is(task.state, 'dead');
    }
  });

  test(`${calling.name}: a signal whose handler restarts has the call made again, with its own arguments`, (t) => {
    const { lab, machine, entries, bring, sleeper } = waiting(calling);
    const task = sleeper(7);
    task.handlers.set('SIGUSR1', { sa_handler: handler(entries, 'handler'), sa_flags: SA_RESTART });
    machine.sendSignal(task, signal('SIGUSR1'));
    machine.run(1000);
    t.deepEqual(entries, ['call 5', 'handler', 'call 5']);
    t.is(task.state, 'waiting');
    bring();
    t.deepEqual(lab.results, [70n]);
  });

  test(`${calling.name}: a signal whose handler does not restart ends the call with EINTR`, (t) => {
    for (const number of [7, 8]) {
      const { lab, machine, entries, sleeper } = waiting(calling);
      const task = sleeper(number);
      task.handlers.set('SIGUSR1', handler(entries, 'handler'));
      machine.sendSignal(task, signal('SIGUSR1'));
      machine.run(1000);
      t.is(entries.at(-1), 'handler');
      t.deepEqual(lab.results, [-4n]);
      t.is(task.state, 'dead');
    }
  });
}

test('ERESTARTNOINTR comes behind any handler, ERESTARTNOHAND behind none', (t) => {
  for (const [name, flags, entriesThen] of [
    ['ERESTARTNOINTR', 0, ['call 5', 'handler', 'call 5']],
    ['ERESTARTNOHAND', SA_RESTART, ['call 5', 'handler']],
  ] as const) {
    const { machine, entries, sleeper } = waiting(X86, name);
    const task = sleeper(7);
    task.handlers.set('SIGUSR1', { sa_handler: handler(entries, 'handler'), sa_flags: flags });
    machine.sendSignal(task, signal('SIGUSR1'));
    machine.run(1000);
    t.deepEqual(entries, entriesThen);
  }
});

test('a stop that ends has a call go on that waited, whatever restarts it', (t) => {
  for (const name of ['ERESTARTSYS', 'ERESTARTNOHAND'] as const) {
    const { lab, machine, entries, bring, sleeper } = waiting(X86, name);
    const task = sleeper(7);
    machine.sendSignal(task, signal('SIGSTOP'));
    machine.run(1000);
    t.is(task.state, 'stopped');
    machine.sendSignal(task, signal('SIGCONT'));
    machine.run(1000);
    t.is(task.state, 'waiting');
    t.deepEqual(entries, ['call 5', 'call 5']);
    bring();
    t.deepEqual(lab.results, [70n]);
  }
  const { lab, machine, bring, sleeper } = waiting();
  const task = sleeper(8);
  machine.sendSignal(task, signal('SIGSTOP'));
  machine.sendSignal(task, signal('SIGCONT'));
  machine.run(1000);
  t.is(task.state, 'waiting');
  bring();
  t.deepEqual(lab.results, [0n]);
});

test('a signal that was there before does not let a call sleep', (t) => {
  const { lab, machine, entries } = waiting();
  const task = machine.spawn(lab.caller({ number: 7, args: [5n] }), { run: false });
  task.handlers.set('SIGUSR1', handler(entries, 'handler'));
  task.blocked.add('SIGUSR1');
  machine.sendSignal(task, signal('SIGUSR1'));
  machine.wake(task);
  machine.run(2);
  task.blocked.delete('SIGUSR1');
  machine.run(1000);
  t.deepEqual([entries, lab.results], [['call 5', 'handler'], [-4n]]);
});

test('a task that is killed while its call waits is in no queue any more', (t) => {
  const { machine, queue, sleeper, lab } = waiting();
  const task = sleeper(7);
  t.is(queue.length, 1);
  machine.sendSignal(task, signal('SIGKILL'));
  machine.run(1000);
  t.deepEqual([task.state, queue.length, lab.results], ['dead', 0, []]);
});

test('what a handler throws behind a wait is a result like any other', (t) => {
  const lab: CallLab = new CallLab(X86, {
    1: function* () {
      yield queue.wait();
      throw new RangeError('late');
    },
  });
  const queue = new WaitQueue(lab.kernel.machine, 'x');
  lab.run({ number: 1 });
  queue.wake();
  lab.kernel.machine.run(1000);
  t.deepEqual(lab.results, [-5n]);
});

test('a restart has one of the names of Linux, and a way to go on where that is what it is', (t) => {
  const make = SystemCallRestart as unknown as new (name: string, again?: () => unknown) => unknown;
  t.throws(() => new make('EINTR'), { instanceOf: TypeError, message: /no restart has the name EINTR/ });
  t.throws(() => new make('ERESTART_RESTARTBLOCK'), { instanceOf: TypeError });
  t.throws(() => new make('ERESTARTSYS', () => 0), { instanceOf: TypeError });
});
