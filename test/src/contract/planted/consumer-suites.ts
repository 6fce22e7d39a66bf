import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { perfEvents, priorities } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import { Kwatch } from '@hwbp/kwatch';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract, type TestFunction } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
import {
  useKgdb,
  useKsymTracer,
  useKvm,
  useKwatch,
  usePerf,
  usePtrace,
  usePtraceRequests,
  useXmon,
} from '../consumer-uses.js';

const name = 'planted';

/** Consumers. */
export const SUITES = {
  ptrace: (test: TestFunction) =>
    consumerContract({ test, name, consumer: Ptrace, compose: () => ({ arch: x86(), cpus: 2 }), use: usePtrace }),
  ptraceRequests: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: Ptrace,
      compose: () => ({ arch: ppc64({ cpu: 'power10' }), cpus: 2 }),
      use: usePtraceRequests,
    }),
  kgdb: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: Kgdb,
      compose: () => ({ arch: x86(), cpus: 2 }),
      use: (kgdb, kernel, _task, later) => useKgdb(kgdb, kernel, later, 'cpus'),
    }),
  ksym: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: KsymTracer,
      compose: () => ({
        arch: x86(),
        cpus: 2,
        symbols: [{ name: 'pid_max', address: 0xffff_ffff_8200_0000n, size: 4 }],
      }),
      use: useKsymTracer,
    }),
  perf: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: Perf,
      compose: () => ({ arch: x86(), cpus: 2, breakpointScheduler: perfEvents() }),
      use: usePerf,
    }),
  kwatch: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: Kwatch,
      compose: () => ({ arch: x86(), cpus: 2, slotPolicy: priorities() }),
      use: useKwatch,
    }),
  kvm: (test: TestFunction) =>
    consumerContract({ test, name, consumer: Kvm, compose: () => ({ arch: x86(), cpus: 2 }), use: useKvm }),
  xmon: (test: TestFunction) =>
    consumerContract({
      test,
      name,
      consumer: Xmon,
      compose: () => ({ arch: ppc64({ cpu: 'power10' }), cpus: 2 }),
      use: useXmon,
    }),
} as const;
