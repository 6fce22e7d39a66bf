import { arm64 } from '@hwbp/arch-arm64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import { architecture, composeKernel, type Kernel, program, resumeKernel } from '@hwbp/core';
import { History, type HistoryCursor, history } from '@hwbp/history';
import { fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import { at, dataOf, events, nops, observed, stays, store, writes } from './support.js';

const ignore = (): void => {};

/** A task that stores to its watched variable, with a watch that is put in and out before each. */
function busy(kernel: Kernel, times: number): void {
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program(Array.from({ length: times }, () => store())), { comm: 'busy' });
  for (let n = 0; n < times; n++) {
    const watch = breakpoints.registerUser(writes(), ignore, task, { owner: 'me' });
    machine.run(1);
    breakpoints.unregister(watch);
  }
}

test('what does not fit is dropped, the oldest first, and counted; what is left is all there is since `from`', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [history({ capacity: 3 })] });
  busy(kernel, 10);
  const data = dataOf(kernel);
  // Three that are over, and the latest of the register, which could go on.
  t.deepEqual(
    data.intervals.map(({ from, to }) => [from, to]),
    [
      [6, 7],
      [7, 8],
      [8, 9],
      [9, 10],
    ],
  );
  t.deepEqual(
    data.events.map(({ kind, count }) => [kind, count]),
    [
      ['hit', 8],
      ['hit', 9],
      ['hit', 10],
    ],
  );
  // One context switch and ten hits.
  t.deepEqual(data.lost, { intervals: 6, events: 8 });
  t.is(data.from, 7, 'an event of instruction 7 was dropped');
  t.is(data.to, 10);
});

test('memory is bounded: a million stays and hits leave what fits, however many breakpoints and addresses', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [history({ capacity: 100 })] });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(30_000), { comm: 'a' });
  for (let n = 0; n < 30_000; n++) {
    const watch = breakpoints.registerUser(writes(n), ignore, task, { owner: `owner ${n}` });
    machine.run(1);
    breakpoints.unregister(watch);
  }
  const data = dataOf(kernel);
  t.is(data.intervals.length, 101);
  t.is(data.owners.length, 1024);
  t.is(data.owners.at(-1), '(others)');
  t.true(data.intervals.every(({ owner }) => owner === 1023));
  t.is(data.lost.intervals, 30_000 - 101);
});

test('a stay in which nothing executes is none, unless it was hit; what leaves and comes back at once was never away', (t) => {
  using kernel = observed();
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(4), { comm: 'a' });
  machine.run(1);
  const watch = breakpoints.registerUser(writes(), ignore, task, { owner: 'me' });
  breakpoints.unregister(watch);
  t.deepEqual(stays(dataOf(kernel)), []);
  const other = breakpoints.registerUser(writes(1), ignore, task, { owner: 'me' });
  machine.run(1);
  breakpoints.disable(other);
  breakpoints.enable(other);
  machine.run(1);
  breakpoints.modify(other, { bp_addr: at(1) });
  t.deepEqual(stays(dataOf(kernel)), ['0 DR0 [1, ...) me w 0x1008+8 for a-1']);
  // An execute breakpoint reports before its instruction, which has not retired when its handler takes it out.
  const once = breakpoints.registerUser(
    { bp_type: 4, bp_addr: 0x400000n, bp_len: 8 },
    () => breakpoints.unregister(once),
    task,
    { owner: 'once' },
  );
  machine.run(1);
  t.true(stays(dataOf(kernel)).includes('0 DR1 [3, 3) once x 0x400000+8 for a-1: released'));
  t.true(events(dataOf(kernel)).includes('4 on 0: hit of DR1: once x 0x400000+8, pc 0x400000'));
});

test('a symbol is named, with the offset; a table that throws changes nothing', (t) => {
  using kernel = observed({ symbols: [{ name: 'total', address: at(0), size: 16 }] });
  const task = kernel.machine.spawn(nops(1));
  for (const n of [0, 1]) kernel.breakpoints.registerUser(writes(n), ignore, task);
  kernel.machine.run(1);
  t.deepEqual(
    dataOf(kernel).intervals.map(({ what }) => what),
    ['w 0x1000+8 total', 'w 0x1008+8 total+0x8'],
  );
  const broken = {
    symbols: [],
    lookup: () => undefined,
    resolve: () => {
      throw new Error('broken');
    },
  };
  using other = observed({ symbols: broken });
  other.breakpoints.registerCpu(writes(), ignore, 0);
  t.deepEqual(
    dataOf(other).intervals.map(({ what }) => what),
    ['w 0x1000+8'],
  );
});

test('interrupts are told, with the line and the CPU', (t) => {
  using kernel = observed({ cpus: 2 });
  const { machine } = kernel;
  machine.interrupts.handle(5, { name: 'five', action: ignore });
  machine.spawn(nops(4), { comm: 'a' });
  machine.run(1);
  machine.interrupts.raise(5, machine.cpu(1));
  machine.cpu(0).interrupts.raiseNonMaskable();
  machine.run();
  t.deepEqual(events(dataOf(kernel)).sort(), ['1 on 0: non-maskable interrupt', '4 on 1: interrupt 5']);
});

test('registers have the names of the manual, where the architecture says them', (t) => {
  const names = (arch: Parameters<typeof composeKernel>[0]['arch']): readonly string[] => {
    using kernel = composeKernel({ arch, plugins: [History] });
    return dataOf(kernel).registers;
  };
  t.deepEqual(names(x86()), ['DR0', 'DR1', 'DR2', 'DR3']);
  t.is(names(riscv64())[0], 'trigger 0');
  t.true(names(arm64()).includes('DBGWVR0') && names(arm64()).includes('DBGBVR0'));
  t.deepEqual(names(architecture(fakeBackend({ slots: { data: 2, instruction: 1 } }))), [
    'data 0',
    'data 1',
    'instruction 0',
  ]);
});

test('it begins with what is in registers already; cleared it is as new, stopped it keeps what it has', (t) => {
  using kernel = observed();
  const { machine, breakpoints } = kernel;
  breakpoints.registerCpu(writes(), ignore, 0, { owner: 'early' });
  machine.spawn(nops(4), { comm: 'a' });
  machine.run(2);
  const subject = kernel.get(History);
  subject.clear();
  t.like(subject.snapshot(), { from: 2, to: 2, owners: ['early'], events: [], lost: { intervals: 0, events: 0 } });
  machine.run(1);
  t.deepEqual(stays(subject.snapshot()), ['0 DR0 [2, ...) early w 0x1000+8']);
  subject.stop();
  const kept = subject.snapshot();
  machine.run(1);
  breakpoints.registerCpu(writes(1), ignore, 0);
  t.deepEqual(subject.snapshot(), kept, 'it hears of nothing any more');
  t.is(kept.to, 3);
  subject.start();
  t.like(subject.snapshot(), { from: 4, to: 4, owners: ['early', 'kernel'] });
});

test('whoever asks for what is new misses nothing that is dropped later, and hears when it begins anew', (t) => {
  using kernel = observed({ plugins: [] });
  using small = composeKernel({ arch: x86(), strict: true, plugins: [history({ capacity: 4 })] });
  const hits = (subject: History, whole: boolean): number[] => {
    const counts: number[] = [];
    let cursor: HistoryCursor | undefined;
    const look = (): void => {
      const news = subject.since(cursor);
      cursor = news.cursor;
      counts.push(...news.data.events.filter(({ kind }) => kind === 'hit').map(({ count }) => count));
    };
    const { machine, breakpoints } = whole ? kernel : small;
    const watch = breakpoints.registerCpu(writes(), ignore, 0);
    machine.spawn(program(Array.from({ length: 12 }, () => store())), { comm: 'busy' });
    for (let slice = 0; slice < 6; slice++) {
      machine.run(2);
      look();
    }
    breakpoints.unregister(watch);
    look();
    return counts;
  };
  const expected = Array.from({ length: 12 }, (_, i) => i + 1);
  t.deepEqual(hits(kernel.get(History), true), expected);
  const subject = small.get(History);
  t.deepEqual(hits(subject, false), expected, 'more than there is room for');
  t.is(subject.snapshot().events.length, 4);
  t.is(subject.since().data.events.length, 4, 'of the others no more is there');
  const { cursor } = subject.since();
  t.is(subject.since(cursor).anew, false);
  t.is(subject.since(cursor).data.events.length, 0);
  subject.clear();
  const anew = subject.since(cursor);
  t.true(anew.anew);
  t.is(anew.data.events.length, 0);
});

test('what a snapshot has is plain data', (t) => {
  using kernel = observed();
  busy(kernel, 2);
  const data = dataOf(kernel);
  t.deepEqual(JSON.parse(JSON.stringify(data)), data);
});

test('a history has few options, and says what is wrong with others', (t) => {
  t.throws(() => history({ capacity: 0 }), { message: 'capacity is a whole number from 1, got 0' });
  const wrong = { size: 3 } as object;
  t.throws(() => history(wrong), { message: "history has no option 'size'; it has capacity, host, name" });
});

test('a kernel with a history hibernates; the one that resumes has what is in registers from there on', (t) => {
  const options = { arch: x86(), code: { ignore }, plugins: [history()] };
  using kernel = composeKernel(options);
  const task = kernel.machine.spawn(nops(6), { comm: 'a' });
  kernel.breakpoints.registerUser(writes(), ignore, task, { owner: 'me' });
  kernel.machine.run(3);
  using resumed = resumeKernel(options, kernel.hibernate());
  resumed.machine.run(2);
  t.deepEqual(stays(dataOf(resumed)), ['0 DR0 [3, ...) me w 0x1000+8 for a-1']);
  t.like(dataOf(resumed), { from: 3, to: 5 });
});
