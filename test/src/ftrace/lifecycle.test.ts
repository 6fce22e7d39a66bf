import { x86 } from '@hwbp/arch-x86';
import { composeKernel } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import test from 'ava';
import { armed, refusal, SYMBOLS, touch, traced, tracing } from './support.js';

const FILTER = 'ksym_trace_filter';

test('stop gives back every breakpoint and subscription; records stay readable; nothing can be written', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-', 'jiffies:rw-'], { cpus: 2 });
  let told = 0;
  ksym.subscribe(() => told++);
  touch(kernel, [['pid_max', 'write']]);
  ksym.stop();
  ksym.stop();
  t.false(kernel.breakpoints.isUsed);
  t.deepEqual(armed(kernel), []);
  touch(kernel, [['pid_max', 'write']]);
  t.is(told, 1);
  t.is(ksym.records.length, 1);
  t.is(files.read(FILTER), '');
  for (const action of [
    () => files.write(FILTER, 'pid_max:-w-'),
    () => files.write('current_tracer', 'ksym_tracer'),
    () => ksym.subscribe(() => {}),
    () => ksym.selfTest(),
  ]) {
    const error = refusal(t, action);
    t.deepEqual([error.code, error.errno], ['FTRACE_STOPPED', 'ENODEV']);
  }
  t.false(kernel.breakpoints.isUsed);
});

test('stop gives back entries that were written while nop was selected', (t) => {
  const { kernel, ksym, files } = traced();
  files.write(FILTER, 'pid_max:-w-');
  t.true(kernel.breakpoints.isUsed);
  ksym.stop();
  t.false(kernel.breakpoints.isUsed);
});

test('it starts again as new; start is idempotent', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-']);
  ksym.start();
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  files.write('tracing_on', '0');
  ksym.stop();
  ksym.start();
  ksym.start();
  t.deepEqual([files.read('current_tracer'), files.read('tracing_on')], ['nop\n', '1\n']);
  files.write('current_tracer', 'ksym_tracer');
  files.write(FILTER, 'pid_max:-w-');
  touch(kernel, [['pid_max', 'write']]);
  t.is(ksym.records.length, 1);
});

test('disposing the kernel stops it', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-'], { cpus: 2 });
  kernel.dispose();
  t.false(kernel.breakpoints.isUsed);
  t.is(ksym.entries.length, 0);
  t.is(refusal(t, () => files.write(FILTER, 'pid_max:-w-')).code, 'FTRACE_STOPPED');
});

test('writes and removals of every kind leak nothing', (t) => {
  const { kernel, files } = traced({ cpus: 2 });
  for (let round = 0; round < 100; round++) {
    files.write(FILTER, 'pid_max:-w-');
    files.write(FILTER, 'pid_max:rw-');
    t.throws(() => files.write(FILTER, 'pid_max:r--'));
    t.throws(() => files.write(FILTER, 'odd_flag:rw-'));
    files.write(FILTER, 'jiffies:rw-');
    kernel.machine.setOnline(1, round % 2 === 0);
    files.write(FILTER, round % 3 === 0 ? 'pid_max:---' : '0');
    if (round % 3 === 0) files.write(FILTER, 'jiffies:---');
  }
  t.false(kernel.breakpoints.isUsed);
  t.deepEqual(armed(kernel), []);
});

test('two kernels live side by side', (t) => {
  const one = tracing(['pid_max:-w-']);
  const two = tracing(['jiffies:rw-']);
  touch(
    one.kernel,
    [
      ['pid_max', 'write'],
      ['jiffies', 'write'],
    ],
    0,
    { comm: 'one' },
  );
  touch(
    two.kernel,
    [
      ['pid_max', 'write'],
      ['jiffies', 'write'],
    ],
    0,
    { comm: 'two' },
  );
  t.deepEqual(
    [one, two].map(({ ksym }) => ksym.records.map(({ comm, symbol }) => `${comm} ${symbol}`)),
    [['one pid_max'], ['two jiffies']],
  );
  one.kernel.dispose();
  t.is(two.files.read(FILTER), 'jiffies:rw-\n');
  t.true(two.kernel.breakpoints.isUsed);
});

test('the composition names it', (t) => {
  using kernel = composeKernel({ arch: x86(), symbols: SYMBOLS, plugins: [KsymTracer] });
  t.deepEqual(kernel.describe().plugins.at(-1), { name: 'ksym_tracer', options: {}, facets: [] });
  t.false(kernel.breakpoints.isUsed);
});
