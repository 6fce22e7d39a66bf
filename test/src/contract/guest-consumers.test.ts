import { x86 } from '@hwbp/arch-x86';
import { type KernelOptions, perfEvents, priorities } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { History } from '@hwbp/history';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import { Kwatch } from '@hwbp/kwatch';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { hosted } from '../kvm/compose-in-guest.js';
import { useHistory, useKgdb, useKsymTracer, useKvm, useKwatch, usePerf, usePtrace, useXmon } from './consumer-uses.js';
import { WriteCounter } from './consumers/write-counter.js';

consumerContract({
  test,
  name: 'kvm on x86',
  consumer: Kvm,
  compose: () => ({ arch: x86(), cpus: 2 }),
  use: useKvm,
});

for (const [name, depth] of Object.entries({ 'a guest': 1, "a guest's guest": 2 })) {
  const inside = (options: Partial<KernelOptions> = {}) => ({
    compose: (): KernelOptions => ({ arch: x86(), ...options, hardware: hosted(depth, x86, { cpus: 2 }).hardware }),
  });

  consumerContract({
    test,
    name: `write counter in ${name}`,
    consumer: WriteCounter,
    ...inside(),
    use: (counter) => counter.watch(0x1000n),
  });

  consumerContract({
    test,
    name: `history in ${name}`,
    consumer: History,
    ...inside(),
    use: useHistory,
  });

  consumerContract({
    test,
    name: `kwatch in ${name}`,
    consumer: Kwatch,
    ...inside({ slotPolicy: priorities() }),
    use: useKwatch,
  });

  consumerContract({ test, name: `kvm in ${name}`, consumer: Kvm, ...inside(), use: useKvm });

  consumerContract({
    test,
    name: `ksym tracer in ${name}`,
    consumer: KsymTracer,
    ...inside({ symbols: [{ name: 'pid_max', address: 0xffff_ffff_8200_0000n, size: 4 }] }),
    use: useKsymTracer,
  });

  consumerContract({
    test,
    name: `ptrace in ${name}`,
    consumer: Ptrace,
    ...inside(),
    use: usePtrace,
  });

  consumerContract({
    test,
    name: `perf in ${name}`,
    consumer: Perf,
    ...inside({ breakpointScheduler: perfEvents() }),
    use: usePerf,
  });

  consumerContract({
    test,
    name: `kgdb in ${name}`,
    consumer: Kgdb,
    ...inside(),
    use: (kgdb, kernel, _task, later) => useKgdb(kgdb, kernel, later, 'cpus'),
  });

  consumerContract({
    test,
    name: `xmon in ${name}`,
    consumer: Xmon,
    ...inside(),
    use: useXmon,
  });
}
