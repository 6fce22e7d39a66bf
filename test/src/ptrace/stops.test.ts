import { program, SI_CODES, type SignalName } from '@hwbp/core';
import type { WaitStatus } from '@hwbp/ptrace';
import test from './schedulers.js';
import {
  debuggee,
  debuggeeIn,
  errnoOf,
  kernelCall,
  nop,
  ptraceKernel,
  queueProgram,
  refusal,
  TEXT,
} from './support.js';

// The orders and codes are what Linux 6.18 answers to a program that does the same.

/** A tracer and a task that it has seized, which loops. */
function seized(options = {}) {
  const kernel = ptraceKernel();
  const task = kernel.machine.spawn(
    program(function* () {
      for (;;) yield { pc: TEXT, length: 4 };
    }),
  );
  const tracer = debuggeeIn(kernel).tracer;
  tracer.seize(task, options);
  const send = (si_signo: SignalName) => kernel.machine.sendSignal(task, { si_signo, si_code: SI_CODES.SI_USER });
  /** What it stops for next: signal, si_code and event; undefined if it does not. */
  const next = (): string | undefined => show(tracer.wait(task, 1000));
  return { kernel, task, tracer, send, next };
}

function show(status: WaitStatus | undefined): string | undefined {
  if (status === undefined) return undefined;
  if (status.kind === 'signal') {
    const { si_signo, si_code } = status.info;
    return `${si_signo} ${si_code.toString(16)}${status.event === undefined ? '' : ` ${status.event}`}`;
  }
  return status.kind === 'event' ? `event ${status.event}` : status.kind;
}

test('PTRACE_INTERRUPT stops a tracee that was seized with PTRACE_EVENT_STOP; others refuse it', (t) => {
  const s = seized();
  t.is(s.next(), undefined, 'seizing stops nobody');
  s.tracer.interrupt(s.task);
  t.is(s.next(), 'SIGTRAP 8005 stop');
  t.is(s.task.state, 'stopped');
  t.is(s.tracer.getSigInfo(s.task).si_code, 0x8005);
  s.tracer.interrupt(s.task);
  s.tracer.cont(s.task);
  t.is(s.next(), 'SIGTRAP 8005 stop', 'asked for while it was stopped');
  const d = debuggee();
  t.is(refusal(t, () => d.tracer.interrupt(d.task)).code, 'PTRACE_NOT_SEIZED');
  t.is(refusal(t, () => d.tracer.listen(d.task)).code, 'PTRACE_NOT_SEIZED');
});

test('PTRACE_INTERRUPT of one that waits, or is in a system call', (t) => {
  const kernel = ptraceKernel();
  const { tracer } = debuggeeIn(kernel);
  const asleep = kernel.machine.spawn(() => ({ state: 'asleep', run: () => 0 }));
  tracer.seize(asleep);
  t.is(tracer.wait(asleep, 100), undefined);
  tracer.interrupt(asleep);
  t.is(show(tracer.wait(asleep, 100)), 'SIGTRAP 8005 stop');
  const call = program(Array.from({ length: 10 }, () => ({ pc: 0xffff_ffff_8100_0000n, length: 4 })));
  const inCall = kernel.machine.spawn(program([{ pc: TEXT, length: 2, syscall: call }]));
  tracer.seize(inCall);
  kernel.machine.run(3);
  tracer.interrupt(inCall);
  t.is(show(tracer.wait(inCall, 100)), 'SIGTRAP 8005 stop');
  t.deepEqual([inCall.context.mode, inCall.context.pc], ['user', TEXT + 2n], 'where the call returns');
});

test('a group stop of a tracee that was seized: PTRACE_LISTEN keeps it until SIGCONT', (t) => {
  const s = seized();
  s.send('SIGSTOP');
  t.is(s.next(), 'SIGSTOP 0');
  s.tracer.cont(s.task, 'SIGSTOP');
  t.is(s.next(), 'SIGSTOP 8013 stop');
  s.tracer.listen(s.task);
  t.is(s.next(), undefined);
  t.is(
    errnoOf(() => s.tracer.getRegs(s.task)),
    'ESRCH',
    'it is in no stop of ptrace',
  );
  s.tracer.interrupt(s.task);
  t.is(s.next(), 'SIGSTOP 8013 stop', 'PTRACE_INTERRUPT ends the listening, not the stop');
  s.tracer.listen(s.task);
  s.send('SIGCONT');
  t.is(s.next(), 'SIGTRAP 8005 stop');
  s.tracer.cont(s.task);
  t.is(s.next(), 'SIGCONT 0');
  t.is(refusal(t, () => s.tracer.listen(s.task)).code, 'PTRACE_NO_EVENT_STOP');
  s.tracer.cont(s.task);
  t.is(s.next(), undefined);
  t.is(s.task.state, 'running');
});

test('SIGCONT in a group stop that nobody listens to is told when the tracee goes on', (t) => {
  const s = seized();
  s.send('SIGSTOP');
  s.next();
  s.tracer.cont(s.task, 'SIGSTOP');
  t.is(s.next(), 'SIGSTOP 8013 stop');
  s.send('SIGCONT');
  t.is(s.next(), undefined);
  s.tracer.cont(s.task);
  t.is(s.next(), 'SIGTRAP 8005 stop');
  s.tracer.cont(s.task);
  t.is(s.next(), 'SIGCONT 0');
});

test('a group stop of one that was attached to has no siginfo, and SIGCONT alone lets nobody go', (t) => {
  const d = debuggee();
  d.tracer.cont(d.task, 'SIGSTOP');
  t.is(show(d.tracer.wait(d.task)), 'SIGSTOP 0 stop');
  t.is(refusal(t, () => d.tracer.getSigInfo(d.task)).code, 'PTRACE_NO_SIGINFO');
  d.kernel.machine.sendSignal(d.task, { si_signo: 'SIGCONT', si_code: 0 });
  t.is(d.tracer.poll(d.task), undefined);
  d.queue(nop);
  d.tracer.cont(d.task);
  t.is(show(d.tracer.wait(d.task)), 'SIGCONT 0');
});

test('every thread of a process is told of its stop; a detached one stays stopped', (t) => {
  const kernel = ptraceKernel();
  const spin = program(function* () {
    for (;;) yield { pc: TEXT, length: 4 };
  });
  const leader = kernel.machine.spawn(spin);
  const thread = kernel.machine.fork(leader, spin, { thread: true });
  const { tracer } = debuggeeIn(kernel);
  tracer.seize(leader);
  tracer.seize(thread);
  kernel.machine.sendSignal(leader, { si_signo: 'SIGSTOP', si_code: 0 });
  tracer.wait(leader);
  tracer.cont(leader, 'SIGSTOP');
  t.is(show(tracer.wait(leader)), 'SIGSTOP 8013 stop');
  t.is(show(tracer.wait(thread)), 'SIGSTOP 8013 stop');
  tracer.detach(thread);
  t.is(thread.state, 'stopped');
  tracer.detach(leader);
  kernel.machine.sendSignal(leader, { si_signo: 'SIGCONT', si_code: 0 });
  t.deepEqual([leader.state, thread.state], ['running', 'running']);
});

test('PTRACE_SYSCALL stops where a call begins and where it ends, and says which', (t) => {
  const d = debuggee({ trace: { traceSysGood: true } });
  const done: string[] = [];
  d.queue(
    nop,
    kernelCall(() => done.push('call')),
    nop,
  );
  d.tracer.syscall(d.task);
  t.is(show(d.tracer.wait()), 'SIGTRAP 85 entry');
  t.deepEqual(done, [], 'nothing of it has happened');
  t.is(d.tracer.getEventMsg(d.task), 1n);
  t.is(d.tracer.getRegs(d.task).rip, TEXT + 6n, 'the program stands behind it');
  d.tracer.syscall(d.task);
  t.is(show(d.tracer.wait()), 'SIGTRAP 85 exit');
  t.deepEqual(done, ['call']);
  t.is(d.tracer.getEventMsg(d.task), 2n);
  d.tracer.setOptions(d.task, {});
  d.tracer.syscall(d.task, 'SIGUSR1');
  t.is(show(d.tracer.wait()), 'SIGUSR1 0', 'a signal given there is asked about like any other');
  d.tracer.cont(d.task);
  t.is(show(d.tracer.wait()), 'SIGTRAP 80', 'INT3: cont stops at no call');
});

test('PTRACE_SYSEMU stops where a call begins, which does not happen', (t) => {
  const d = debuggee();
  const done: string[] = [];
  const call = kernelCall(() => done.push('call'));
  d.queue(call, nop, call, nop);
  for (const expected of ['SIGTRAP 5 entry', 'SIGTRAP 5 entry']) {
    d.tracer.sysemu(d.task);
    t.is(show(d.tracer.wait()), expected);
  }
  d.tracer.sysemuSingleStep(d.task);
  t.is(show(d.tracer.wait()), 'SIGTRAP 2', 'a step over what is no call');
  t.deepEqual(done, []);
  d.tracer.cont(d.task);
  t.is(show(d.tracer.wait()), 'SIGTRAP 80');
});

test('exec inside a system call that is traced: the event, then the end of the call', (t) => {
  const d = debuggee({ trace: { traceExec: true } });
  d.queue(d.execCall(), nop);
  const stops: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    d.tracer.syscall(d.task);
    stops.push(show(d.tracer.wait()));
  }
  t.deepEqual(stops, ['SIGTRAP 5 entry', 'event exec', 'SIGTRAP 5 exit', 'SIGTRAP 80']);
});

test('PTRACE_O_TRACEEXIT stops a tracee on the way out, with registers and memory', (t) => {
  const s = seized({ traceExit: true });
  s.send('SIGTERM');
  t.is(s.next(), 'SIGTERM 0');
  s.tracer.cont(s.task, 'SIGTERM');
  const stop = s.tracer.wait(s.task);
  t.like(stop, { kind: 'event', event: 'exit', exit: { signal: 'SIGTERM' } });
  t.true(s.task.alive);
  t.is(s.tracer.getEventMsg(s.task), 15n);
  t.is(s.tracer.getSigInfo(s.task).si_code, 0x605);
  t.is(s.tracer.getRegs(s.task).rip, TEXT + 4n);
  s.tracer.cont(s.task);
  t.deepEqual(s.tracer.wait(s.task), { kind: 'killed', task: s.task, signal: 'SIGTERM' });
  const code = debuggee({ trace: { traceExit: true } });
  code.queue(kernelCall(() => code.kernel.machine.exit(code.task, { code: 3 })));
  code.tracer.cont(code.task);
  t.like(code.tracer.wait(), { event: 'exit', exit: { code: 3 } });
  t.is(code.tracer.getEventMsg(code.task), 0x300n);
  code.kernel.machine.sendSignal(code.task, { si_signo: 'SIGKILL', si_code: 0 });
  t.is(show(code.tracer.wait()), 'exited', 'SIGKILL lets it end as it was about to');
});

test('a child of one that was seized begins with PTRACE_EVENT_STOP, and exec is told by its event alone', (t) => {
  const kernel = ptraceKernel();
  const d = debuggeeIn(kernel);
  const queue = [] as Parameters<typeof queueProgram>[0];
  const task = kernel.machine.spawn(queueProgram(queue));
  d.tracer.seize(task, { traceFork: true });
  let child: typeof task | undefined;
  queue.push(kernelCall(() => (child = kernel.machine.fork(task, queueProgram([])))));
  t.is(show(d.tracer.wait(task)), 'event fork');
  t.is(d.tracer.getEventMsg(task), BigInt(child?.pid ?? 0));
  t.is(show(d.tracer.wait(child)), 'SIGTRAP 8005 stop');
  queue.push(kernelCall(() => kernel.machine.exec(task, queueProgram([]))));
  d.tracer.cont(task);
  t.is(show(d.tracer.wait(task)), 'SIGTRAP 80', 'nothing but the INT3 of the new program');
});
