import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, architecture, flexible, type Kernel, perfEvents, priorities, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Kgdb } from '@hwbp/kgdb';
import { Kwatch } from '@hwbp/kwatch';
import { PERF_TYPE_BREAKPOINT, PERF_TYPE_SOFTWARE, Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract, fakeBackend } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
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

/** Files of a task and of a CPU, with a ring, a group, signals and records of tasks. */
function useFiles(perf: Perf, { machine }: Kernel): void {
  const task = machine.spawn(program([]), { run: false });
  const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000n, bp_len: 4, sample_period: 1 };
  const leader = perf.open({ ...attr, task: true, comm: true, context_switch: true }, { pid: task.pid });
  leader.mmap(1);
  leader.async({ owner: task });
  perf.open({ ...attr, disabled: true }, { pid: task.pid, groupFd: leader.fd }).setOutput(leader);
  perf.open({ ...attr, sample_period: 0 }, { pid: -1, cpu: 1 });
  perf.open({ type: PERF_TYPE_SOFTWARE, config: 3, inherit: true }, { pid: task.pid });
}

consumerContract({
  test,
  name: 'perf',
  consumer: Perf,
  compose: () => ({ arch: x86(), cpus: 2, breakpointScheduler: perfEvents() }),
  use: useFiles,
});

consumerContract({
  test,
  name: 'perf with flexible breakpoints on a fake',
  consumer: Perf,
  compose: () => ({
    arch: architecture(fakeBackend({ slots: 2 })),
    cpus: 2,
    breakpointScheduler: perfEvents({ exclusiveBreakpoints: true }),
    slotPolicy: flexible(),
  }),
  use: useFiles,
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

for (const [threads, arch] of [
  ['cpus', x86()],
  ['tasks', x86()],
  ['cpus', ppc64()],
] as const) {
  consumerContract({
    test,
    name: `kgdb on ${arch.backend.manifest.name}, threads are ${threads}`,
    consumer: Kgdb,
    compose: () => ({ arch, cpus: 2 }),
    use(kgdb, { machine }) {
      // A debugger that has stopped the machine, with a breakpoint of each kind.
      if (machine.tasks.size === 0) machine.spawn(program([]), { run: false });
      const session = kgdb.attach({ send: () => {}, threads });
      for (const packet of ['$Z0,400000,1#37', '$Z1,400000,1#38', '$Z2,1000,4#d9']) {
        session.receive(Uint8Array.from(packet, (character) => character.charCodeAt(0)));
      }
    },
  });
}

/** Watches of the kernel and of a task, more than there are registers. */
function useWatches(kwatch: Kwatch, { machine }: Kernel): void {
  const task = machine.spawn(program([]), { run: false });
  const request = { length: 8, type: 2, triggered: () => {}, installed: () => {}, uninstalled: () => {} };
  for (const attitude of ['step-aside', 'keep-ptrace', 'break-ptrace'] as const) {
    kwatch.registerKernel({ ...request, address: 0x1000n, attitude });
    kwatch.registerUser(task, { ...request, address: 0x2000n, attitude });
  }
  kwatch.calls.register_kernel_hw_breakpoint({ ...request, address: 0x3000n, priority: 0 });
}

const KWATCH_ON: Readonly<Record<string, () => Architecture>> = {
  x86: () => x86(),
  'ppc64 power8': () => ppc64({ cpu: 'power8' }),
  'ppc64 power10': () => ppc64({ cpu: 'power10' }),
  'a fake of one register': () => architecture(fakeBackend({ slots: 1 })),
  'a fake with separate registers': () => architecture(fakeBackend({ slots: { data: 3, instruction: 2 } })),
};

for (const [name, arch] of Object.entries(KWATCH_ON)) {
  for (const scheduler of ['direct', 'events'] as const) {
    consumerContract({
      test,
      name: `kwatch on ${name}, ${scheduler}`,
      consumer: Kwatch,
      compose: () => ({
        arch: arch(),
        cpus: 3,
        offline: [2],
        slotPolicy: priorities(),
        ...(scheduler === 'direct' ? {} : { breakpointScheduler: perfEvents() }),
      }),
      use: useWatches,
    });
  }
}

for (const arch of [x86(), ppc64({ cpu: 'power7' }), ppc64({ cpu: 'power10' }), architecture(fakeBackend())]) {
  consumerContract({
    test,
    name: `xmon on ${arch.backend.manifest.name}`,
    consumer: Xmon,
    compose: () => ({ arch, cpus: 2 }),
    use(xmon, { machine, breakpoints: { manifest } }) {
      // An xmon that has stopped the machine, with a breakpoint of each kind.
      if (machine.tasks.size === 0) machine.spawn(program([]), { run: false });
      const session = xmon.open();
      session.enter();
      const address = manifest.directMap.toString(16);
      for (const command of ['b', 'bi', 'bd']) session.line(`${command} ${address}`);
    },
  });
}
