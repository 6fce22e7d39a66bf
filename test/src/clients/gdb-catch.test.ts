import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import type { Task } from '@hwbp/core';
import { CHILD, call, executing, forking } from '../kgdb/calls.js';
import { kernelWith } from '../kgdb/client.js';
import { data, lines, text } from '../kgdb/programs.js';
import { gdb } from './gdb.js';
import { GDB, testWith } from './need.js';

/** What gdb says of catchpoints. */
const caught = (output: string): string[] =>
  [...output.matchAll(/Catchpoint \d \((.*)\), 0x0*([0-9a-f]+)/g)].map(([, what, pc]) => `${what} at ${pc}`);

/** Numbers are those of gdb's own tables, share/gdb/syscalls. */
const ARCHITECTURES = [
  { name: 'x86-64', create: () => x86(), register: 'rax', write: 1n, getpid: 39n },
  { name: 'x86-32', create: () => x86({ bits: 32 }), register: 'eax', write: 4n, getpid: 20n },
  { name: 'ppc64', create: () => ppc64(), register: 'r0', write: 4n, getpid: 20n },
  { name: 'arm64', create: () => arm64(), register: 'x8', write: 64n, getpid: 172n },
];

for (const { name, create, register, write, getpid } of ARCHITECTURES) {
  testWith(GDB, `a real gdb, ${name}: catch syscall by name, by number, and every one`, async (t, executable) => {
    using kernel = kernelWith({ arch: create(), cpus: 1 });
    kernel.machine.spawn(lines([{}, call(register, write), call(register, getpid), {}], 3));
    const output = await gdb(
      executable,
      kernel,
      'tasks',
      'catch syscall write',
      ...['continue', 'continue', 'delete', `catch syscall ${getpid}`, 'continue', 'continue', 'delete'],
      'catch syscall',
      ...Array(4).fill('continue'),
      'delete',
      'continue',
    );
    const twice = (call: string, pc: string): string[] => [
      `call to syscall ${call} at ${pc}`,
      `returned from syscall ${call} at ${pc}`,
    ];
    const round = [...twice('write', '401008'), ...twice('getpid', '40100c')];
    t.deepEqual(caught(output), [...round, ...round]);
    t.regex(output, /exited normally/);
    t.is(kernel.machine.departure, undefined);
  });
}

testWith(GDB, 'a real gdb: the registers of a call are the program’s', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{ registers: { rdi: 3n } }, call('rax', 1n), {}]));
  const look = ['print $orig_rax', 'print $rdi'];
  const output = await gdb(executable, kernel, 'tasks', 'catch syscall', 'continue', ...look, 'continue', ...look);
  t.deepEqual(
    [...output.matchAll(/^\$\d = (\d+)$/gm)].map(([, value]) => value),
    ['1', '3', '1', '3'],
  );
});

const BREAK = `break *${text() + 8n}`;
/** See `help set remote fork-event-feature-packet`. */
const NO_FORKS = ['set remote fork-event-feature-packet off'];
const WATCH = `watch *(int*)${data()}`;

testWith(GDB, 'a real gdb: catch fork; the child is let go of without breakpoints', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    ...[BREAK, WATCH, 'catch fork', 'continue', 'info threads', 'continue', 'continue', 'info threads', 'continue'],
  );
  t.regex(output, /Catchpoint 3 \(forked process 20\)/);
  t.notRegex(output, /Thread 20\./);
  t.regex(output, /\[Detaching after fork from child process 20\]/);
  t.is([...output.matchAll(/^Breakpoint 1,/gm)].length, 1, 'the parent stops there, the child does not');
  t.regex(output, /Hardware watchpoint 2: .*\n\nOld value = 0\nNew value = 5\n/);
  t.notRegex(output, /New value = 7/);
  t.regex(output, /\[Inferior 1 \(process 1\) exited normally\]/);
  t.is(kernel.machine.departure, undefined);
});

testWith(GDB, 'a real gdb: set follow-fork-mode child lets go of the parent', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    ...['set follow-fork-mode child', BREAK, WATCH, 'continue', 'info threads', 'continue', 'continue'],
  );
  t.regex(output, /\[Detaching after fork from parent process 1\]/);
  t.regex(output, /Thread 2\.1 "parent" hit Breakpoint 1/);
  t.regex(output, /^\* 2\.1 +Thread 20\.20 "parent"/m);
  t.notRegex(output, /^. *\S+ +Thread 1\.10/m);
  t.is([...output.matchAll(/hit Breakpoint 1/g)].length, 1, 'the parent does not stop there');
  t.regex(output, /Hardware watchpoint 2: .*\n\nOld value = 0\nNew value = 7\n/);
  t.notRegex(output, /New value = 5/);
  t.regex(output, /\[Inferior 2 \(process 20\) exited normally\]/);
});

testWith(GDB, 'a real gdb: set detach-on-fork off keeps both', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    ...['set detach-on-fork off', BREAK, 'continue', 'info threads', 'continue'],
    ...['inferior 2', 'continue', `print *(int*)${data()}`, 'stepi', `print *(int*)${data()}`, 'continue'],
  );
  t.regex(output, /Thread 1\.1 "parent" hit Breakpoint 1/);
  t.regex(output, /^ +2\.1 +Thread 20\.20 "parent"/m, 'the child stands still');
  t.regex(output, /\[Inferior 1 \(process 1\) exited normally\]/);
  t.regex(output, /Thread 2\.1 "parent" hit Breakpoint 1/);
  t.regex(output, /\$1 = 0\n/, 'its memory is its own');
  t.regex(output, /\$2 = 7\n/);
  t.regex(output, /\[Inferior 2 \(process 20\) exited normally\]/);
});

testWith(GDB, 'a real gdb: set schedule-multiple on lets both go on', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const output = await gdb(
    executable,
    kernel,
    'tasks',
    ...['set detach-on-fork off', 'set schedule-multiple on', BREAK, 'continue', 'continue'],
    ...['inferior 2', 'continue', 'continue'],
  );
  const stops = [...output.matchAll(/^Thread (\d\.1) .* hit Breakpoint/gm)].map(([, thread]) => thread);
  t.deepEqual(stops, ['1.1', '2.1']);
  t.regex(output, /\[Inferior 1 \(process 1\) exited normally\]/);
  t.regex(output, /\[Inferior 2 \(process 20\) exited normally\]/);
});

testWith(GDB, 'a real gdb: catch exec, and the call that does it', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  executing(kernel);
  const catches = ['catch exec', 'catch syscall execve', BREAK];
  const output = await gdb(executable, kernel, 'tasks', ...catches, ...Array(5).fill('continue'));
  const stops = caught(output).map((stop) => stop.replace(/ at .*/, ''));
  t.deepEqual(stops, ['call to syscall execve', "exec'd [other]", 'returned from syscall execve']);
  t.is([...output.matchAll(/^Breakpoint 3, /gm)].length, 1, 'the program that comes stops there, the one before never');
  t.regex(output, /exited normally/);
});

testWith(
  GDB,
  'a real gdb: a program that a followed child executes is none of gdb’s own machine',
  async (t, executable) => {
    using kernel = kernelWith({ cpus: 1 });
    // There is a sh wherever gdb runs.
    const exec = call('rax', 59n, () =>
      kernel.machine.exec(kernel.machine.tasks.get(20) as Task, CHILD, { comm: 'sh' }),
    );
    forking(kernel, lines([{}, {}, exec]));
    const follow = ['set follow-fork-mode child', 'set follow-exec-mode new', 'catch exec'];
    const output = await gdb(
      executable,
      kernel,
      'tasks',
      ...follow,
      'continue',
      'info inferiors',
      'info files',
      'continue',
    );
    t.regex(output, /^Thread 3\.1 "sh" hit Catchpoint 1 \(exec'd \[sh\]\)/m);
    t.regex(output, /^\* 3 +process 20 /m);
    t.notRegex(output, /\/(?:ba|da)?sh\b|Symbols from/);
    t.regex(output, /\[Inferior 3 \(process 20\) exited normally\]/);
  },
);

testWith(GDB, 'a real gdb: children of a debugger that follows no forks are threads', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const output = await gdb(executable, kernel, { threads: 'tasks', before: NO_FORKS }, BREAK, 'continue', 'continue');
  const stops = [...output.matchAll(/^Thread \d "parent" hit Breakpoint|Switching to Thread (\S+)\]/gm)];
  t.deepEqual(stops.map(([, thread = '']) => thread).filter(Boolean), ['1.20']);
});

testWith(GDB, 'a real gdb: what is not offered it says it cannot', async (t, executable) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const tasks = await gdb(executable, kernel, 'tasks', 'catch vfork', 'continue');
  t.regex(tasks, /Error inserting catchpoint 1/);
  using other = kernelWith({ cpus: 1 });
  forking(other);
  const cpus = await gdb(executable, other, 'cpus', 'catch fork', 'catch syscall', 'catch exec', 'continue');
  for (const number of [1, 2, 3]) t.true(cpus.includes(`Error inserting catchpoint ${number}`));
});
