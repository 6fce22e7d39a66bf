import { ppc64 } from '@hwbp/arch-ppc64';
import { flexible, perfEvents, priorities, program } from '@hwbp/core';
import { history } from '@hwbp/history';
import { Kgdb } from '@hwbp/kgdb';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { Client } from '../kgdb/client.js';
import { DATA, pair, store as storeAt, TEXT, writes as watchOf } from '../kvm/support.js';
import { dataOf, events, nops, observed, stays, store, writes } from './support.js';

const ignore = (): void => {};

test('a full set of registers for each of two tasks changes hands with them, and who comes late is refused', (t) => {
  using kernel = observed();
  const { machine, breakpoints } = kernel;
  const a = machine.spawn(nops(3), { comm: 'a' });
  const b = machine.spawn(nops(3), { comm: 'b' });
  for (const task of [a, b]) {
    for (const n of [0, 1, 2, 3]) breakpoints.registerUser(writes(n), ignore, task, { owner: `of ${task.comm}` });
  }
  t.throws(() => breakpoints.registerUser(writes(4), ignore, b, { owner: 'late' }), { message: /^ENOSPC/ });
  machine.run(1);
  machine.schedule(0);
  machine.run();
  const set = (from: number, to: number, task: string): string[] =>
    [0, 1, 2, 3].map((n) => {
      const what = `w 0x${(0x1000 + 8 * n).toString(16)}+8`;
      return `0 DR${n} [${from}, ${to}) of ${task.slice(0, 1)} ${what} for ${task}: switched`;
    });
  t.deepEqual(stays(dataOf(kernel)), [...set(0, 1, 'a-1'), ...set(1, 4, 'b-2'), ...set(4, 6, 'a-1')]);
  t.deepEqual(events(dataOf(kernel)), [
    '0 on -1: late is refused w 0x1020+8: of b for task b-2 at 0x1000/8; of b for task b-2 at 0x1008/8; ' +
      'of b for task b-2 at 0x1010/8; of b for task b-2 at 0x1018/8',
  ]);
  t.deepEqual(
    dataOf(kernel).events.filter(({ kind }) => kind === 'switch'),
    [
      { kind: 'switch', count: 0, cpu: 0, task: 'a-1', to: 'a-1' },
      { kind: 'switch', count: 1, cpu: 0, task: 'b-2', from: 'a-1', to: 'b-2' },
      { kind: 'switch', count: 4, cpu: 0, task: 'a-1', from: 'b-2', to: 'a-1' },
      { kind: 'switch', count: 6, cpu: 0, from: 'a-1' },
    ],
  );
});

test('by priority: who is displaced, by whom, who waits and is granted; what is changed and released', (t) => {
  using kernel = observed({ slotPolicy: priorities() });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(7), { comm: 'a' });
  const [, , second, third] = [0, 1, 2, 3].map((n) =>
    breakpoints.registerUser(writes(n), ignore, task, { owner: `low${n}`, priority: n + 1 }),
  );
  machine.run(2);
  const high = breakpoints.registerUser(writes(9), ignore, task, { owner: 'high', priority: 9 });
  breakpoints.registerUser(writes(5), ignore, task, { owner: 'lowest', priority: 0 });
  machine.run(2);
  breakpoints.unregister(high);
  machine.run(1);
  if (second !== undefined) breakpoints.modify(second, { bp_addr: 0x2000n });
  if (third !== undefined) breakpoints.disable(third);
  machine.run(1);
  t.deepEqual(stays(dataOf(kernel)), [
    '0 DR0 [0, 2) low0 w 0x1000+8 for a-1: displaced by high w 0x1048+8',
    '0 DR1 [0, ...) low1 w 0x1008+8 for a-1',
    '0 DR2 [0, 5) low2 w 0x1010+8 for a-1: changed',
    '0 DR3 [0, 5) low3 w 0x1018+8 for a-1: changed',
    '0 DR0 [2, 4) high w 0x1048+8 for a-1: released',
    '0 DR0 [4, ...) low0 w 0x1000+8 for a-1',
    '0 DR2 [5, ...) low2 w 0x2000+8 for a-1',
  ]);
  t.deepEqual(events(dataOf(kernel)), [
    '2 on 0: low0 loses w 0x1000+8 to high w 0x1048+8',
    '2 on -1: lowest waits for w 0x1028+8',
    '4 on -1: low0 is granted w 0x1000+8',
  ]);
});

test('a wide request that has to wait somewhere waits once on each CPU; one that is refused has never been there', (t) => {
  using kernel = observed({ cpus: 2, slotPolicy: priorities() });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(3), { comm: 'a', affinity: [1] });
  for (const n of [0, 1, 2, 3]) {
    breakpoints.registerUser(writes(n), ignore, task, { owner: `user${n}`, priority: 5 });
  }
  machine.run(1);
  const refused = { owner: 'refused', priority: 1, waits: false };
  t.throws(() => breakpoints.registerWide(writes(8), ignore, refused), { message: /^ENOSPC/ });
  const told = events(dataOf(kernel)).map((line) => line.replace(/:.*? (is refused|waits).*/, ': $1'));
  t.deepEqual(told, ['1 on 0: is refused']);
  breakpoints.registerWide(writes(8), ignore, { owner: 'wide', priority: 1 });
  t.deepEqual(events(dataOf(kernel)).slice(1), [
    '1 on 0: wide waits for w 0x1040+8',
    '1 on 1: wide waits for w 0x1040+8',
  ]);
});

test('flexible events have their turns on one register', (t) => {
  const options = { slotPolicy: flexible(), breakpointScheduler: perfEvents(), plugins: [Perf] };
  using kernel = observed({ arch: ppc64({ cpu: 'power8' }), tick: 4000, ...options });
  const { pid } = kernel.machine.spawn(nops(12), { comm: 'a' });
  for (const n of [0, 1, 2]) {
    kernel.get(Perf).open({ type: PERF_TYPE_BREAKPOINT, ...writes(n), sample_period: 0, pinned: false }, { pid });
  }
  kernel.machine.run();
  t.deepEqual(stays(dataOf(kernel)), [
    '0 DAWR [0, 4) perf w 0x1000+8 for a-1: switched',
    '0 DAWR [4, 8) perf w 0x1008+8 for a-1: switched',
    '0 DAWR [8, 12) perf w 0x1010+8 for a-1: switched',
  ]);
});

test('ptrace and perf beside each other: four stays over every stop, and their hits', (t) => {
  using kernel = observed({ breakpointScheduler: perfEvents(), plugins: [Ptrace, Perf] });
  const { machine } = kernel;
  const task = machine.spawn(program([store(0), store(1), store(2), store(3), store(0)]), { comm: 'a' });
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  machine.run();
  tracer.wait(task);
  for (const n of [0, 1]) tracer.pokeUser(task, tracer.debugOffset(n), writes(n).bp_addr);
  tracer.pokeUser(task, tracer.debugOffset(7), 0x99_0005n);
  for (const n of [2, 3]) {
    kernel.get(Perf).open({ type: PERF_TYPE_BREAKPOINT, ...writes(n), sample_period: 1 }, { pid: task.pid });
  }
  for (let stops = 0; stops < 3; stops++) {
    tracer.cont(task);
    machine.run();
    tracer.wait(task);
  }
  const user = 'user debug registers';
  // The task stays on its CPU while it is stopped; it leaves with the third stop, behind its last instruction.
  t.deepEqual(stays(dataOf(kernel)), [
    `0 DR0 [0, 5) ${user} w 0x1000+8 for a-1: switched`,
    `0 DR1 [0, 5) ${user} w 0x1008+8 for a-1: switched`,
    '0 DR2 [0, 5) perf w 0x1010+8 for a-1: switched',
    '0 DR3 [0, 5) perf w 0x1018+8 for a-1: switched',
  ]);
  t.deepEqual(events(dataOf(kernel)), [
    '0 on 0: stopped: tracer',
    `1 on 0: hit of DR0: ${user} w 0x1000+8, pc 0x400000`,
    '1 on 0: stopped: tracer',
    `2 on 0: hit of DR1: ${user} w 0x1008+8, pc 0x400000`,
    '2 on 0: stopped: tracer',
    '3 on 0: hit of DR2: perf w 0x1010+8, pc 0x400000',
    '4 on 0: hit of DR3: perf w 0x1018+8, pc 0x400000',
    `5 on 0: hit of DR0: ${user} w 0x1000+8, pc 0x400000`,
    '5 on 0: stopped: tracer',
  ]);
});

test('a perf event that is closed has released its register, and one that is disabled has changed', (t) => {
  using kernel = observed({ breakpointScheduler: perfEvents(), plugins: [Perf] });
  const { pid } = kernel.machine.spawn(nops(6), { comm: 'a' });
  kernel.machine.run(1);
  const open = (n: number) =>
    kernel.get(Perf).open({ type: PERF_TYPE_BREAKPOINT, ...writes(n), sample_period: 0 }, { pid });
  const [first, second] = [open(0), open(1)];
  kernel.machine.run(2);
  first.close();
  second.disable();
  kernel.machine.run(1);
  t.deepEqual(stays(dataOf(kernel)), [
    '0 DR0 [1, 3) perf w 0x1000+8 for a-1: released',
    '0 DR1 [1, 3) perf w 0x1008+8 for a-1: changed',
  ]);
});

test("kgdb's claims are there from when gdb lets the machine go on until it takes them away", (t) => {
  using kernel = observed({ cpus: 2, plugins: [Kgdb] });
  kernel.machine.spawn(program([store(1), store(0), store(1)]), { comm: 'a' });
  kernel.breakpoints.registerCpu(writes(1), ignore, 0, { owner: 'cpu' });
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,8');
  gdb.stop('c');
  gdb.ok('z2,1000,8');
  gdb.stop('c');
  t.deepEqual(stays(dataOf(kernel)), [
    '0 DR0 [0, ...) cpu w 0x1008+8',
    '0 DR1 [0, 2) kgdb w 0x1000+8: released',
    '1 DR0 [0, 2) kgdb w 0x1000+8: released',
  ]);
  t.deepEqual(events(dataOf(kernel)), [
    '0 on -1: kgdb stops the machine',
    '1 on 0: hit of DR0: cpu w 0x1008+8, pc 0x400000',
    '2 on 0: hit of DR1: kgdb w 0x1000+8, pc 0x400000',
    '2 on -1: kgdb stops the machine',
    '3 on 0: hit of DR0: cpu w 0x1008+8, pc 0x400000',
    '3 on -1: kgdb stops the machine',
  ]);
});

test("a guest has a history of its own; its host's says when it is there, and keeps its registers", (t) => {
  using both = pair({ host: { plugins: [history()] }, guest: { plugins: [history()] } });
  const { host, guest } = both;
  host.breakpoints.registerCpu(watchOf(DATA + 0x100n), ignore, 0, { owner: 'host' });
  const task = guest.machine.spawn(program([storeAt(DATA), storeAt(DATA, 2n, TEXT + 4n)]), { comm: 'inside' });
  guest.breakpoints.registerUser(watchOf(), ignore, task, { owner: 'guest' });
  guest.machine.run();
  t.deepEqual(stays(dataOf(host)), ['0 DR0 [0, ...) host w 0x100100+8']);
  const told = events(dataOf(host)).map((line) => line.replace(/^\d+ /, ''));
  t.true(told.length >= 2 && told.length % 2 === 0, 'it has left as often as it came');
  t.deepEqual(
    told,
    told.map((_, n) => (n % 2 === 0 ? 'on 0: guest enters' : 'on 0: guest leaves')),
  );
  t.deepEqual(stays(dataOf(guest)), ['0 DR0 [0, 2) guest w 0x100000+8 for inside-1: switched']);
  t.deepEqual(events(dataOf(guest)), [
    '1 on 0: hit of DR0: guest w 0x100000+8, pc 0x400000',
    '2 on 0: hit of DR0: guest w 0x100000+8, pc 0x400004',
  ]);
});
