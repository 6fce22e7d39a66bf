import { KernelError, program } from '@hwbp/core';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import test from 'ava';
import { ptraceKernel } from './support.js';

test('after stop ptrace makes no tracer, and those that it made refuse every request', (t) => {
  const kernel = ptraceKernel();
  const ptrace = kernel.get(Ptrace);
  const tracer = ptrace.tracer('gdb');
  const task = kernel.machine.spawn(program([]));
  tracer.attach(task);
  kernel.dispose();
  t.throws(() => ptrace.tracer(), { instanceOf: KernelError, code: 'PTRACE_STOPPED' });
  const requests: ((one: Tracer) => unknown)[] = [
    (one) => one.attach(task),
    (one) => one.seize(task),
    (one) => one.cont(task),
    (one) => one.singleStep(task),
    (one) => one.detach(task),
    (one) => one.kill(task),
    (one) => one.setOptions(task, {}),
    (one) => one.wait(),
    (one) => one.poll(),
    (one) => one.getRegs(task),
    (one) => one.peekData(task, 0n),
    (one) => one.peekUser(task, 0),
    (one) => one.getSigInfo(task),
  ];
  for (const request of requests) {
    t.throws(() => request(tracer), { instanceOf: KernelError, code: 'PTRACE_CLOSED' }, String(request));
  }
  ptrace.start();
  t.notThrows(() => ptrace.tracer().close(), 'started again');
});
