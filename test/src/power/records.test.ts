import { x86 } from '@hwbp/arch-x86';
import { directScheduler, perfEvents, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Perf } from '@hwbp/perf';
import test from 'ava';
import { SYMBOLS, touch, tracing } from '../ftrace/support.js';
import { A, PerfRig, WATCH } from '../perf/support.js';
import { store } from './support.js';

/*
 * What keeps records of hits, when its kernel ends or crashes: nothing is added to what the kernel before has recorded,
 * and the one after begins with nothing.
 */

const HOWS = ['kexec', 'crash'] as const;

test('the ksym tracer of the kernel before records nothing more, and that of the next one what it selects itself', (t) => {
  for (const how of HOWS) {
    for (const scheduler of [directScheduler, perfEvents]) {
      const { kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2, breakpointScheduler: scheduler() });
      for (const cpu of [0, 1]) touch(kernel, [['pid_max', 'write']], cpu);
      t.is(ksym.records.length, 2);
      const next = kernel[how]({
        arch: x86(),
        breakpointScheduler: scheduler(),
        symbols: SYMBOLS,
        plugins: [KsymTracer],
        strict: true,
      });
      const own = next.get(KsymTracer);
      for (const cpu of [0, 1]) touch(next, [['pid_max', 'write']], cpu);
      t.deepEqual([ksym.records.length, own.records.length, next.breakpoints.isUsed], [2, 0, false], how);
      own.files.write('current_tracer', 'ksym_tracer');
      own.files.write('ksym_trace_filter', 'pid_max:-w-');
      for (const cpu of [0, 1]) touch(next, [['pid_max', 'write']], cpu);
      kernel.dispose();
      for (const cpu of [0, 1]) touch(next, [['pid_max', 'write']], cpu);
      t.deepEqual([ksym.records.length, own.records.length], [2, 4], how);
      next.dispose();
    }
  }
});

test('files of perf count nothing more once their kernel has ended or crashed, and take no slot of the next one', (t) => {
  for (const how of HOWS) {
    const rig = new PerfRig();
    const worker = rig.worker({ affinity: [1] });
    const files = [rig.file(worker), rig.file(0), rig.file(1)];
    worker.store(A, 2);
    const counts = files.map(({ event }) => event.count);
    t.deepEqual(counts, [2, 0, 2]);
    const next = rig.kernel[how]({ arch: x86(), breakpointScheduler: perfEvents(), plugins: [Perf], strict: true });
    const own = [0, 1, 0, 1].map((cpu) => next.get(Perf).open(WATCH, { pid: -1, cpu }));
    for (const cpu of [0, 1]) next.machine.spawn(program([store(A)]), { affinity: [cpu] });
    next.machine.run();
    t.deepEqual(
      own.map(({ event }) => event.count),
      [1, 1, 1, 1],
    );
    next.dispose();
    rig.kernel.dispose();
    t.deepEqual(
      files.map(({ event }) => event.count),
      counts,
    );
  }
});
