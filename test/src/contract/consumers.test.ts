import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { architecture, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract, fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import { WriteCounter } from './consumers/write-counter.js';

consumerContract({
  test,
  name: 'write counter on x86',
  consumer: WriteCounter,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use: (counter) => counter.watch(0x1000n),
});

consumerContract({
  test,
  name: 'write counter on a fake',
  consumer: WriteCounter,
  compose: () => ({ arch: architecture(fakeBackend({ slots: 1 })), cpus: 3, offline: [2] }),
  use: (counter) => counter.watch(0x1000n),
});

consumerContract({
  test,
  name: 'ksym tracer',
  consumer: KsymTracer,
  compose: () => ({
    arch: x86(),
    cpus: 2,
    symbols: [{ name: 'pid_max', address: 0xffff_ffff_8200_0000n, size: 4 }],
  }),
  use: (tracer) => {
    tracer.files.write('current_tracer', 'ksym_tracer');
    tracer.files.write('ksym_trace_filter', 'pid_max:-w-');
    tracer.subscribe(() => {});
  },
});

consumerContract({
  test,
  name: 'ptrace',
  consumer: Ptrace,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use(ptrace, { machine }) {
    // A tracee that is stopped with one watch in its debug registers.
    const task = machine.spawn(program([]), { run: false });
    const tracer = ptrace.tracer();
    tracer.attach(task);
    tracer.wait(task);
    tracer.pokeUser(task, tracer.debugOffset(0), 0x1000n);
    tracer.pokeUser(task, tracer.debugOffset(7), 0x1_0001n);
  },
});

consumerContract({
  test,
  name: 'ksym tracer on ppc64',
  consumer: KsymTracer,
  compose: () => ({
    arch: ppc64({ cpu: 'power8' }),
    cpus: 2,
    symbols: [{ name: 'pid_max', address: 0xc000_0000_0200_0000n, size: 4 }],
  }),
  use: (tracer) => {
    tracer.files.write('current_tracer', 'ksym_tracer');
    tracer.files.write('ksym_trace_filter', 'pid_max:-w-');
    tracer.subscribe(() => {});
  },
});

consumerContract({
  test,
  name: 'ptrace on ppc64',
  consumer: Ptrace,
  compose: () => ({ arch: ppc64({ cpu: 'power10' }), cpus: 2 }),
  use(ptrace, { machine }) {
    // A tracee that is stopped with a watch of either kind.
    const task = machine.spawn(program([]), { run: false });
    const tracer = ptrace.tracer();
    tracer.attach(task);
    tracer.wait(task);
    tracer.setDebugReg(task, 0, 0x1007n);
    const range = { trigger_type: 4, addr_mode: 1, condition_mode: 0, condition_value: 0n };
    tracer.setHwDebug(task, { version: 1, ...range, addr: 0x2003n, addr2: 0x2103n });
  },
});
