import { program, RingLogger } from '@hwbp/core';
import type { KsymRecord } from '@hwbp/ftrace';
import test from 'ava';
import { addressOf, touch, touches, traced, tracing } from './support.js';

const FILTER = 'ksym_trace_filter';

test('a record says who, where, when and what; it is frozen plain data', (t) => {
  const { kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2 });
  touch(
    kernel,
    [
      ['jiffies', 'write'],
      ['pid_max', 'read'],
      ['pid_max', 'write'],
    ],
    1,
    { comm: 'a_name_longer_than_sixteen', pid: 4502 },
  );
  t.deepEqual(ksym.records, [
    {
      timestamp: 3000,
      cpu: 1,
      pid: 4502,
      comm: 'a_name_longer_t',
      ip: addressOf('do_fork') + 12n,
      pc: addressOf('do_fork') + 8n,
      type: 'w',
      address: addressOf('pid_max'),
      symbol: 'pid_max',
      context: 'task',
      irqsOff: false,
    },
  ]);
  t.true(Object.isFrozen(ksym.records[0]));
});

test('the complete text of trace and of both statistics', (t) => {
  const { kernel, files } = tracing(['pid_max:-w-', 'jiffies:rw-', 'nr_threads:rw-'], { cpus: 2 });
  touch(
    kernel,
    [
      ['pid_max', 'write'],
      ['jiffies', 'read'],
      ['jiffies', 'readwrite'],
    ],
    0,
    { comm: 'bash', pid: 4502 },
  );
  touch(
    kernel,
    [
      ['panic_timeout', 'write'],
      ['pid_max', 'write'],
    ],
    1,
    { comm: 'swapper', pid: 1 },
  );
  t.is(
    files.read('trace'),
    `#       TASK-PID   CPU#      Symbol                    Type    Function
#          |        |          |                        |         |
       bash-4502  [000] pid_max W  do_fork+0x4/0x300
       bash-4502  [000] jiffies RW do_fork+0x8/0x300
       bash-4502  [000] jiffies RW do_fork+0xc/0x300
    swapper-1     [001] pid_max W  do_fork+0x8/0x300
`,
  );
  const statistics = `  Access Type   Symbol                                       Counter
  -----------   ------                                       -------
  RW            nr_threads                                         0
  RW            jiffies                                            2
  W             pid_max                                            2
`;
  t.is(files.read('trace_stat/ksym_tracer'), statistics);
  t.is(files.read('ksym_profile'), statistics);
});

test('user code and kernel code both hit: an access through a system call counts', (t) => {
  const { kernel, ksym } = tracing(['pid_max:-w-']);
  const syscall = { pc: 0x40_0000n, length: 2, syscall: program(touches([['pid_max', 'write']])) };
  kernel.machine.spawn(program([syscall]), { comm: 'sysctl' });
  kernel.machine.run();
  t.deepEqual(
    ksym.records.map(({ comm }) => comm),
    ['sysctl'],
  );
});

test('the watched size is always 4', (t) => {
  const { kernel, ksym } = tracing(['jiffies:-w-']);
  const write = (offset: bigint, size: number) => {
    return { pc: 0n, length: 4, accesses: [{ kind: 'write' as const, address: addressOf('jiffies') + offset, size }] };
  };
  kernel.machine.spawn(program([write(0n, 8), write(3n, 1), write(4n, 4)]), { mode: 'kernel' });
  kernel.machine.run();
  t.is(ksym.records.length, 2);
});

test('nothing is recorded or counted before the tracer is selected, while tracing_on is 0, and after it is deselected', (t) => {
  const { kernel, ksym, files } = traced();
  files.write(FILTER, 'pid_max:-w-');
  touch(kernel, [['pid_max', 'write']]);
  files.write('current_tracer', 'ksym_tracer\n');
  files.write('tracing_on', '0');
  touch(kernel, [['pid_max', 'write']]);
  t.deepEqual([ksym.records.length, ksym.entries[0]?.count], [0, 0]);
  files.write('tracing_on', '1\n');
  touch(kernel, [['pid_max', 'write']]);
  t.deepEqual([ksym.records.length, ksym.entries[0]?.count], [1, 1]);
  files.write('current_tracer', 'nop');
  t.is(files.read(FILTER), '');
  t.false(kernel.breakpoints.isUsed);
  touch(kernel, [['pid_max', 'write']]);
  t.is(ksym.records.length, 1);
});

test('selecting the tracer clears the buffer; selecting it again does not', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-']);
  touch(kernel, [['pid_max', 'write']]);
  files.write('current_tracer', 'ksym_tracer');
  t.is(ksym.records.length, 1);
  t.is(files.read(FILTER), 'pid_max:-w-\n');
  files.write('current_tracer', 'nop');
  t.is(ksym.records.length, 1);
  files.write('current_tracer', 'ksym_tracer');
  t.is(ksym.records.length, 0);
});

test('trace is cleared by writing anything; trace_pipe consumes', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-']);
  touch(kernel, [['pid_max', 'write']], 0, { pid: 7 });
  t.is(files.read('trace_pipe'), '       bash-7     [000] pid_max W  do_fork+0x4/0x300\n');
  t.is(files.read('trace_pipe'), '');
  touch(kernel, [['pid_max', 'write']]);
  t.is(files.read('trace').split('\n').length, 4);
  t.is(files.write('trace', '\n'), 1);
  t.deepEqual(ksym.records, []);
  t.is(ksym.entries[0]?.count, 2);
});

test('a full buffer overwrites the oldest records and counts them', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-', 'jiffies:-w-']);
  t.is(ksym.capacity, 65_536);
  ksym.capacity = 2;
  touch(kernel, [
    ['pid_max', 'write'],
    ['jiffies', 'write'],
    ['pid_max', 'write'],
    ['jiffies', 'write'],
    ['jiffies', 'write'],
  ]);
  t.deepEqual(
    ksym.records.map(({ pc }) => pc - addressOf('do_fork')),
    [12n, 16n],
  );
  t.is(ksym.lost, 3);
  ksym.capacity = 1;
  t.deepEqual(
    ksym.records.map(({ pc }) => pc - addressOf('do_fork')),
    [16n],
  );
  t.is(ksym.lost, 4);
  files.write('trace', '');
  t.is(ksym.lost, 0);
  touch(kernel, [
    ['pid_max', 'write'],
    ['jiffies', 'write'],
  ]);
  t.deepEqual([ksym.records.length, ksym.lost, ksym.entries[1]?.count], [1, 1, 3]);
  for (const capacity of [0, -1, 1.5, Number.NaN]) {
    t.throws(
      () => {
        ksym.capacity = capacity;
      },
      { instanceOf: TypeError },
    );
  }
});

test('a subscriber gets each record as it is made, and may stop the machine', (t) => {
  const { kernel, ksym } = tracing(['pid_max:-w-']);
  const seen: KsymRecord[] = [];
  const unsubscribe = ksym.subscribe((record, hit) => {
    seen.push(record);
    hit.suspend('pid_max was written');
  });
  kernel.machine.spawn(
    program(
      touches([
        ['pid_max', 'write'],
        ['pid_max', 'write'],
      ]),
    ),
    { mode: 'kernel' },
  );
  t.like(kernel.machine.run(), { reason: 'suspended', message: 'pid_max was written' });
  t.deepEqual(seen, ksym.records);
  t.is(seen.length, 1);
  unsubscribe();
  unsubscribe();
  t.is(kernel.machine.run().reason, 'idle');
  t.is(seen.length, 1);
  t.is(ksym.records.length, 2);
});

test('a listener that throws loses no record, keeps no other listener from it, and is reported with the breakpoint named', (t) => {
  const logger = new RingLogger();
  const { kernel, ksym } = tracing(['pid_max:-w-'], { logger });
  let told = 0;
  ksym.subscribe(() => {
    throw new Error('disk full');
  });
  const second = ksym.subscribe(() => {
    told++;
    throw new Error('pipe closed');
  });
  touch(kernel, [['pid_max', 'write']]);
  t.is(told, 1);
  t.is(ksym.records.length, 1);
  t.regex(logger.entries[0]?.message ?? '', /ksym_tracer's breakpoint at 0xffffffff82a05104 threw: .*2 listeners/);
  second();
  touch(kernel, [['pid_max', 'write']]);
  t.is(ksym.records.length, 2);
  t.regex(logger.entries[1]?.message ?? '', /disk full/);
});

test('a listener that is taken away during a record is silent at once; one that is added waits for the next', (t) => {
  const { kernel, ksym } = tracing(['pid_max:-w-']);
  const calls: string[] = [];
  ksym.subscribe(() => {
    calls.push('first');
    second();
    if (calls.length === 1) ksym.subscribe(() => calls.push('late'));
  });
  const second = ksym.subscribe(() => calls.push('second'));
  touch(kernel, [['pid_max', 'write']]);
  t.deepEqual(calls, ['first']);
  touch(kernel, [['pid_max', 'write']]);
  t.deepEqual(calls, ['first', 'first', 'late']);
});

test('a listener may remove the symbol that it is called for (44), and the machine runs on', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-', 'jiffies:-w-']);
  ksym.subscribe(() => files.write(FILTER, '0'));
  touch(kernel, [
    ['pid_max', 'write'],
    ['pid_max', 'write'],
    ['jiffies', 'write'],
  ]);
  t.deepEqual(
    ksym.records.map(({ symbol }) => symbol),
    ['pid_max'],
  );
  t.false(kernel.breakpoints.isUsed);
});

test('a symbol that is removed by the handler of another hit of the same instruction is not recorded any more', (t) => {
  const { kernel, ksym, files } = tracing(['jiffies:-w-', 'pid_max:-w-']);
  ksym.subscribe(() => files.write(FILTER, 'pid_max:---'));
  const both = (['jiffies', 'pid_max'] as const).map((name) => {
    return { kind: 'write' as const, address: addressOf(name), size: 4 };
  });
  kernel.machine.spawn(program([{ pc: 0n, length: 4, accesses: both }]), { mode: 'kernel' });
  kernel.machine.run();
  t.deepEqual(
    ksym.records.map(({ symbol }) => symbol),
    ['jiffies'],
  );
});

test('an access of a CPU that runs no task is <idle>’s, pid 0, as ftrace shows it', (t) => {
  const { kernel, ksym, files } = tracing(['pid_max:-w-'], { cpus: 2 });
  kernel.machine.aside(kernel.machine.cpu(1), (cpu) => {
    for (const instruction of touches([['pid_max', 'write']])) cpu.execute(instruction);
  });
  t.deepEqual(
    ksym.records.map(({ comm, pid, cpu }) => [comm, pid, cpu]),
    [['<idle>', 0, 1]],
  );
  t.regex(files.read('trace'), /^ {5}<idle>-0 {5}\[001\] pid_max W {2}do_fork\+0x4\/0x300$/m);
});
