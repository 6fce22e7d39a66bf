import { coreError, HW_BREAKPOINT_RW, KernelError } from '@hwbp/core';
import test from 'ava';
import { readingArch } from './reading-arch.js';
import { addressOf, armed, failingX86, refusal, registered, touch, traced, tracing } from './support.js';

const FILTER = 'ksym_trace_filter';

test('other ops replace: on every CPU (41), on its own CPU (40), in place, without a second slot', (t) => {
  const { files, kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 3 });
  const members = [...kernel.breakpoints.registered];
  files.write(FILTER, 'pid_max:rw-');
  t.is(files.read(FILTER), 'pid_max:rw-\n');
  t.deepEqual([...kernel.breakpoints.registered], members);
  t.deepEqual(
    registered(kernel),
    [0, 1, 2].map((cpu) => `ksym_tracer cpu${cpu} 0xffffffff82a05104 3/4`),
  );
  t.is(armed(kernel).length, 3);
  for (const cpu of [0, 1, 2]) touch(kernel, [['pid_max', 'read']], cpu);
  t.deepEqual(
    ksym.records.map((record) => record.cpu),
    [0, 1, 2],
  );
});

test('a replaced symbol keeps firing (h), keeps its place and its counter, and can be removed (h)', (t) => {
  const { files, kernel, ksym } = tracing(['pid_max:-w-', 'jiffies:-w-']);
  touch(kernel, [['pid_max', 'write']]);
  files.write(FILTER, 'pid_max:rw-');
  touch(kernel, [['pid_max', 'read']]);
  t.deepEqual(
    ksym.entries.map(({ symbol, type, count }) => [symbol, type, count]),
    [
      ['jiffies', 'w', 0],
      ['pid_max', 'rw', 2],
    ],
  );
  files.write(FILTER, 'pid_max:---');
  touch(kernel, [['pid_max', 'write']]);
  t.is(ksym.records.length, 2);
});

test('a full set of registers does not keep ops from being replaced', (t) => {
  const { files } = tracing(['jiffies:-w-', 'pid_max:-w-', 'nr_threads:-w-', 'max_threads:-w-']);
  files.write(FILTER, 'pid_max:rw-');
  t.is(files.read(FILTER), 'max_threads:-w-\nnr_threads:-w-\npid_max:rw-\njiffies:-w-\n');
});

test('a replacement that the architecture refuses keeps the old setting, and it keeps firing', (t) => {
  const { files, kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2 });
  const before = registered(kernel);
  t.is(refusal(t, () => files.write(FILTER, 'pid_max:r--')).errno, 'EINVAL');
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  t.deepEqual(registered(kernel), before);
  touch(kernel, [['pid_max', 'write']], 1);
  t.is(ksym.records.length, 1);
});

test('a replacement that fails on a later CPU is undone on the earlier ones, and reported (42)', (t) => {
  let requests = 0;
  const arch = failingX86(({ bp_type }) => {
    if (bp_type !== HW_BREAKPOINT_RW || ++requests !== 3) return undefined;
    return coreError('HWBP_ARCH_NO_DEVICE', 'CPU 2 has lost its registers');
  });
  const { files, kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 4, arch });
  const before = [registered(kernel), armed(kernel)];
  t.is(refusal(t, () => files.write(FILTER, 'pid_max:rw-')).errno, 'ENODEV');
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  t.deepEqual([registered(kernel), armed(kernel)], before);
  for (const cpu of [0, 1, 2, 3])
    touch(
      kernel,
      [
        ['pid_max', 'read'],
        ['pid_max', 'write'],
      ],
      cpu,
    );
  t.deepEqual(
    ksym.records.map(({ cpu, type }) => [cpu, type]),
    [0, 1, 2, 3].map((cpu) => [cpu, 'w']),
  );
  files.write(FILTER, 'pid_max:rw-');
  t.is(files.read(FILTER), 'pid_max:rw-\n');
});

test('a new symbol that fails on a later CPU is undone exactly where it was done, and reported (37, 38, g)', (t) => {
  const { files, kernel } = traced({ cpus: 3 });
  const attr = { bp_type: HW_BREAKPOINT_RW, bp_len: 4 };
  for (let i = 0; i < 4; i++) {
    const bp_addr = addressOf('jiffies') + BigInt(0x1000 + i * 4);
    kernel.breakpoints.registerCpu({ ...attr, bp_addr }, () => {}, 1, { owner: 'sampler' });
  }
  const before = registered(kernel);
  const error = refusal(t, () => files.write(FILTER, 'pid_max:rw-'));
  t.is(error.errno, 'ENOSPC');
  t.is(error.code, 'HWBP_NO_SLOT');
  t.regex(error.message, /CPU 1 .*4 of 4 are taken by sampler/);
  t.is(files.read(FILTER), '');
  t.deepEqual(registered(kernel), before);
});

test('ENOSPC comes from the real allocator, not from a limit of entries, and names the holders', (t) => {
  const { files, kernel } = traced({ cpus: 4 });
  for (const symbol of ['jiffies', 'pid_max', 'nr_threads', 'max_threads']) files.write(FILTER, `${symbol}:-w-`);
  const error = refusal(t, () => files.write(FILTER, 'panic_timeout:-w-'));
  t.is(error.errno, 'ENOSPC');
  t.regex(error.message, /4 of 4 are taken by ksym_tracer/);
  t.is(kernel.breakpoints.registered.length, 16);
  files.write(FILTER, 'jiffies:---');
  files.write(FILTER, 'panic_timeout:-w-');
  const { files: small } = traced({ arch: readingArch() });
  small.write(FILTER, 'jiffies:-w-');
  small.write(FILTER, 'pid_max:-w-');
  t.regex(refusal(t, () => small.write(FILTER, 'nr_threads:-w-')).message, /2 of 2 are taken/);
});

test('ENOSPC comes before what the architecture would say', (t) => {
  const { files } = tracing(['jiffies:-w-', 'pid_max:-w-', 'nr_threads:-w-', 'max_threads:-w-']);
  t.is(refusal(t, () => files.write(FILTER, 'odd_flag:-w-')).errno, 'ENOSPC');
  t.is(refusal(t, () => files.write(FILTER, 'panic_timeout:r--')).errno, 'ENOSPC');
});

for (const errno of ['EAGAIN', 'ENOMEM', 'EFAULT', 'ENODEV', 'EOPNOTSUPP'] as const) {
  test(`${errno} of a registration comes through as it is: no error becomes EAGAIN or success`, (t) => {
    const { files, kernel } = traced({
      cpus: 2,
      arch: failingX86(() => new KernelError('SOME_CODE', errno, 'because')),
    });
    const error = refusal(t, () => files.write(FILTER, 'pid_max:-w-'));
    t.is(error.errno, errno);
    t.is(error.code, 'SOME_CODE');
    t.is(files.read(FILTER), '');
    t.false(kernel.breakpoints.isUsed);
  });
}

test('an error that is no KernelError comes through as it is, too', (t) => {
  const bug = new RangeError('a bug of the backend');
  const { files, kernel } = traced({ arch: failingX86(() => bug) });
  t.is(
    t.throws(() => files.write(FILTER, 'pid_max:-w-')),
    bug,
  );
  t.false(kernel.breakpoints.isUsed);
});

test('the settings of the entry do not come from one CPU (43, 8.3): CPU 0 may be gone', (t) => {
  const { files, kernel } = tracing(['pid_max:-w-'], { cpus: 2 });
  kernel.machine.setOnline(0, false);
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  t.is(refusal(t, () => files.write(FILTER, 'pid_max:-w-')).code, 'KSYM_DUPLICATE');
  files.write(FILTER, 'pid_max:rw-');
  t.deepEqual(registered(kernel), ['ksym_tracer cpu1 0xffffffff82a05104 3/4']);
});

test('an architecture that is not x86 gets type, address, length and handler, too (39)', (t) => {
  const { files, kernel, ksym } = tracing(['jiffies:r--', 'odd_flag:rw-'], { arch: readingArch() });
  t.deepEqual(registered(kernel), [
    'ksym_tracer cpu0 0xffffffff82a05000 1/4',
    'ksym_tracer cpu0 0xffffffff82a05502 3/4',
  ]);
  touch(kernel, [
    ['jiffies', 'write'],
    ['jiffies', 'read'],
    ['odd_flag', 'write'],
  ]);
  t.deepEqual(
    ksym.records.map(({ symbol, type }) => [symbol, type]),
    [
      ['jiffies', 'r'],
      ['odd_flag', 'rw'],
    ],
  );
  t.regex(files.read('trace'), /jiffies R {2}do_fork\+0x8\/0x300\n/);
});
