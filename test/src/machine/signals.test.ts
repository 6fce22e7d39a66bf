import { program, type SignalInfo, type Tracer } from '@hwbp/core';
import test from 'ava';
import { StoreQueue } from '../property/support/store-queue.js';
import { DATA, Hits, Journal, kernelOf, lines, stopAt, store, TEXT, watch } from './support.js';

const USR1: SignalInfo = { si_signo: 'SIGUSR1', si_code: 0 };
const HANDLER = 0x60_0000n;

test('a handler runs in user mode between two instructions; then the context is as it was', (t) => {
  const { machine } = kernelOf();
  const journal = new Journal();
  const task = machine.spawn(journal.spin('main'));
  task.handlers.set('SIGUSR1', journal.spin('handler', 2));
  task.context.set('rax', 7n);
  machine.run(2);
  const before = task.context.pc;
  machine.sendSignal(task, USR1);
  machine.run(1);
  task.context.set('rax', 0n);
  machine.run(4);
  t.deepEqual(journal.take(), ['main@0 x2', 'handler@0 x2', 'main@0 x2']);
  t.is(task.context.get('rax'), 7n);
  t.is(task.context.pc, before);
});

test('default actions: most signals end the task, SIGSTOP stops it, SIGCHLD does nothing, ignore is ignored', (t) => {
  const { machine } = kernelOf();
  const journal = new Journal();
  const send = (name: SignalInfo['si_signo'], ignore = false) => {
    const task = machine.spawn(journal.spin('x'));
    if (ignore) task.handlers.set(name, 'ignore');
    machine.sendSignal(task, { si_signo: name, si_code: 0 });
    machine.run(3);
    const { state, exit } = task;
    machine.exit(task);
    return exit === undefined ? state : exit;
  };
  t.deepEqual(send('SIGTRAP'), { signal: 'SIGTRAP' });
  t.deepEqual(send('SIGKILL'), { signal: 'SIGKILL' });
  t.is(send('SIGSTOP'), 'stopped');
  t.is(send('SIGCHLD'), 'running');
  t.is(send('SIGTERM', true), 'running');
});

test('SIGCONT ends a stop; a tracer is asked first and may keep the signal', (t) => {
  const { machine } = kernelOf();
  const journal = new Journal();
  const task = machine.spawn(journal.spin('x'));
  machine.halt(task);
  t.is(machine.run(5).reason, 'idle');
  machine.sendSignal(task, { si_signo: 'SIGCONT', si_code: 0 });
  t.is(machine.run(5).reason, 'budget');
  const asked: string[] = [];
  const tracer: Tracer = {
    signal(_task, { si_signo }) {
      asked.push(si_signo);
      return 'stop';
    },
  };
  task.tracer = tracer;
  machine.sendSignal(task, { si_signo: 'SIGTERM', si_code: 0 });
  machine.run(5);
  t.deepEqual(asked, ['SIGTERM']);
  t.is(task.state, 'stopped');
});

test('a signal waits while its task is in a system call', (t) => {
  const { machine } = kernelOf();
  const journal = new Journal();
  const task = machine.spawn(
    program([
      { pc: TEXT, length: 2, syscall: journal.spin('kernel', 4) },
      { pc: TEXT + 2n, length: 2 },
    ]),
  );
  task.handlers.set('SIGUSR1', journal.spin('handler', 1));
  machine.run(2);
  machine.sendSignal(task, USR1);
  machine.run();
  t.deepEqual(journal.take(), ['kernel@0 x4', 'handler@0 x1']);
});

test('bp_signal: a breakpoint on a handler’s first instruction fires although the signal came with RF set (spec 16.1)', (t) => {
  const kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const hits = new Hits();
  const task = machine.spawn(program(lines({}, {})));
  // The handler of the first breakpoint sends a signal: the instruction is to be executed with RF set.
  task.handlers.set('SIGUSR1', program([{ pc: HANDLER, length: 1 }]));
  const note = hits.note('main');
  breakpoints.registerUser(
    stopAt(TEXT),
    (hit) => {
      note(hit);
      machine.sendSignal(task, USR1);
    },
    task,
  );
  breakpoints.registerUser(stopAt(HANDLER), hits.note('handler'), task);
  machine.run(1);
  t.true(task.context.resume, 'the execute hit set RF');
  machine.run(1);
  t.false(task.context.resume, 'the handler is entered with RF clear');
  machine.run();
  t.deepEqual(
    hits.seen,
    ['main pc 400000 ip 400000', 'handler pc 600000 ip 600000'],
    'each once: the end of the handler restored RF',
  );
});

test('a signal does not come between an instruction with a debug shadow and the next', (t) => {
  const kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const hits = new Hits();
  const task = machine.spawn(program(lines({ accesses: [store()], shadow: true }, {}, {})));
  task.handlers.set('SIGUSR1', program([{ pc: HANDLER, length: 1 }]));
  breakpoints.registerUser(watch(DATA), hits.note('watch'), task);
  machine.run(1);
  machine.sendSignal(task, USR1);
  machine.run();
  t.deepEqual(hits.seen, ['watch pc 400004 ip 400008'], 'reported behind the next instruction of the same code');
});

test('a task whose input is used up takes the signal that its last instruction raised before it waits for more', (t) => {
  const { machine, breakpoints } = kernelOf();
  const queue = new StoreQueue();
  const journal = new Journal();
  const task = machine.spawn(() => queue);
  task.handlers.set('SIGUSR1', journal.spin('handler', 2));
  breakpoints.registerUser(watch(DATA, 8), () => machine.sendSignal(task, USR1), task);
  // A loop of its own that does not look at `cpu.attention` between the last instruction and its end.
  queue.store(DATA);
  t.is(machine.run(100).reason, 'starved');
  t.deepEqual(journal.take(), ['handler@0 x2']);
  t.deepEqual([task.state, task.pending], ['waiting', []]);
  task.blocked.add('SIGUSR1');
  queue.store(DATA);
  machine.wake(task);
  t.is(machine.run(100).reason, 'starved', 'a blocked one keeps nobody awake');
  t.is(task.state, 'waiting');
});
