import { program, SI_CODES, type SignalName } from '@hwbp/core';
import test from './schedulers.js';
import { A, type Debuggee, debuggee, dr7, execHit, hit, killedBy, nop, stepped, store, TEXT } from './support.js';

const HANDLER = TEXT + 0x1000n;

function handle(d: Debuggee, signal: SignalName, codes: number, seen: bigint[] = []): void {
  d.task.handlers.set(signal, () =>
    program(
      Array.from({ length: codes }, (_, i) => {
        const pc = HANDLER + BigInt(4 * i);
        seen.push(pc);
        return { pc, length: 4 };
      }),
    )(),
  );
}

function send(d: Debuggee, si_signo: SignalName): void {
  d.kernel.machine.sendSignal(d.task, { si_signo, si_code: SI_CODES.SI_USER });
}

test('a signal stops the tracee before it is delivered; cont without it: it never happened', (t) => {
  const d = debuggee();
  send(d, 'SIGTERM');
  t.deepEqual(
    d.run(nop).map(({ code }) => code),
    ['SIGTERM'],
  );
  t.true(d.task.alive);
});

test('cont with the signal: without a handler it does what it does by default', (t) => {
  const d = debuggee();
  send(d, 'SIGTERM');
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SIGTERM' });
  d.tracer.cont(d.task, 'SIGTERM');
  t.is(killedBy(d.task), 'SIGTERM');
  t.deepEqual(d.tracer.wait(), { kind: 'killed', task: d.task, signal: 'SIGTERM' });
});

test('cont with the signal: a handler runs, gets the siginfo, and the program goes on where it was', (t) => {
  const d = debuggee();
  const infos: unknown[] = [];
  d.task.handlers.set('SIGUSR1', (info) => {
    infos.push(info);
    return program([{ pc: HANDLER, length: 4 }])();
  });
  send(d, 'SIGUSR1');
  d.queue(nop);
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SIGUSR1', at: 1 }, 'behind the INT3');
  d.tracer.cont(d.task, 'SIGUSR1');
  t.like(d.wait(), { code: 'SI_KERNEL', at: 5 });
  t.deepEqual(infos, [{ si_signo: 'SIGUSR1', si_code: SI_CODES.SI_USER }]);
});

test('cont with another signal than the one that it stopped for: that one is delivered', (t) => {
  const d = debuggee();
  handle(d, 'SIGUSR2', 1);
  send(d, 'SIGTERM');
  d.tracer.cont(d.task);
  d.wait();
  d.tracer.cont(d.task, 'SIGUSR2');
  t.like(d.wait(), { code: 'SI_KERNEL' });
  t.true(d.task.alive);
});

test('a signal that is ignored is still shown to the debugger', (t) => {
  const d = debuggee();
  d.task.handlers.set('SIGUSR1', 'ignore');
  send(d, 'SIGUSR1');
  t.deepEqual(
    d.run(nop).map(({ code }) => code),
    ['SIGUSR1'],
  );
});

test('SIGKILL is not shown: it kills', (t) => {
  const d = debuggee();
  d.tracer.cont(d.task);
  send(d, 'SIGKILL');
  t.deepEqual(d.tracer.wait(), { kind: 'killed', task: d.task, signal: 'SIGKILL' });
});

test('several signals stop it one after the other, the lowest number first (as Linux 6.18 answers)', (t) => {
  const d = debuggee();
  for (const signal of ['SIGUSR2', 'SIGUSR1', 'SIGTERM'] as const) send(d, signal);
  t.deepEqual(
    d.run(nop).map(({ code }) => code),
    ['SIGUSR1', 'SIGUSR2', 'SIGTERM'],
  );
});

test('a hit whose SIGTRAP the debugger passes on: its handler runs; without one it kills', (t) => {
  for (const handled of [true, false]) {
    const d = debuggee();
    d.poke(0, A);
    d.poke(7, dr7(0, 'w'));
    const seen: bigint[] = [];
    if (handled) handle(d, 'SIGTRAP', 2, seen);
    d.queue(store(A), nop);
    d.tracer.cont(d.task);
    t.deepEqual(d.wait(), hit(4, 1));
    d.tracer.cont(d.task, 'SIGTRAP');
    if (handled) {
      t.like(d.wait(), { code: 'SI_KERNEL', at: 9 });
      t.deepEqual(seen, [HANDLER, HANDLER + 4n]);
    } else {
      t.is(killedBy(d.task), 'SIGTRAP');
    }
  }
});

test('a handler is entered with RF clear, so that a breakpoint on its first instruction stops; RF comes back with the return', (t) => {
  const d = debuggee();
  handle(d, 'SIGUSR1', 2);
  d.poke(0, TEXT);
  d.poke(1, HANDLER);
  d.poke(7, dr7(0, 'x') | dr7(1, 'x'));
  d.queue(nop, nop);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), execHit(0, 1));
  d.tracer.cont(d.task, 'SIGUSR1');
  t.deepEqual(d.wait(), execHit(0x1000, 2));
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SI_KERNEL' }, 'the instruction that was interrupted does not stop again');
});

test('watches work inside a handler', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  d.task.handlers.set('SIGUSR1', () =>
    program([{ pc: HANDLER, length: 4, accesses: [{ kind: 'write', address: A, size: 1 }] }])(),
  );
  d.tracer.cont(d.task, 'SIGUSR1');
  t.deepEqual(d.wait(), hit(0x1004, 1));
});

test('a step with a signal ends at the first instruction of its handler, with si_code SIGTRAP (as Linux 6.18 answers)', (t) => {
  const d = debuggee();
  handle(d, 'SIGUSR1', 2);
  d.queue(nop, nop);
  d.tracer.singleStep(d.task, 'SIGUSR1');
  t.like(d.tracer.wait(), { kind: 'signal', info: { si_signo: 'SIGTRAP', si_code: 5, si_pid: d.task.pid } });
  t.is(d.task.stack.length, 2, 'the handler has executed nothing');
  t.is(d.task.context.singleStep, false, 'TF of the handler');
  d.tracer.singleStep(d.task);
  t.deepEqual(d.wait(), stepped(0x1004));
  t.deepEqual(d.run(), [], 'what it returns to does not step on its own');
});

test('a step with a signal that is ignored, or that is blocked, steps', (t) => {
  const d = debuggee();
  d.task.handlers.set('SIGUSR1', 'ignore');
  d.queue(nop);
  d.tracer.singleStep(d.task, 'SIGUSR1');
  t.deepEqual(d.wait(), stepped(4));
  handle(d, 'SIGUSR1', 1);
  d.task.blocked.add('SIGUSR1');
  d.queue(nop);
  d.tracer.singleStep(d.task, 'SIGUSR1');
  t.deepEqual(d.wait(), stepped(8));
  t.is(d.task.pending.length, 1, 'it waits, and is asked about when it is let through');
});

test('stepping with a deadly signal kills; the debugger is told', (t) => {
  const d = debuggee();
  d.tracer.singleStep(d.task, 'SIGTERM');
  t.like(d.wait(), { code: 'killed by SIGTERM' });
});

test('SIGSTOP that is passed on stops the tracee again and is reported again; SIGCONT ends nothing while it is traced', (t) => {
  const d = debuggee();
  send(d, 'SIGSTOP');
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SIGSTOP' });
  d.tracer.cont(d.task, 'SIGSTOP');
  t.like(d.wait(), { code: 'SIGSTOP' });
  send(d, 'SIGCONT');
  t.is(d.task.state, 'stopped');
  t.deepEqual(
    d.run(nop).map(({ code }) => code),
    ['SIGCONT'],
  );
});
