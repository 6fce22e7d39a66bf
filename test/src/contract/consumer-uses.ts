import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, program, type Task } from '@hwbp/core';
import type { KsymTracer } from '@hwbp/ftrace';
import type { History } from '@hwbp/history';
import type { Kgdb, KgdbSession } from '@hwbp/kgdb';
import type { Kvm } from '@hwbp/kvm';
import type { Kwatch } from '@hwbp/kwatch';
import { PERF_TYPE_BREAKPOINT, PERF_TYPE_SOFTWARE, type Perf } from '@hwbp/perf';
import type { Ptrace } from '@hwbp/ptrace';
import type { Xmon } from '@hwbp/xmon';

/** Names what can be done with what a consumer handed out: see `ConsumerContractOptions.use`. */
type Later = (act: () => unknown) => void;

const asleep = ({ machine }: Kernel): Task => machine.spawn(program([]), { run: false });

/** An entry of the filter, and a listener. */
export function useKsymTracer(tracer: KsymTracer, _kernel: Kernel, _task: Task, later: Later): void {
  const { files } = tracer;
  const watch = (): void => {
    files.write('current_tracer', 'ksym_tracer');
    files.write('ksym_trace_filter', 'pid_max:-w-');
  };
  watch();
  tracer.subscribe(() => {});
  later(watch);
  later(() => tracer.subscribe(() => {}));
  later(() => tracer.selfTest());
}

/** Tracees with one watch in their debug registers: one that never ran, and one that is being stepped. */
export function usePtrace(ptrace: Ptrace, kernel: Kernel, running: Task, later: Later): void {
  const sleeping = asleep(kernel);
  const tracer = ptrace.tracer();
  for (const task of [sleeping, running]) {
    if (!task.alive || ptrace.tracerOf(task) !== undefined) continue;
    tracer.attach(task);
    later(() => tracer.attach(task));
    later(() => tracer.seize(task));
    if (tracer.wait(task) === undefined) continue;
    const watch = (): void => {
      tracer.pokeUser(task, tracer.debugOffset(0), 0x1000n);
      tracer.pokeUser(task, tracer.debugOffset(7), 0x1_0001n);
    };
    watch();
    later(watch);
  }
  later(() => tracer.traceMe(asleep(kernel)));
  later(() => ptrace.tracer().attach(asleep(kernel)));
  if (ptrace.tracerOf(running) !== tracer) return;
  tracer.singleStep(running);
  later(() => tracer.singleStep(running));
  later(() => tracer.syscall(running));
}

/** The same on an architecture with debug requests: a watch of either kind. */
export function usePtraceRequests(ptrace: Ptrace, kernel: Kernel, _running: Task, later: Later): void {
  const task = asleep(kernel);
  const tracer = ptrace.tracer();
  tracer.attach(task);
  tracer.wait(task);
  const range = { trigger_type: 4, addr_mode: 1, condition_mode: 0, condition_value: 0n };
  const watch = (): void => {
    tracer.setDebugReg(task, 0, 0x1007n);
    tracer.setHwDebug(task, { version: 1, ...range, addr: 0x2003n, addr2: 0x2103n });
  };
  watch();
  later(watch);
}

/** It looks, and takes nothing: not while it is read, nor when it is cleared. */
export function useHistory(history: History, _kernel: Kernel, _task: Task, later: Later): void {
  history.snapshot();
  history.clear();
  later(() => history.snapshot());
  later(() => history.clear());
}

/** Files of a task and of a CPU, with a ring, a group, signals and records of tasks. */
export function usePerf(perf: Perf, kernel: Kernel, running: Task, later: Later): void {
  const task = running.alive ? running : asleep(kernel);
  const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000n, bp_len: 4, sample_period: 1 };
  const leader = perf.open({ ...attr, task: true, comm: true, context_switch: true }, { pid: task.pid });
  leader.mmap(1);
  leader.async({ owner: task });
  const member = perf.open({ ...attr, disabled: true }, { pid: task.pid, groupFd: leader.fd });
  member.setOutput(leader);
  perf.open({ ...attr, sample_period: 0 }, { pid: -1, cpu: 1 });
  perf.open({ type: PERF_TYPE_SOFTWARE, config: 3, inherit: true }, { pid: task.pid });
  later(() => leader.enable({ group: true }));
  later(() => leader.refresh(1));
  later(() => member.mmap(1));
  later(() => member.modify({ ...attr, bp_addr: 0x2000n }));
  later(() => perf.open(attr, { pid: task.pid }));
}

const packet = (text: string): Uint8Array => {
  const sum = [...text].reduce((total, character) => total + character.charCodeAt(0), 0) & 0xff;
  const whole = `$${text}#${sum.toString(16).padStart(2, '0')}`;
  return Uint8Array.from(whole, (character) => character.charCodeAt(0));
};

/** A debugger that has stopped the machine, with a breakpoint of each kind, in the middle of a step. */
export function useKgdb(kgdb: Kgdb, kernel: Kernel, later: Later, threads: 'cpus' | 'tasks'): void {
  if (kernel.machine.tasks.size === 0) asleep(kernel);
  const session: KgdbSession = kgdb.attach({ send: () => {}, threads });
  const points = ['Z0,400000,1', 'Z1,400000,1', 'Z2,1000,4'];
  for (const text of [...points, 'vCont;s:1']) session.receive(packet(text));
  for (const text of [...points, 'c', 's', '?']) later(() => session.receive(packet(text)));
  later(() => session.run(10));
  later(() => kgdb.attach({ send: () => {}, threads }));
}

/** Watches of the kernel and of a task, more than there are registers. */
export function useKwatch(kwatch: Kwatch, kernel: Kernel, _task: Task, later: Later): void {
  const task = asleep(kernel);
  const request = { length: 8, type: 2, triggered: () => {}, installed: () => {}, uninstalled: () => {} };
  for (const attitude of ['step-aside', 'keep-ptrace', 'break-ptrace'] as const) {
    kwatch.registerKernel({ ...request, address: 0x1000n, attitude });
    kwatch.registerUser(task, { ...request, address: 0x2000n, attitude });
  }
  const { calls } = kwatch;
  calls.register_kernel_hw_breakpoint({ ...request, address: 0x3000n, priority: 0 });
  later(() => calls.register_kernel_hw_breakpoint({ ...request, address: 0x3000n, priority: 0 }));
  later(() => calls.register_user_hw_breakpoint(task, { ...request, address: 0x3000n, priority: 0 }));
  later(() => kwatch.registerKernel({ ...request, address: 0x3000n }));
  later(() => kwatch.registerUser(task, { ...request, address: 0x3000n }));
}

/** An xmon that has stopped the machine, with a breakpoint of each kind. */
export function useXmon(xmon: Xmon, kernel: Kernel, _task: Task, later: Later): void {
  if (kernel.machine.tasks.size === 0) asleep(kernel);
  const session = xmon.open();
  session.enter();
  const address = kernel.breakpoints.manifest.directMap.toString(16);
  for (const command of ['b', 'bi', 'bd']) session.line(`${command} ${address}`);
  for (const command of ['b', 'bi', 'bd', 's', 'x']) later(() => session.line(`${command} ${address}`));
  later(() => session.enter());
  later(() => session.run(10));
  later(() => xmon.open().enter());
}

/** A guest in which a virtual machine runs, with something armed in it. */
export function useKvm(kvm: Kvm, kernel: Kernel, _task: Task, later: Later): void {
  const vm = kvm.createVm({ cpus: 2 });
  const guest = composeKernel({ arch: x86(), strict: true, hardware: vm.hardware });
  const task = guest.machine.spawn(
    program([{ pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 4 }] }]),
  );
  guest.breakpoints.registerUser({ bp_type: 2, bp_addr: 0x2000n, bp_len: 4 }, () => {}, task);
  guest.machine.run();
  later(() => kvm.createVm({ cpus: 1 }));
  later(() => guest.machine.run(10));
  later(() => kernel.machine.run(10));
}
