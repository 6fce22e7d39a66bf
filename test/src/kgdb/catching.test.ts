import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import { type Kernel, program, SYSTEM_CALL_NUMBERS, type Task } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { CHILD, call, executing, forking } from './calls.js';
import { Client, kernelWith } from './client.js';
import { counter, data, lines, spawnCounters, store, text } from './programs.js';

/** A debugger that understands everything, of tasks. */
function attach(kernel: Kernel, features = 'multiprocess+;fork-events+;vfork-events+;exec-events+'): Client {
  const gdb = new Client(kernel, { threads: 'tasks', raw: true });
  gdb.send('QStartNoAckMode');
  gdb.send(`qSupported:swbreak+;hwbreak+;${features}`);
  return gdb;
}

/** Calls 1 and 39, and again. */
function calling(kernel: Kernel, rounds = 2, pid = 10): Task {
  return kernel.machine.spawn(lines([{}, call('rax', 1n), call('rax', 39n), {}], rounds), { pid });
}

const features = (kernel: Kernel, said: string, threads: 'cpus' | 'tasks' = 'tasks'): string[] => {
  const gdb = new Client(kernel, { threads, raw: true });
  gdb.send('QStartNoAckMode');
  const all = gdb.send(`qSupported:${said}`).split(';');
  gdb.session.close();
  return all.filter((feature) => /QCatch|-events/.test(feature));
};

// --- what is offered ---

test('events are offered to whoever asks for them, of tasks, and knows processes; calls of tasks to everybody', (t) => {
  using kernel = kernelWith();
  calling(kernel);
  const all = 'multiprocess+;fork-events+;vfork-events+;exec-events+';
  t.deepEqual(features(kernel, all), ['QCatchSyscalls+', 'fork-events+', 'exec-events+'], 'there is no vfork');
  t.deepEqual(features(kernel, 'multiprocess+;exec-events+'), ['QCatchSyscalls+', 'exec-events+']);
  t.deepEqual(features(kernel, 'fork-events+'), ['QCatchSyscalls+']);
  t.deepEqual(features(kernel, 'multiprocess+;fork-events-'), ['QCatchSyscalls+']);
  t.deepEqual(features(kernel, all, 'cpus'), []);
  const gdb = new Client(kernel, { threads: 'cpus' });
  t.is(gdb.send('QCatchSyscalls:1'), '');
});

test('programs that make no system calls, such as a trace, have none to catch, and no processes', (t) => {
  using kernel = kernelWith();
  calling(kernel);
  const gdb = new Client(kernel, { threads: 'tasks', systemCalls: false, raw: true });
  gdb.send('QStartNoAckMode');
  t.notRegex(gdb.send('qSupported:multiprocess+;fork-events+;exec-events+'), /QCatch|-events/);
  t.is(gdb.send('QCatchSyscalls:1'), '');
  t.is(gdb.stop(), 'W00;process:1');
});

// --- system calls ---

test('QCatchSyscalls: each call stops twice, as it begins and as it returns', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  calling(kernel, 1);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1');
  const stops = Array.from({ length: 4 }, () => [gdb.stop(), gdb.pc()]);
  t.deepEqual(stops, [
    ['T05syscall_entry:1;thread:p1.a;', text() + 8n],
    ['T05syscall_return:1;thread:p1.a;', text() + 8n],
    ['T05syscall_entry:27;thread:p1.a;', text() + 12n],
    ['T05syscall_return:27;thread:p1.a;', text() + 12n],
  ]);
  t.is(gdb.send('?').replace(/;.*/, ''), 'T05syscall_return:27', 'it is asked again');
  t.is(gdb.stop(), 'W00;process:1');
  t.is(kernel.machine.departure, undefined);
});

test('QCatchSyscalls with numbers: those, and no other; what comes later replaces it; 0 ends it', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  calling(kernel, 4);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1;27;3');
  t.is(gdb.stop(), 'T05syscall_entry:27;thread:p1.a;');
  gdb.ok('QCatchSyscalls:1;1');
  t.is(gdb.stop(), 'T05syscall_entry:1;thread:p1.a;', 'the return of the other is not caught any more');
  gdb.ok('QCatchSyscalls:1;0000001');
  t.is(gdb.stop(), 'T05syscall_return:1;thread:p1.a;');
  gdb.ok('QCatchSyscalls:0');
  t.is(gdb.stop(), 'W00;process:1');
});

const NUMBERED = [
  { name: 'x86-64', arch: x86(), register: 'rax' },
  { name: 'x86-32', arch: x86({ bits: 32 }), register: 'eax' },
  { name: 'ppc64', arch: ppc64(), register: 'r0' },
  { name: 'arm64', arch: arm64(), register: 'x8' },
  { name: 'riscv64', arch: riscv64(), register: 'a7' },
];

for (const { name, arch, register } of NUMBERED) {
  test(`${name}: a call is numbered by ${register}`, (t) => {
    using kernel = kernelWith({ arch, cpus: 1 });
    kernel.machine.spawn(lines([{}, call(register, 221n), call(register, 64n), {}]), { pid: 10 });
    const gdb = attach(kernel);
    gdb.ok('QCatchSyscalls:1;40');
    t.is(gdb.stop(), 'T05syscall_entry:40;thread:p1.a;');
    t.is(gdb.stop(), 'T05syscall_return:40;thread:p1.a;');
    t.is(gdb.stop(), 'W00;process:1');
  });
}

test('a call without a number is number 0, and one of -1 has 32 bits', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([call('rbx', 1n), call('rax', 0xffff_ffff_ffff_ffffn)]), { pid: 10 });
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1;0;ffffffff');
  t.is(gdb.stop(), 'T05syscall_entry:0;thread:p1.a;');
  t.is(gdb.stop(), 'T05syscall_return:0;thread:p1.a;');
  t.is(gdb.stop(), 'T05syscall_entry:ffffffff;thread:p1.a;');
});

test('malformed QCatchSyscalls are EINVAL and change nothing', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  calling(kernel);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1;27');
  for (const bad of [
    '',
    ':',
    ':2',
    ':1;',
    ':1;g',
    ':1;-1',
    ':1;1;',
    ':1;1;;2',
    ':0;1',
    ':1,1',
    ':1;123456789',
    ':11',
    '1',
  ])
    t.is(gdb.send(`QCatchSyscalls${bad}`), 'E16', bad);
  t.is(gdb.stop(), 'T05syscall_entry:27;thread:p1.a;');
  const many = Array.from({ length: 1700 }, (_, i) => (0x1_0000 + i).toString(16)).join(';');
  gdb.ok(`QCatchSyscalls:1;${many}`);
  t.is(gdb.stop(), 'W00;process:1');
});

test('a step over a system call stops where it is caught', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  calling(kernel, 1);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1');
  gdb.stop('vCont;s:p1.a');
  t.is(gdb.stop('vCont;s:p1.a;c:p1.-1'), 'T05syscall_entry:1;thread:p1.a;');
});

test('a call that had begun before the debugger came, or while it caught none, returns with its number', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  calling(kernel, 1);
  kernel.machine.run(3);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1');
  t.is(gdb.stop(), 'T05syscall_return:1;thread:p1.a;');
  gdb.ok('QCatchSyscalls:1;1');
  t.is(gdb.stop(), 'W00;process:1');
});

test('an architecture that does not number its calls has none to catch; forks it has', (t) => {
  const { facets, provides, ...arch } = x86();
  const without = {
    ...arch,
    facets: facets.filter(({ facet }) => facet !== SYSTEM_CALL_NUMBERS),
    provides: provides?.filter(({ token }) => token !== SYSTEM_CALL_NUMBERS) ?? [],
  };
  using kernel = kernelWith({ arch: without });
  forking(kernel);
  t.deepEqual(features(kernel, 'multiprocess+;fork-events+'), ['fork-events+']);
  const gdb = attach(kernel);
  t.is(gdb.send('QCatchSyscalls:1'), '');
  t.is(gdb.stop(), 'T05fork:p14.14;thread:p1.a;');
});

test('a tracer and a debugger both stop at a call', (t) => {
  using kernel = kernelWith({ cpus: 1, plugins: [Kgdb, Ptrace] });
  const task = calling(kernel, 1);
  const tracer = kernel.get(Ptrace).tracer();
  tracer.seize(task);
  tracer.interrupt(task);
  kernel.machine.run(1);
  tracer.wait();
  tracer.syscall(task);
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1');
  t.is(gdb.stop(), 'T05syscall_entry:1;thread:p1.a;');
  t.is(tracer.wait()?.kind, 'signal');
  t.is(task.state, 'stopped');
});

// --- forks ---

test('fork: a stop of the parent, whose child is a process with the parent’s breakpoints', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const gdb = attach(kernel);
  const at = (text() + 8n).toString(16);
  gdb.ok(`Z0,${at},1`, `Z2,${data().toString(16)},4`);
  t.is(gdb.stop(), 'T05fork:p14.14;thread:p1.a;');
  t.is(gdb.send('qfThreadInfo'), 'mp1.a,p14.14');
  t.regex(gdb.send('qXfer:threads:read::0,1000'), /id="p1\.a".*id="p14\.14"/);
  // What gdb does: it takes the child's away, its own at each stop, and lets go of the child.
  gdb.ok('Hgp14.14', `z0,${at},1`, `z2,${data().toString(16)},4`);
  t.is(gdb.send(`z0,${at},1`), 'E02', 'the child has none any more');
  gdb.ok('Hgp1.a', `z0,${at},1`, `Z0,${at},1`, 'D;14');
  t.is(gdb.send('D;14'), 'E03', 'it is gone');
  t.is(gdb.send('Hgp14.14'), 'E16');
  t.is(gdb.send('qfThreadInfo'), 'mp1.a');
  t.true(gdb.session.open);
  t.is(gdb.stop('vCont;c:p1.-1'), 'T05swbreak:;thread:p1.a;');
  gdb.ok(`z0,${at},1`);
  t.is(gdb.stop('vCont;c:p1.-1'), `T05watch:${data().toString(16)};thread:p1.a;`);
  t.is(gdb.stop('vCont;c:p1.-1'), 'W00;process:1');
  t.is(kernel.machine.departure, undefined);
});

test('a child that is let go of holds no debug register, and neither do its children', (t) => {
  using kernel = kernelWith({ cpus: 1, tick: 7000 });
  const { machine } = kernel;
  const children: Task[] = [];
  const grandchild = call('rax', 57n, () => children.push(machine.fork(children[0] as Task, CHILD, { pid: 30 })));
  const child = lines([{}, grandchild, ...Array(50).fill({ accesses: [store(data())] })]);
  const fork = call('rax', 57n, () => children.push(machine.fork(parent, child, { pid: 20 })));
  const parent: Task = machine.spawn(
    program(function* () {
      yield* [
        { pc: text(), length: 4 },
        { pc: text() + 4n, length: 4, ...fork },
      ];
      yield* counter(1);
    }),
    { pid: 10 },
  );
  const gdb = attach(kernel);
  gdb.ok(`Z2,${data().toString(16)},4`);
  gdb.stop();
  gdb.ok('D;14');
  t.is(gdb.stop('vCont;c:p1.-1', 2000), 'running');
  t.is(children.length, 2);
  t.false(
    children.some(({ alive }) => alive),
    'both have come to their ends, without a stop',
  );
  gdb.raw('\x03');
  gdb.session.run(1);
  t.is(gdb.send('qfThreadInfo'), 'mp1.a');
});

test('a fork that the debugger does not follow is a thread of the same process, with its breakpoints', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  forking(kernel);
  const gdb = attach(kernel, 'multiprocess+;exec-events+');
  const at = (text() + 8n).toString(16);
  gdb.ok(`Z0,${at},1`);
  t.is(gdb.stop(), 'T05swbreak:;thread:p1.a;');
  gdb.ok(`z0,${at},1`);
  gdb.stop('vCont;s:p1.a');
  gdb.ok(`Z0,${at},1`);
  t.is(gdb.stop(), 'T05swbreak:;thread:p1.14;');
});

test('a thread that is made is no fork', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const { machine } = kernel;
  const clone = call('rax', 56n, () => machine.fork(task, CHILD, { thread: true, pid: 20 }));
  const task: Task = machine.spawn(lines([clone, {}]), { pid: 10 });
  const gdb = attach(kernel);
  gdb.ok(`Z0,${(text() + 8n).toString(16)},1`);
  t.is(gdb.stop(), 'T05swbreak:;thread:p1.14;');
});

test('with several processes only those go on that are named; each has its own filter, points and end', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const { machine } = kernel;
  const child = lines([{}, call('rax', 1n), {}, {}]);
  const fork = call('rax', 57n, () => machine.fork(parent, child, { pid: 20 }));
  const parent: Task = machine.spawn(lines([{}, fork, {}, call('rax', 1n), {}]), { pid: 10 });
  const gdb = attach(kernel);
  gdb.ok('QCatchSyscalls:1;1');
  t.is(gdb.stop(), 'T05fork:p14.14;thread:p1.a;');
  gdb.ok('Hgp1.a', 'QCatchSyscalls:0');
  t.is(gdb.stop('vCont;c:p14.-1'), 'T05syscall_entry:1;thread:p14.14;', 'as its parent had it');
  t.is(machine.tasks.get(10)?.state, 'running');
  const { instructions } = parent;
  t.is(gdb.stop('vCont;c:p14.-1'), 'T05syscall_return:1;thread:p14.14;');
  t.is(parent.instructions, instructions, 'it stood still');
  gdb.ok('Hgp14.14', `Z0,${(text() + 8n).toString(16)},1`);
  t.is(gdb.stop('vCont;c:p1.-1;c:p14.-1'), 'T05swbreak:;thread:p14.14;');
  gdb.ok(`z0,${(text() + 8n).toString(16)},1`);
  t.is(gdb.stop('vCont;c:p14.-1'), 'W00;process:14');
  t.is(gdb.send('qfThreadInfo'), 'mp1.a');
  t.is(gdb.send('vCont;c:p14.-1'), 'E16');
  t.is(gdb.stop('vCont;c'), 'W00;process:1');
});

test('the parent is let go of: what is left is the child, whose end is the end', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const [worker] = spawnCounters(kernel, 1);
  forking(kernel);
  const gdb = attach(kernel);
  t.is(gdb.stop(), 'T05fork:p14.14;thread:p1.a;');
  gdb.ok('D;1');
  t.regex(gdb.send('?'), /thread:p14\.14;/);
  const { instructions = 0 } = worker ?? {};
  t.is(gdb.stop('vCont;c:p14.-1'), 'W00;process:14');
  t.true((worker?.instructions ?? 0) > instructions, 'the others go on meanwhile');
  t.is(gdb.send('g'), 'E03');
  gdb.ok('D;14');
  t.false(gdb.session.open);
  t.is(kernel.machine.run(100).reason, 'budget');
});

test('a process of number 1 is told as another one while the first has that', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const { machine } = kernel;
  const parent: Task = machine.spawn(lines([call('rax', 57n, () => machine.fork(parent, CHILD, { pid: 1 })), {}]), {
    pid: 10,
  });
  const gdb = attach(kernel);
  t.is(gdb.stop(), 'T05fork:p2.1;thread:p1.a;');
  gdb.ok('Hgp2.1', 'D;2');
  t.is(gdb.stop(), 'W00;process:1');
});

test('a fork that somebody refuses is none', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const { machine } = kernel;
  let refused = '';
  const fork = call('rax', 57n, () => {
    try {
      machine.fork(parent, CHILD, { pid: 20 });
    } catch (error) {
      refused = String(error);
    }
  });
  const parent: Task = machine.spawn(lines([fork, {}]), { pid: 10 });
  const gdb = attach(kernel);
  machine.hooks.fork.add(() => {
    throw new Error('no more processes');
  });
  t.is(gdb.stop(), 'W00;process:1');
  t.regex(refused, /no more/);
});

test('a fork while the world stands still cannot be told: the child belongs to its parent’s process', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const parent = kernel.machine.spawn(lines([{}, {}]), { pid: 10 });
  const gdb = attach(kernel);
  kernel.machine.fork(parent, CHILD, { pid: 20 });
  t.is(gdb.send('qfThreadInfo'), 'mp1.a,p1.14');
});

// --- exec ---

test('exec: a stop with the name; points of the program before are gone, and the call returns', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  executing(kernel);
  const gdb = attach(kernel);
  const at = (text() + 4n).toString(16);
  gdb.ok('QCatchSyscalls:1;3b');
  t.is(gdb.stop(), 'T05syscall_entry:3b;thread:p1.a;');
  gdb.ok(`Z0,${at},1`, `Z2,${data().toString(16)},4`);
  t.is(gdb.stop(), 'T05exec:5b6f746865725d;thread:p1.a;');
  t.is(gdb.send(`z0,${at},1`), 'E02');
  t.is(gdb.stop(), 'T05syscall_return:3b;thread:p1.a;');
  t.is(gdb.stop(), 'W00;process:1');
});

test('an exec that the debugger does not follow is no stop, and takes nothing', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  executing(kernel);
  const gdb = attach(kernel, 'multiprocess+');
  gdb.stop('vCont;s:p1.a');
  gdb.ok(`Z0,${(text() + 4n).toString(16)},1`);
  gdb.stop('vCont;s:p1.a');
  t.is(gdb.stop(), 'T05swbreak:;thread:p1.a;');
});

// --- afterwards, and meanwhile ---

test('a debugger that has gone catches nothing, and has stopped nothing', (t) => {
  for (const leave of ['D', 'D;1', 'k', 'close'] as const) {
    using kernel = kernelWith({ cpus: 1 });
    const hooks = (): number[] => Object.values(kernel.machine.hooks).map(({ size }: { size: number }) => size);
    const before = hooks();
    forking(kernel);
    calling(kernel, 100, 11);
    const gdb = attach(kernel);
    gdb.ok('QCatchSyscalls:1');
    t.regex(gdb.stop(), /syscall_entry/);
    if (leave === 'close') gdb.session.close();
    else
      gdb.raw(
        `$${leave}#${[...leave]
          .reduce((sum, c) => sum + c.charCodeAt(0), 0)
          .toString(16)
          .slice(-2)}`,
      );
    t.false(gdb.session.open, leave);
    t.deepEqual(hooks(), before);
    t.deepEqual([kernel.machine.gates, kernel.breakpoints.debugger.inside], [0, undefined]);
    t.is(kernel.machine.run().reason, 'idle');
    t.is(kernel.machine.tasks.size, 0);
  }
});

/** What a kernel does that calls, forks and executes, on two CPUs: every switch and every end, with its time. */
function history(kernel: Kernel): string[] {
  const seen: string[] = [];
  const { machine } = kernel;
  machine.hooks.contextSwitch.add((cpu, previous, next) => {
    seen.push(`${machine.count} CPU ${cpu.index}: ${previous?.pid ?? '-'} to ${next?.pid ?? '-'}`);
  });
  machine.hooks.exit.add((task) => void seen.push(`${machine.count} ${task.pid} ends`));
  forking(kernel);
  const worker: Task = machine.spawn(
    lines(
      [{}, call('rax', 1n), call('rax', 57n, () => machine.fork(worker, CHILD)), { accesses: [store(data(), 1n)] }, {}],
      6,
    ),
    { pid: 11 },
  );
  const last = call('rax', 59n, () => machine.exec(third, lines([{}, call('rax', 2n), {}], 4), { comm: 'new' }));
  const third: Task = machine.spawn(lines([{}, {}, last]), { pid: 12 });
  return seen;
}

const busy = (): Kernel => kernelWith({ cpus: 2, quantum: 5, tick: 7000 });

for (const slice of [1, 7, 1000]) {
  for (const keep of [true, false]) {
    test(`catching changes nothing: slices of ${slice}, children ${keep ? 'kept' : 'let go of'}`, (t) => {
      using alone = busy();
      const expected = history(alone);
      alone.machine.run();
      using kernel = busy();
      const seen = history(kernel);
      const gdb = attach(kernel);
      gdb.ok('QCatchSyscalls:1');
      let stops = 0;
      for (let ended = 0; ended < 2; ) {
        gdb.raw('$c#63');
        while (gdb.session.running) if (gdb.session.run(slice) === 'waiting') break;
        const stop = gdb.take();
        stops++;
        if (/\$W/.test(stop)) ended = gdb.send('?').startsWith('W') ? 2 : 0;
        const [, child] = /fork:p(\w+)\./.exec(stop) ?? [];
        if (child !== undefined && !keep) gdb.ok(`D;${child}`);
      }
      t.true(stops > 40, `${stops}`);
      t.is(kernel.machine.departure, undefined);
      gdb.session.close();
      kernel.machine.run();
      t.deepEqual(seen, expected);
    });
  }
}
