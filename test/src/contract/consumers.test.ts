import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, architecture, flexible, perfEvents, priorities } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { History } from '@hwbp/history';
import { Kgdb } from '@hwbp/kgdb';
import { Kwatch } from '@hwbp/kwatch';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract, fakeBackend } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import {
  useHistory,
  useKgdb,
  useKsymTracer,
  useKwatch,
  usePerf,
  usePtrace,
  usePtraceRequests,
  useXmon,
} from './consumer-uses.js';
import { WriteCounter } from './consumers/write-counter.js';

consumerContract({
  test,
  name: 'write counter on x86',
  consumer: WriteCounter,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use(counter, _kernel, _task, later) {
    counter.watch(0x1000n);
    later(() => counter.watch(0x1000n));
  },
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
  use: useKsymTracer,
});

consumerContract({
  test,
  name: 'history',
  consumer: History,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use: useHistory,
});

consumerContract({
  test,
  name: 'history of events on ppc64',
  consumer: History,
  compose: () => ({
    arch: ppc64({ cpu: 'power10' }),
    cpus: 2,
    breakpointScheduler: perfEvents(),
    slotPolicy: flexible(),
  }),
  use: useHistory,
});

consumerContract({
  test,
  name: 'ptrace',
  consumer: Ptrace,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use: usePtrace,
});

consumerContract({
  test,
  name: 'perf',
  consumer: Perf,
  compose: () => ({ arch: x86(), cpus: 2, breakpointScheduler: perfEvents() }),
  use: usePerf,
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
  use: usePerf,
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
  use: useKsymTracer,
});

consumerContract({
  test,
  name: 'ptrace on ppc64',
  consumer: Ptrace,
  compose: () => ({ arch: ppc64({ cpu: 'power10' }), cpus: 2 }),
  use: usePtraceRequests,
});

consumerContract({
  test,
  name: 'ksym tracer on arm64',
  consumer: KsymTracer,
  compose: () => ({
    arch: arm64(),
    cpus: 2,
    symbols: [{ name: 'pid_max', address: 0xffff_8000_8200_0000n, size: 4 }],
  }),
  use: useKsymTracer,
});

consumerContract({
  test,
  name: 'perf on arm64',
  consumer: Perf,
  compose: () => ({ arch: arm64(), cpus: 2, breakpointScheduler: perfEvents() }),
  use: usePerf,
});

for (const [threads, arch] of [
  ['cpus', x86()],
  ['tasks', x86()],
  ['cpus', ppc64()],
  ['tasks', arm64()],
] as const) {
  consumerContract({
    test,
    name: `kgdb on ${arch.backend.manifest.name}, threads are ${threads}`,
    consumer: Kgdb,
    compose: () => ({ arch, cpus: 2 }),
    use: (kgdb, kernel, _task, later) => useKgdb(kgdb, kernel, later, threads),
  });
}

const KWATCH_ON: Readonly<Record<string, () => Architecture>> = {
  x86: () => x86(),
  'ppc64 power8': () => ppc64({ cpu: 'power8' }),
  'ppc64 power10': () => ppc64({ cpu: 'power10' }),
  arm64: () => arm64({ brps: 2, wrps: 2 }),
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
      use: useKwatch,
    });
  }
}

for (const arch of [x86(), ppc64({ cpu: 'power7' }), ppc64({ cpu: 'power10' }), architecture(fakeBackend())]) {
  consumerContract({
    test,
    name: `xmon on ${arch.backend.manifest.name}`,
    consumer: Xmon,
    compose: () => ({ arch, cpus: 2 }),
    use: useXmon,
  });
}
