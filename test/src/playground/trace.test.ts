import { EXAMPLES } from '@hwbp/playground/examples';
import { type Scenario, Simulation, type StateView } from '@hwbp/playground/model';
import test from 'ava';

const base = EXAMPLES.find(({ id }) => id === 'full')?.scenario as Scenario;

function at(count: number, some: Partial<Scenario>): StateView {
  using simulation = new Simulation({ ...base, ...some });
  while (simulation.ended === undefined && simulation.count < count) simulation.run(1000, count);
  return simulation.view;
}

const kinds = ({ trace }: StateView, ...wanted: readonly string[]) =>
  trace.filter(({ kind }) => wanted.includes(kind)).map(({ count, text }) => `${count} ${text}`);

const TWO = 'a: .u64 0\nb: .u64 0\nmain: store [b], 3\n store [a], 4\n load r0, [b]\n ret\n';
const gdb = (symbol: string, access: 'w' | 'rw' = 'w') => ({ by: 'ptrace', symbol, access, task: 't' }) as const;
const USER: Partial<Scenario> = { text: TWO, space: 'user', cpus: 1, tasks: [{ comm: 't', entry: 'main' }] };

test('a stop is about the watch whose register DR6 names, and each watch counts its own hits', (t) => {
  const view = at(9, { ...USER, watches: [gdb('a'), gdb('b', 'rw')] });
  t.deepEqual(
    view.watches.map(({ hits }) => hits),
    [1, 2],
    'a, which was asked for first, and b',
  );
  const stops = kinds(view, 'stop').map((text) => text.replace(/ gdb.*(DR6 \w+: \w+).*; (\w is \d)$/, ' $1, $2'));
  t.deepEqual(stops, ['1 DR6 0xffff0ff2: B1, b is 3', '2 DR6 0xffff0ff1: B0, a is 4', '3 DR6 0xffff0ff2: B1, b is 3']);
});

for (const model of ['x86', 'power10', 'arm64', 'riscv64'] as const) {
  test(`${model}: what belongs to an instruction that was hit has its number, and stands behind its hit`, (t) => {
    const { trace } = at(9, { ...USER, model, watches: [gdb('a')] });
    const told = trace.filter(({ kind }) => ['hit', 'stop', 'step'].includes(kind));
    t.deepEqual(
      told.map(({ count, kind }) => `${count} ${kind}`),
      model === 'x86' ? ['2 hit', '2 stop'] : ['2 hit', '2 stop', '2 step'],
    );
  });
}

test('what a hit changed is told only where no write can have come in between that was none', (t) => {
  // One watch of a task alone, in memory that others write, too: nobody knows what was there before.
  const text = 'v: .u64 0\nmain: mov r0, 3\n.a: xadd r1, [v], 1\n sub r0, r0, 1\n bne r0, 0, .a\n ret\n';
  const tasks = [
    { comm: 'seen', entry: 'main', cpu: 0 },
    { comm: 'unseen', entry: 'main', cpu: 1 },
  ];
  const watch = { by: 'kernel', symbol: 'v', access: 'w' } as const;
  const of = (some: Partial<Scenario>) =>
    kinds(at(100, { text, tasks, ...some }), 'hit').map((line) => / v\/8, ([^,]*),/.exec(line)?.[1]);
  t.deepEqual(of({ watches: [{ ...watch, task: 'seen' }], quantum: 4 }), ['now 1', 'now 3', 'now 4']);
  t.deepEqual(of({ watches: [watch], quantum: 4 }), ['0 -> 1', '1 -> 2', '2 -> 3', '3 -> 4', '4 -> 5', '5 -> 6']);
  // Tasks of user space have a memory each: known from the first hit of each on.
  const space = 'user';
  t.deepEqual(of({ watches: [watch], space }), ['now 1', '1 -> 2', '2 -> 3', 'now 1', '1 -> 2', '2 -> 3']);
  t.deepEqual(of({ watches: [{ ...watch, task: 'seen' }], space }), ['0 -> 1', '1 -> 2', '2 -> 3']);
  // A watch for reads alone sees no writes.
  const riscv: Partial<Scenario> = { model: 'riscv64', watches: [{ ...watch, access: 'r' }], quantum: 4 };
  t.true(of(riscv).every((said) => said?.startsWith('now ')));
});

test('a watch that is in no register says why: there is none, its task is off, or gone', (t) => {
  const tasks = [
    { comm: 'first', entry: 'main', cpu: 0 },
    { comm: 'second', entry: 'main', cpu: 0 },
  ];
  const watches = ['one', 'two', 'three', 'four', 'five'].map(
    (symbol) => ({ by: 'perf', symbol, access: 'w', task: 'second' }) as const,
  );
  const scenario: Partial<Scenario> = {
    breakpoints: 'events',
    policy: 'flexible',
    cpus: 1,
    tasks,
    watches,
    space: 'user',
  };
  const states = (count: number) => at(count, { ...scenario, tick: 100 }).watches.map(({ state }) => state);
  t.deepEqual(states(1), new Array(5).fill('its task is not on a CPU'));
  const second = states(101);
  t.is(second.filter((state) => state === 'in a register').length, 4, 'four registers');
  t.is(second.filter((state) => state === 'waits for a register').length, 1, 'for five watches');
  t.deepEqual(states(100_000), new Array(5).fill('its task has exited'));
});

test('a task that waits for a CPU is runnable, and 0x stands before what is hexadecimal', (t) => {
  const { tasks } = at(30, { tasks: [...base.tasks, { comm: 'third', entry: 'main', cpu: 0 }] });
  t.deepEqual(
    tasks.map(({ state }) => state),
    ['on CPU', 'on CPU', 'runnable'],
  );
  for (const { registers } of tasks)
    for (const value of Object.values(registers)) t.regex(value, /^(0|0x[1-9a-f]\w*)$/);
  t.is(at(100, {}).tasks[0]?.registers.r0, '0xd', '20 less 7 times round');
});
