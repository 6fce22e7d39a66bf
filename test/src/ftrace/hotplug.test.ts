import { program, RingLogger } from '@hwbp/core';
import test from 'ava';
import { armed, refusal, registered, touch, tracing } from './support.js';

const FILTER = 'ksym_trace_filter';

test('CPUs that are offline are left out, and do not fail the request (36, f)', (t) => {
  const { files, kernel } = tracing([], { cpus: 4, offline: [0, 2] });
  t.is(files.write(FILTER, 'pid_max:-w-'), 11);
  t.deepEqual(registered(kernel), [
    'ksym_tracer cpu1 0xffffffff82a05104 2/4',
    'ksym_tracer cpu3 0xffffffff82a05104 2/4',
  ]);
});

test('a CPU that comes online is watched with the ops of the day', (t) => {
  const { files, kernel, ksym } = tracing(['pid_max:-w-', 'jiffies:-w-'], { cpus: 2, offline: [1] });
  files.write(FILTER, 'pid_max:rw-');
  files.write(FILTER, 'jiffies:---');
  kernel.machine.setOnline(1, true);
  t.deepEqual(armed(kernel), ['cpu0 ffffffff82a05104 rw', 'cpu1 ffffffff82a05104 rw']);
  touch(kernel, [['pid_max', 'read']], 1);
  t.deepEqual(
    ksym.records.map(({ cpu, type }) => [cpu, type]),
    [[1, 'rw']],
  );
});

test('a CPU that goes offline gives its slots back, and is watched again when it returns', (t) => {
  const { files, kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2 });
  kernel.machine.setOnline(1, false);
  t.deepEqual(registered(kernel), ['ksym_tracer cpu0 0xffffffff82a05104 2/4']);
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  kernel.machine.setOnline(1, true);
  touch(kernel, [['pid_max', 'write']], 1);
  t.is(ksym.records.length, 1);
  files.write(FILTER, '0');
  t.false(kernel.breakpoints.isUsed);
  t.deepEqual(armed(kernel), []);
});

test('what was removed while a CPU was offline does not come back with it', (t) => {
  const { files, kernel } = tracing(['pid_max:-w-'], { cpus: 2 });
  kernel.machine.setOnline(1, false);
  files.write(FILTER, 'pid_max:---');
  kernel.machine.setOnline(1, true);
  t.false(kernel.breakpoints.isUsed);
  t.deepEqual(armed(kernel), []);
});

test('the counters and records of a CPU that went away stay', (t) => {
  const { kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2 });
  touch(kernel, [['pid_max', 'write']], 1);
  kernel.machine.setOnline(1, false);
  t.is(ksym.records.length, 1);
  t.is(ksym.entries[0]?.count, 1);
});

test('a CPU without a free register comes online without the watch; the others keep it, and it can be changed and removed', (t) => {
  const logger = new RingLogger();
  const { files, kernel } = tracing([], { cpus: 2, logger });
  const task = kernel.machine.spawn(program([]), { run: false });
  for (let i = 0; i < 4; i++) {
    const attr = { bp_type: 2, bp_len: 4, bp_addr: BigInt(0x1000 + i * 4) };
    kernel.breakpoints.registerUser(attr, () => {}, task, { owner: 'debugger', cpu: 1 });
  }
  kernel.machine.setOnline(1, false);
  files.write(FILTER, 'jiffies:-w-');
  kernel.machine.setOnline(1, true);
  t.deepEqual(armed(kernel), ['cpu0 ffffffff82a05000 w']);
  t.regex(logger.entries.at(-1)?.message ?? '', /CPU 1 came online without ksym_tracer's breakpoint: .*ENOSPC/);
  t.regex(refusal(t, () => files.write(FILTER, 'pid_max:-w-')).message, /CPU 1 .*4 of 4 .*debugger/);
  files.write(FILTER, 'jiffies:rw-');
  t.deepEqual(armed(kernel), ['cpu0 ffffffff82a05000 rw']);
  files.write(FILTER, 'jiffies:---');
  t.deepEqual(
    kernel.breakpoints.registered.map(({ owner }) => owner),
    ['debugger', 'debugger', 'debugger', 'debugger'],
  );
});
