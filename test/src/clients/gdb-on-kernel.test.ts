import { type Instruction, type Kernel, program, SI_CODES, type Task } from '@hwbp/core';
import { kernelWith } from '../kgdb/client.js';
import { data, lines, load, spawnCounters, store, text } from '../kgdb/programs.js';
import { gdb } from './gdb.js';
import { GDB, testWith } from './need.js';

const at = (address: bigint): string => `*(int*)0x${address.toString(16)}`;
/** Presses Ctrl-C in half a second. */
const CTRL_C =
  'python import threading, os, signal; threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()';

for (const threads of ['cpus', 'tasks'] as const) {
  testWith(GDB, `a real gdb, ${threads}: Ctrl-C under scheduler-locking`, async (t, executable) => {
    using kernel = kernelWith({ cpus: 2 });
    spawnCounters(kernel, 2);
    const locked = ['set scheduler-locking on', 'thread 2', CTRL_C, 'continue', 'info threads', 'thread 1', CTRL_C];
    const output = await gdb(executable, kernel, threads, ...locked, 'continue', 'thread', 'stepi', 'detach');
    t.regex(output, /Thread 2 ".*" received signal SIGINT/);
    t.regex(output, /Thread 1 ".*" received signal SIGINT/);
    t.regex(output, /\[Current thread is 1 \(Thread 1\.1\)\]/);
    t.notRegex(output, /internal-error/);
  });
}

testWith(GDB, 'a real gdb: the thread that was let go on alone has ended', async (t, executable) => {
  using kernel = kernelWith({ cpus: 2 });
  spawnCounters(kernel, 1);
  kernel.machine.spawn(lines([{}, {}]), { affinity: [1] });
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    'set scheduler-locking on',
    'thread 2',
    'continue',
    'info threads',
    'thread 1',
    'stepi',
    'detach',
  );
  t.regex(output, /No unwaited-for children left/);
  t.regex(output, /\b0x0*401004 in /, 'the other one can be stepped');
  t.notRegex(output, /internal-error/);
});

testWith(GDB, 'a real gdb: watch and rwatch on one variable stop once for each access', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(
    lines([
      { accesses: [store(data(), 5n)] },
      { accesses: [store(data(), 6n)] },
      { accesses: [load(data())] },
      { accesses: [store(data() + 4n, 1n, 8)] },
      {},
    ]),
  );
  const watches = [`watch ${at(data())}`, `rwatch ${at(data())}`];
  const output = await gdb(executable, kernel, 'cpus', ...watches, ...Array(4).fill('continue'));
  const stops = [...output.matchAll(/^(Hardware .*watchpoint) \d: .*\n\n((?:.*\n){1,2}?)0x/gm)].map(
    ([, what = '', values = '']) => `${what}: ${values.trim().replaceAll('\n', ', ')}`,
  );
  // As a native gdb 13 has it.
  t.deepEqual(stops, [
    'Hardware watchpoint: Old value = 0, New value = 5',
    'Hardware watchpoint: Old value = 5, New value = 6',
    'Hardware read watchpoint: Value = 6',
  ]);
  t.regex(output, /exited normally/);
});

testWith(GDB, 'a real gdb: an awatch that is spread over registers stops once for an access', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{ accesses: [load(data() + 4n, 16)] }, { accesses: [store(data() + 8n, 1n)] }, {}, {}]));
  const watch = `awatch *(char(*)[32])0x${data().toString(16)}`;
  const output = await gdb(executable, kernel, 'cpus', watch, ...Array(3).fill('continue'));
  t.is([...output.matchAll(/^(?:Value|Old value) = /gm)].length, 2);
  t.regex(output, /exited normally/);
});

/** x86 code and what it does: incl 0x601000; inc %eax; jmp back. */
const CODE = [0xff, 0x04, 0x25, 0x00, 0x10, 0x60, 0x00, 0xff, 0xc0, 0xeb, 0xf5];

function* increments(): Generator<Instruction, void> {
  for (let count = 1n; ; count++) {
    yield { pc: text(), length: 7, accesses: [{ kind: 'readwrite', address: data(), size: 4, value: count }] };
    yield { pc: text() + 7n, length: 2, registers: { rax: count } };
    yield { pc: text() + 9n, length: 2, next: text() };
  }
}

testWith(GDB, 'a real gdb records, goes back, and forward again', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(program(increments));
  task.memory.write(text(), Uint8Array.from(CODE));
  task.context.pc = text();
  const look = [`print ${at(data())}`, 'print $eax', 'print $pc == 0x401007'];
  const output = await gdb(
    executable,
    kernel,
    'cpus',
    'record full',
    ...Array(9).fill('stepi'),
    `print ${at(data())}`,
    'reverse-stepi',
    'break *0x401007',
    'reverse-continue',
    ...look,
    'reverse-continue',
    ...look,
    'reverse-continue',
    'reverse-continue',
    `print ${at(data())}`,
    'record goto end',
    `print ${at(data())}`,
    'record stop',
    'delete',
    'stepi',
    `print ${at(data())}`,
    'detach',
  );
  t.notRegex(output, /internal-error|Process record: failed/);
  const values = [...output.matchAll(/^\$\d+ = (\d+)$/gm)].map(([, value = '']) => Number(value));
  // A native gdb 13 sees no watchpoints on its way back either.
  t.deepEqual(values, [3, 3, 2, 1, 2, 1, 1, 0, 3, 4]);
  t.regex(output, /No more reverse-execution history/);
});

/** A program that gets signals: a handler counts in memory. */
function signalled(kernel: Kernel): Task {
  const task = kernel.machine.spawn(lines([{}, { accesses: [store(0x7_0000n)] }, {}, { trap: 'breakpoint' }, {}, {}]), {
    demandZero: false,
  });
  task.memory.map(text(), 4096);
  task.memory.map(data(), 4096);
  task.handlers.set('SIGSEGV', () => {
    task.memory.map(0x7_0000n, 4096);
    return program([{ pc: 0x40_9000n, length: 4, accesses: [store(data(), 1n)] }])();
  });
  return task;
}

testWith(GDB, 'a real gdb, tasks: a program’s own signals, with $_siginfo', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  signalled(kernel);
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    'continue',
    'print $_siginfo.si_signo',
    'print $_siginfo.si_code',
    'print/x $_siginfo._sifields._sigfault.si_addr',
    'print $pc',
    `print ${at(data())}`,
    'continue',
    `print ${at(data())}`,
    'continue',
  );
  t.regex(output, /received signal SIGSEGV, Segmentation fault\.\n0x0+401004 in/);
  t.regex(output, /\$1 = 11\n\$2 = 1\n\$3 = 0x70000\n/);
  t.regex(output, /\$5 = 0\n/, 'the handler has not run');
  t.regex(output, /received signal SIGTRAP/, 'the program’s own trap instruction');
  t.regex(output, /\$6 = 1\n/, 'the handler has run');
  t.regex(output, /exited normally/, 'gdb does not pass SIGTRAP on');
});

testWith(GDB, 'a real gdb, tasks: handle and signal decide what a program gets', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}, {}, {}, {}], 10));
  const got: string[] = [];
  for (const name of ['SIGUSR1', 'SIGUSR2'] as const)
    task.handlers.set(name, () => {
      got.push(name);
      return program([{ pc: 0x40_9000n, length: 4 }])();
    });
  kernel.machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: SI_CODES.SI_USER });
  kernel.machine.sendSignal(task, { si_signo: 'SIGUSR2', si_code: SI_CODES.SI_USER });
  const output = await gdb(executable, kernel, 'tasks', 'handle SIGUSR2 nostop noprint pass', 'continue', 'signal 0');
  t.regex(output, /received signal SIGUSR1/);
  t.notRegex(output, /received signal SIGUSR2/);
  t.deepEqual(got, ['SIGUSR2'], 'signal 0 kept SIGUSR1');
  t.regex(kernel.machine.departure?.cause ?? '', /a debugger kept SIGUSR1 from thread 1/);

  using other = kernelWith({ cpus: 1 });
  other.machine.spawn(lines([{}, {}]));
  t.regex(await gdb(executable, other, 'tasks', 'stepi', 'signal SIGSEGV'), /terminated with signal SIGSEGV/);
});

testWith(
  GDB,
  'a real gdb has its conditions evaluated by the stub, for both kinds of breakpoints',
  async (t, executable) => {
    for (const kind of ['break', 'hbreak']) {
      using kernel = kernelWith({ cpus: 1 });
      spawnCounters(kernel, 1);
      const output = await gdb(
        executable,
        kernel,
        'cpus',
        'set breakpoint condition-evaluation target',
        `${kind} *0x401008 if ${at(data())} == 20000 && $rax > 5`,
        'continue',
        `print ${at(data())}`,
        'info breakpoints',
      );
      t.regex(output, /\$1 = 20000\n/);
      t.regex(output, /stop only if .*\(target evals\)\n\s+breakpoint already hit 1 time\n/);
      t.is(kernel.machine.departure, undefined);
    }
  },
);

testWith(GDB, 'a real gdb: info auxv', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  spawnCounters(kernel, 1);
  const auxv = new Map([
    [6, 4096n],
    [9, text()],
  ]);
  const output = await gdb(executable, kernel, { auxv }, 'info auxv');
  t.regex(output, /AT_PAGESZ +System page size +4096\n/);
  t.regex(output, /AT_ENTRY +Entry point of program +0x401000\n/);
  t.regex(output, /AT_NULL/);
});
