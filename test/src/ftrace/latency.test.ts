import { type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { addressOf, refusal, tracing } from './support.js';

const TEXT = 0xffff_ffff_8105_0000n;
const store = (more: Partial<Instruction> = {}): Instruction => ({
  pc: TEXT,
  length: 4,
  accesses: [{ kind: 'write', address: addressOf('pid_max'), size: 4 }],
  ...more,
});

test('latency format: what a CPU executed for, whether its interrupts were off, and when', (t) => {
  const { kernel, files, ksym } = tracing(['pid_max:-w-']);
  const { machine } = kernel;
  const { interrupts } = machine;
  interrupts.handle(1, {
    name: 'timer',
    program: program(function* () {
      yield store();
      interrupts.softirq(machine.cpu(0), { name: 'late', program: program([store()]) });
    }),
  });
  interrupts.handleNonMaskable({ name: 'watchdog', program: program([store()]) });
  machine.spawn(program([store(), { pc: TEXT + 4n, length: 1, irqs: 'off' }, store()]), {
    mode: 'kernel',
    comm: 'kworker/0:1',
  });
  machine.run(3);
  for (const task of machine.tasks.values()) machine.exit(task);
  machine.cpu(0).interrupts.raiseNonMaskable();
  interrupts.raise(1);
  machine.run();
  t.deepEqual(
    ksym.records.map(({ context, irqsOff }) => [context, irqsOff]),
    [
      ['task', false],
      ['task', true],
      ['hardirq', false],
      ['softirq', false],
    ],
    'on x86 nothing hits in an NMI: the debug registers are off',
  );
  files.write('trace_options', 'latency-format\n');
  t.is(files.read('trace_options'), 'latency-format\n');
  t.is(
    files.read('trace'),
    [
      '#                  _------=> CPU#',
      '#                 / _-----=> irqs-off',
      '#                | / _----=> need-resched',
      '#                || / _---=> hardirq/softirq',
      '#                ||| / _--=> preempt-depth',
      '#                |||| /',
      '#  cmd     pid   ||||| time  |   caller',
      '#     \\   /      |||||   \\   |   /',
      'kworker/-1       0....     1us : pid_max W  do_fork+0x4/0x300',
      'kworker/-1       0d...     3us : pid_max W  do_fork+0x4/0x300',
      '  <idle>-0       0..h.     5us : pid_max W  do_fork+0x4/0x300',
      '  <idle>-0       0..s.     6us : pid_max W  do_fork+0x4/0x300',
      '',
    ].join('\n'),
  );
  files.write('trace_options', 'nolatency-format');
  t.regex(files.read('trace'), /^# {7}TASK-PID {3}CPU#/);
  t.is(refusal(t, () => files.write('trace_options', 'latency')).code, 'FTRACE_NO_SUCH_OPTION');
});
