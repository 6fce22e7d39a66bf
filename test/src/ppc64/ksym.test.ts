import { ppc64 } from '@hwbp/arch-ppc64';
import test from 'ava';
import { SYMBOLS, touch, tracing } from '../ftrace/support.js';

const symbols = SYMBOLS.map((symbol) => ({ ...symbol, address: symbol.address - 0x3000_0000_0000_0000n }));

test('the ksym tracer on POWER10: two symbols, every access once, in ftrace’s own words', (t) => {
  const { kernel, files } = tracing(['pid_max:-w-', 'panic_timeout:rw-'], { arch: ppc64(), cpus: 2 });
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
  const lines = files.read('trace').split('\n').slice(2);
  t.deepEqual(
    lines.filter((line) => line !== '').map((line) => line.trim().replaceAll(/ +/g, ' ')),
    ['bash-7 [001] pid_max W do_fork+0x8/0x300', 'bash-7 [001] panic_timeout RW do_fork+0xc/0x300'],
  );
});

test('reads alone can be traced; a neighbour in the same doubleword is not', (t) => {
  const { kernel, ksym } = tracing(['pid_max:r--'], { arch: ppc64({ cpu: 'power8' }) });
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

test('POWER8 has one register: the second symbol is refused with its holder; POWER9 can trace nothing', (t) => {
  const { files } = tracing(['pid_max:-w-'], { arch: ppc64({ cpu: 'power8' }), symbols });
  t.throws(() => files.write('ksym_trace_filter', 'nr_threads:-w-'), { message: /ENOSPC.*ksym_tracer/ });
  t.throws(() => tracing(['pid_max:-w-'], { arch: ppc64({ cpu: 'power9' }) }), { message: /ENODEV/ });
});

test('the self-test passes on every CPU that can be used', (t) => {
  for (const cpu of ['power7', 'power8', 'power10'] as const) {
    t.notThrows(() => tracing([], { arch: ppc64({ cpu }) }).ksym.selfTest(), cpu);
  }
});
