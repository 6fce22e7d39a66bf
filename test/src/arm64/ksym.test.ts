import { arm64 } from '@hwbp/arch-arm64';
import test from 'ava';
import { SYMBOLS, touch, tracing } from '../ftrace/support.js';

for (const strict of [true, false]) {
  test(`the ksym tracer on arm64, ${strict ? 'strict' : 'with quirks'}: every access once, in ftrace’s own words`, (t) => {
    const { kernel, files } = tracing(['pid_max:-w-', 'panic_timeout:rw-'], { arch: arm64(), cpus: 2, strict });
    touch(
      kernel,
      [
        ['pid_max', 'read'],
        ['pid_max', 'write'],
        ['panic_timeout', 'readwrite'],
        ['nr_threads', 'write'],
      ],
      1,
      { pid: 7 },
    );
    // Linux tells of it before the access, at the instruction itself.
    const [at, behind] = strict ? ['0x8', '0xc'] : ['0x4', '0x8'];
    const lines = files.read('trace').split('\n').slice(2);
    t.deepEqual(
      lines.filter((line) => line !== '').map((line) => line.trim().replaceAll(/ +/g, ' ')),
      [`bash-7 [001] pid_max W do_fork+${at}/0x300`, `bash-7 [001] panic_timeout RW do_fork+${behind}/0x300`],
    );
  });
}

test('reads alone can be traced; a neighbour in the same doubleword is not', (t) => {
  const { kernel, ksym } = tracing(['pid_max:r--'], { arch: arm64() });
  touch(kernel, [
    ['pid_max', 'write'],
    ['pid_max', 'read'],
    ['jiffies', 'read'],
  ]);
  t.deepEqual(
    ksym.records.map(({ type }) => type),
    ['r'],
  );
});

test('as many symbols as there are watchpoints, whatever the number of breakpoints', (t) => {
  const { files } = tracing(['pid_max:-w-', 'nr_threads:-w-'], { arch: arm64({ brps: 16, wrps: 2 }) });
  t.throws(() => files.write('ksym_trace_filter', 'jiffies:-w-'), { message: /ENOSPC.*ksym_tracer/ });
});

test('the self-test passes, and the symbols lie where the kernel is', (t) => {
  t.notThrows(() => tracing([], { arch: arm64() }).ksym.selfTest());
  t.true(SYMBOLS.every(({ address }) => address >= 1n << 48n));
});
