import { x86 } from '@hwbp/arch-x86';
import { composeKernel, KernelError, perfEvents, program } from '@hwbp/core';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import test from 'ava';

test('after stop perf opens nothing, and its files refuse every call', (t) => {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: perfEvents(), plugins: [Perf] });
  const perf = kernel.get(Perf);
  const task = kernel.machine.spawn(program([]));
  const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  const file = perf.open(attr, { pid: task.pid });
  file.mmap(1);
  kernel.dispose();
  t.throws(() => perf.open(attr, { pid: task.pid }), { instanceOf: KernelError, code: 'PERF_STOPPED' });
  for (const call of [
    () => file.read(),
    () => file.enable(),
    () => file.mmap(1),
    () => file.munmap(),
    () => file.poll(),
  ]) {
    t.throws(call, { instanceOf: KernelError, code: 'PERF_CLOSED' }, String(call));
  }
});
