import { x86 } from '@hwbp/arch-x86';
import {
  architecture,
  defineSlotPolicy,
  GRANTED,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type Kernel,
  nullBackend,
  program,
  UNCHANGED,
} from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { counter, data, lines, load, spawnCounters, store, text } from './programs.js';

const at = (address: bigint): string => address.toString(16);
const VARIABLE = 0x1000n;

/** Owner and place of every breakpoint in a register, sorted. */
function held(kernel: Kernel): string[] {
  return [...kernel.breakpoints.registered, ...kernel.breakpoints.debugger.claims.map(({ breakpoint }) => breakpoint)]
    .map(({ owner, cpu, task, address }) => `${owner} ${task ?? `CPU ${cpu}`} ${at(address)}`)
    .sort();
}

test('a write watch stops behind the instruction, with the address of the data; reads pass', (t) => {
  using kernel = kernelWith();
  kernel.machine.spawn(
    lines([
      { accesses: [load(VARIABLE)] },
      { accesses: [store(VARIABLE + 3n, 1n, 1)] },
      {},
      { accesses: [load(VARIABLE)] },
    ]),
  );
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${at(VARIABLE)},4`);
  t.is(gdb.stop(), `T05watch:${at(VARIABLE)};thread:1;`);
  t.is(gdb.pc(), text() + 8n);
  gdb.ok(`z2,${at(VARIABLE)},4`, `Z4,${at(VARIABLE)},4`);
  t.is(gdb.stop(), `T05awatch:${at(VARIABLE)};thread:1;`);
  t.is(gdb.stop(), 'W00');
});

test('types that the architecture does not have are answered with nothing: x86 has no read watch, none has none', (t) => {
  using kernel = kernelWith();
  const gdb = new Client(kernel);
  t.deepEqual(
    ['Z3', 'z3', 'Z5', 'z9'].map((name) => gdb.send(`${name},1000,4`)),
    ['', '', '', ''],
  );
  t.is(gdb.monitor('why'), 'x86 has no debug register that watches reads alone; use awatch\n');
  const { facets } = x86();
  using bare = kernelWith({ arch: architecture(nullBackend(), { facets }) });
  const other = new Client(bare);
  t.deepEqual(
    ['Z1', 'Z2', 'Z3', 'Z4', 'z2'].map((name) => other.send(`${name},1000,4`)),
    ['', '', '', '', ''],
  );
  t.is(other.monitor('why'), 'none has no debug register that watches writes\n', 'of removing, too');
  other.ok('Z0,1000,1', 'z0,1000,1');
});

test('a refusal is the errno in hexadecimal, its reason is on the console and behind monitor why, and nothing is left', (t) => {
  using kernel = kernelWith();
  const gdb = new Client(kernel);
  t.is(gdb.monitor('why'), 'nothing was refused\n');
  t.is(gdb.send('Z2,2000,0'), 'E16');
  t.deepEqual(kernel.breakpoints.debugger.claims, []);
  gdb.ok('Z2,1000,8', 'Z2,1008,8', 'Z4,1010,8', 'Z1,401000,1');
  const before = held(kernel);
  t.is(before.length, 8);
  t.is(gdb.send('Z2,1018,4'), 'E1c');
  t.regex(gdb.monitor('why'), /^ENOSPC: no debug register is free for a breakpoint of kgdb for CPU 0 at 0x1018/);
  t.regex(gdb.notices.at(-1) ?? '', /^refused: ENOSPC/);
  t.is(gdb.send('z2,1018,4'), 'E02', 'there is none');
  t.deepEqual(held(kernel), before);
});

test('all or nothing: what one CPU has no register for is on no CPU', (t) => {
  using kernel = kernelWith();
  const watch = { bp_type: HW_BREAKPOINT_W, bp_len: 4 };
  for (let i = 0n; i < 4n; i++) {
    kernel.breakpoints.registerCpu({ ...watch, bp_addr: 0x2000n + 8n * i }, () => {}, 1, { owner: 'profiler' });
  }
  const gdb = new Client(kernel);
  t.is(gdb.send('Z2,1000,4'), 'E1c');
  t.regex(gdb.monitor('why'), /CPU 1 .*profiler/s);
  t.deepEqual(kernel.breakpoints.debugger.claims, []);
});

test('a variable that lies across registers is watched by several, and given up if there are not enough', (t) => {
  using kernel = kernelWith();
  kernel.machine.spawn(lines([{ accesses: [store(VARIABLE + 11n, 1n, 1)] }, {}]));
  const gdb = new Client(kernel);
  gdb.ok('Z2,1002,a');
  t.deepEqual(
    kernel.breakpoints.debugger.claims
      .filter(({ breakpoint }) => breakpoint.cpu === 0)
      .map(({ breakpoint }) => [breakpoint.address, breakpoint.length]),
    [
      [0x1002n, 2],
      [0x1004n, 4],
      [0x1008n, 4],
    ],
  );
  t.is(gdb.send('Z2,2001,7'), 'E1c');
  t.is(kernel.breakpoints.debugger.claims.length, 6);
  t.is(gdb.stop(), 'T05watch:1008;thread:1;');
});

test('inserting twice is inserting once; what was taken away and comes back before going on never lost its register', (t) => {
  using kernel = kernelWith();
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,8', 'Z2,1000,8', 'Z2,1008,8', 'Z2,1010,8', 'Z2,1018,8');
  const claims = kernel.breakpoints.debugger.claims;
  t.is(claims.length, 8);
  gdb.ok('z2,1000,8', 'z2,1008,8', 'Z2,1000,8');
  t.deepEqual(kernel.breakpoints.debugger.claims, claims);
  gdb.ok('Z2,1020,8');
  t.deepEqual(
    kernel.breakpoints.debugger.claims.map(({ breakpoint }) => at(breakpoint.address)).sort(),
    ['1000', '1000', '1010', '1010', '1018', '1018', '1020', '1020'],
    'what is only kept makes room',
  );
});

test('an execute breakpoint stops before the instruction and goes on over it', (t) => {
  using kernel = kernelWith();
  const [task] = spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok(`Z1,${at(text() + 8n)},1`);
  for (const value of [0n, 1n, 2n]) {
    t.is(gdb.stop(), 'T05hwbreak:;thread:1;');
    t.is(gdb.pc(), text() + 8n);
    t.is(task?.memory.readInteger(data(), 4), value);
  }
});

test('a hit on another CPU is that thread, and everybody else stands still', (t) => {
  using kernel = kernelWith({ cpus: 4 });
  spawnCounters(kernel, 4);
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${at(data(2))},4`);
  t.is(gdb.stop(), `T05watch:${at(data(2))};thread:3;`);
  t.is(gdb.send('qC'), 'QC3');
  const counts = kernel.machine.cpus.map(({ instructions }) => instructions);
  t.is(kernel.machine.run(1000).reason, 'held', 'somebody else drives the machine: nothing happens');
  t.deepEqual(
    kernel.machine.cpus.map(({ instructions }) => instructions),
    counts,
  );
});

test('software breakpoints: many at one hash, on every CPU, up to a thousand; they cost no register', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  // All of these share one entry of the filter's table.
  for (let i = 0n; i < 999n; i++) gdb.ok(`Z0,${at(0x1000_0000n + 0x8000n * i)},1`);
  gdb.ok(`Z0,${at(text(1) + 4n)},1`, `Z0,${at(text(1) + 4n)},1`);
  t.is(gdb.send('Z0,2000,1'), 'E1c');
  t.regex(gdb.monitor('why'), /1000 software breakpoints/);
  t.is(kernel.breakpoints.isUsed, false);
  t.is(gdb.stop(), 'T05swbreak:;thread:2;');
  t.is(gdb.pc(), text(1) + 4n);
  gdb.ok(`z0,${at(text(1) + 4n)},1`);
  t.is(gdb.send(`z0,${at(text(1) + 4n)},1`), 'E02');
  for (let i = 0n; i < 999n; i++) gdb.ok(`z0,${at(0x1000_0000n + 0x8000n * i)},1`);
  t.is(kernel.machine.planted.size, 0);
  t.deepEqual(kernel.machine.cpu(0).unit.filter.ranges, []);
});

test('reasons that a debugger has not said it understands are left out', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel, { raw: true });
  gdb.ok('QStartNoAckMode', `Z0,${at(text() + 4n)},1`);
  t.is(gdb.stop(), 'T05thread:1;');
});

test('a breakpoint instruction that is compiled in: the kernel’s stops, a program’s is its own affair', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{ trap: 'breakpoint' }, {}]), { mode: 'kernel' });
  const gdb = new Client(kernel);
  t.is(gdb.stop(), 'T05thread:1;');
  t.is(gdb.pc(), text() + 4n);
  t.is(gdb.stop(), 'W00');
  using other = kernelWith({ cpus: 1 });
  other.machine.spawn(lines([{ trap: 'breakpoint' }, {}]));
  t.is(new Client(other).stop(), 'X05');
});

test('while the accounting is locked, claiming is refused and nothing is lost', (t) => {
  const answers: string[] = [];
  let gdb: Client | undefined;
  using kernel = kernelWith({
    slotPolicy: defineSlotPolicy('nosy', () => ({
      name: 'nosy',
      isUsed: false,
      reserve() {
        if (gdb !== undefined) answers.push(gdb.send('Z2,1000,4'), gdb.monitor('why'));
        return GRANTED;
      },
      change: () => GRANTED,
      release: () => UNCHANGED,
      place: (_claim, occupied) => occupied.indexOf(undefined),
    })),
  });
  gdb = new Client(kernel);
  kernel.breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x1000n, bp_len: 4 }, () => {}, 0);
  gdb = undefined;
  t.is(answers[0], 'E10');
  t.regex(answers[1] ?? '', /^EBUSY: the machine was stopped inside the slot accounting/);
  t.deepEqual(kernel.breakpoints.debugger.claims, []);
});

test('CPUs: a CPU that comes online has the breakpoints too, and one that comes back has them again', (t) => {
  using kernel = kernelWith({ cpus: 3, offline: [2] });
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4');
  t.deepEqual(held(kernel), ['kgdb CPU 0 1000', 'kgdb CPU 1 1000']);
  kernel.machine.setOnline(2, true);
  t.deepEqual(held(kernel), ['kgdb CPU 0 1000', 'kgdb CPU 1 1000', 'kgdb CPU 2 1000']);
  kernel.machine.setOnline(1, false);
  t.deepEqual(
    kernel.breakpoints.debugger.claims.map(({ breakpoint }) => breakpoint.onCpu),
    [0, -1, 2],
  );
  kernel.machine.setOnline(1, true);
  t.deepEqual(
    kernel.breakpoints.debugger.claims.map(({ breakpoint }) => breakpoint.onCpu),
    [0, 1, 2],
  );
  gdb.session.close();
  t.deepEqual(held(kernel), []);
});

test('tasks: breakpoints follow tasks over CPUs, come to new tasks, and leave with the dead', (t) => {
  using kernel = kernelWith({ cpus: 2 });
  const task = kernel.machine.spawn(
    program(() => counter(0)),
    { pid: 7, affinity: [0] },
  );
  const short = kernel.machine.spawn(lines([{}, {}]), { affinity: [1] });
  const gdb = new Client(kernel, { threads: 'tasks' });
  gdb.ok(`Z2,${at(data())},4`, `Z1,${at(text(3))},1`);
  t.is(held(kernel).length, 4);
  t.is(gdb.stop(), `T05watch:${at(data())};thread:7;`);
  kernel.machine.setAffinity(task, [1]);
  t.is(gdb.stop(), `T05watch:${at(data())};thread:7;`);
  t.is(task.cpu, 1);
  t.false(short.alive);
  kernel.machine.spawn(
    program(() => counter(3)),
    { pid: 9 },
  );
  const stops = Array.from({ length: 100 }, () => gdb.stop());
  t.true(stops.includes('T05hwbreak:;thread:9;'), 'a task that came later stops too');
  t.deepEqual(held(kernel), [
    `kgdb task-7 ${at(text(3))}`,
    `kgdb task-7 ${at(data())}`,
    `kgdb task-9 ${at(text(3))}`,
    `kgdb task-9 ${at(data())}`,
  ]);
  gdb.session.close();
  t.deepEqual(held(kernel), []);
});

test('tasks: one that has no register left runs without, and the console says so', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel, { threads: 'tasks' });
  gdb.ok('Z2,1000,4');
  const late = kernel.machine.spawn(
    program(() => counter(1)),
    { comm: 'late' },
  );
  for (let i = 0n; i < 4n; i++) {
    kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_X, bp_addr: 8n * i, bp_len: 8 }, () => {}, late);
  }
  gdb.go('c', 10_000);
  t.is(gdb.notices.filter((notice) => /late-\d+ runs without the breakpoints: ENOSPC/.test(notice)).length, 1);
});
