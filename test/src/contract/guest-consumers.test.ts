import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type KernelOptions, perfEvents, priorities, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import { Kwatch } from '@hwbp/kwatch';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { consumerContract } from '@hwbp/testkit';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { hosted } from '../kvm/compose-in-guest.js';
import { WriteCounter } from './consumers/write-counter.js';

/** A guest in which a virtual machine runs, with something armed in it. */
function useKvm(kvm: Kvm): void {
  const vm = kvm.createVm({ cpus: 2 });
  const guest = composeKernel({ arch: x86(), strict: true, hardware: vm.hardware });
  const task = guest.machine.spawn(
    program([{ pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 4 }] }]),
  );
  guest.breakpoints.registerUser({ bp_type: 2, bp_addr: 0x2000n, bp_len: 4 }, () => {}, task);
  guest.machine.run();
}

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
    name: `kwatch in ${name}`,
    consumer: Kwatch,
    ...inside({ slotPolicy: priorities() }),
    use(kwatch, { machine }) {
      const task = machine.spawn(program([]), { run: false });
      const request = { length: 8, type: 2, triggered: () => {} };
      kwatch.registerKernel({ ...request, address: 0x1000n });
      kwatch.registerUser(task, { ...request, address: 0x2000n, attitude: 'break-ptrace' });
    },
  });

  consumerContract({ test, name: `kvm in ${name}`, consumer: Kvm, ...inside(), use: useKvm });

  consumerContract({
    test,
    name: `ksym tracer in ${name}`,
    consumer: KsymTracer,
    ...inside({ symbols: [{ name: 'pid_max', address: 0xffff_ffff_8200_0000n, size: 4 }] }),
    use: (tracer) => {
      tracer.files.write('current_tracer', 'ksym_tracer');
      tracer.files.write('ksym_trace_filter', 'pid_max:-w-');
    },
  });

  consumerContract({
    test,
    name: `ptrace in ${name}`,
    consumer: Ptrace,
    ...inside(),
    use(ptrace, { machine }) {
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
    name: `perf in ${name}`,
    consumer: Perf,
    ...inside({ breakpointScheduler: perfEvents() }),
    use(perf, { machine }) {
      const { pid } = machine.spawn(program([]), { run: false });
      perf.open({ type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000n, bp_len: 4, sample_period: 1 }, { pid });
    },
  });

  consumerContract({
    test,
    name: `kgdb in ${name}`,
    consumer: Kgdb,
    ...inside(),
    use(kgdb, { machine }) {
      if (machine.tasks.size === 0) machine.spawn(program([]), { run: false });
      const session = kgdb.attach({ send: () => {} });
      for (const packet of ['$Z0,400000,1#37', '$Z1,400000,1#38', '$Z2,1000,4#d9']) {
        session.receive(Uint8Array.from(packet, (character) => character.charCodeAt(0)));
      }
    },
  });

  consumerContract({
    test,
    name: `xmon in ${name}`,
    consumer: Xmon,
    ...inside(),
    use(xmon, { machine }) {
      if (machine.tasks.size === 0) machine.spawn(program([]), { run: false });
      const session = xmon.open();
      session.enter();
      for (const command of ['b', 'bi', 'bd']) session.line(`${command} ffffffff81000000`);
    },
  });
}
