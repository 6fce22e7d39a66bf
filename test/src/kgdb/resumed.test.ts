import { x86 } from '@hwbp/arch-x86';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { lines, spawnCounters } from './programs.js';

/** Continues threads, and presses Ctrl-C; the thread that the stop names. */
function interrupted(gdb: Client, packet: string): string {
  gdb.go(packet, 1000);
  gdb.raw('\x03');
  gdb.session.run(1);
  return /^T02.*thread:(\w+);/.exec(gdb.take().slice(1))?.[1] ?? 'none';
}

for (const threads of ['cpus', 'tasks'] as const) {
  test(`${threads}: Ctrl-C reports a thread that was resumed, whichever stopped before`, (t) => {
    using kernel = kernelWith({ cpus: 2 });
    spawnCounters(kernel, 2);
    const gdb = new Client(kernel, { threads });
    const [first = 0, second = 0] =
      threads === 'cpus' ? [1, 2] : [...kernel.machine.tasks.keys()].sort((a, b) => a - b);
    const [one, two] = [first.toString(16), second.toString(16)];
    gdb.go(`vCont;s:${one}`);
    t.is(interrupted(gdb, `vCont;c:${two}`), two);
    t.is(interrupted(gdb, `vCont;c:${one}`), one);
    t.is(interrupted(gdb, `vCont;c:${two};c:${one}`), one, 'of several the one of the stop before');
    gdb.ok(`Hc${two}`);
    t.is(interrupted(gdb, 'c'), two, 'the older packets, too');
    gdb.ok('Hc-1');
    t.is(interrupted(gdb, 'c'), two);
  });
}

test('once every thread that was resumed has ended, the debugger is told; the others are there', (t) => {
  using kernel = kernelWith({ arch: x86(), cpus: 2 });
  const [worker] = spawnCounters(kernel, 1);
  const task = kernel.machine.spawn(lines([{}, {}]), { affinity: [1] });
  const [one, two] = [worker?.pid.toString(16), task.pid.toString(16)];
  const gdb = new Client(kernel, { threads: 'tasks' });
  gdb.send('qSupported:no-resumed+');
  t.is(gdb.go(`vCont;c:${two}`), 'N');
  t.is(gdb.send('qC'), `QC${one}`);
  t.notRegex(gdb.send('g'), /^E/);
  t.is(gdb.send(`T${two}`), 'E16');
  t.is(gdb.send(`vCont;c:${two}`), 'E16');
  t.regex(gdb.go(`vCont;s:${one}`), new RegExp(`^T05.*thread:${one};`));
});

test('a debugger that does not know of that is shown another thread', (t) => {
  using kernel = kernelWith({ cpus: 2 });
  const [worker] = spawnCounters(kernel, 1);
  const task = kernel.machine.spawn(lines([{}, {}]), { affinity: [1] });
  const gdb = new Client(kernel, { threads: 'tasks' });
  t.is(gdb.stop(`vCont;c:${task.pid.toString(16)}`), `T05thread:${worker?.pid.toString(16)};`);
});
