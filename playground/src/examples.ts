import type { Scenario, ScenarioWatch } from './model/scenario.js';

/** A scenario to start from, and the idea that it shows. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly idea: string;
  readonly scenario: Scenario;
}

const BASE = {
  model: 'x86',
  cpus: 2,
  breakpoints: 'direct',
  policy: 'linux',
  tasksBy: 'round-robin',
  seed: 0,
  quantum: 10,
  tick: 400,
  space: 'kernel',
} as const;

const FIVE = `; Five counters, each of which two tasks count up in turns.
one:    .u64 0
two:    .u64 0
three:  .u64 0
four:   .u64 0
five:   .u64 0

main:   mov   r0, 20
.again: xadd  r1, [one], 1
        xadd  r1, [two], 1
        xadd  r1, [three], 1
        xadd  r1, [four], 1
        xadd  r1, [five], 1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`;

const watch = (by: ScenarioWatch['by'], symbol: string, more: Partial<ScenarioWatch> = {}): ScenarioWatch => ({
  by,
  symbol,
  access: 'w',
  ...more,
});

const FULL: Example = {
  id: 'full',
  title: 'A full set of registers',
  idea: 'x86 has four. The fifth watch is refused, and the refusal says who holds the four. One is given back later, and a sixth request gets it.',
  scenario: {
    ...BASE,
    text: FIVE,
    tasks: [
      { comm: 'left', entry: 'main', cpu: 0 },
      { comm: 'right', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three', 'four'].map((symbol, i) => watch('kernel', symbol, i === 3 ? { until: 60 } : {})),
      watch('kernel', 'five'),
      watch('kernel', 'five', { from: 100 }),
    ],
  },
};

const FLEXIBLE: Example = {
  id: 'flexible',
  title: 'Pinned and flexible',
  idea: 'Two pinned perf events keep their registers; four flexible ones share the other two, and take turns at each tick. The timeline shows the turns.',
  scenario: {
    ...BASE,
    cpus: 1,
    breakpoints: 'events',
    policy: 'flexible',
    tick: 60,
    text: `${FIVE.replace('five:   .u64 0', 'five:   .u64 0\nsix:    .u64 0')
      .replace('mov   r0, 20', 'mov   r0, 120')
      .replace('        sub   r0', '        xadd  r1, [six], 1\n        sub   r0')}`,
    tasks: [{ comm: 'counting', entry: 'main' }],
    watches: [
      ...['one', 'two'].map((symbol) => watch('perf', symbol, { pinned: true })),
      ...['three', 'four', 'five', 'six'].map((symbol) => watch('perf', symbol, { pinned: false })),
    ],
  },
};

const AGAINST: Example = {
  id: 'ptrace-perf',
  title: 'ptrace against perf',
  idea: 'Both watch the same task. perf asks first and gets three registers; gdb gets the last one, and its next request is refused: registers are counted for everybody.',
  scenario: {
    ...BASE,
    breakpoints: 'events',
    space: 'user',
    text: FIVE,
    tasks: [
      { comm: 'victim', entry: 'main', cpu: 0 },
      { comm: 'other', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three'].map((symbol) => watch('perf', symbol, { task: 'victim', pinned: true })),
      watch('ptrace', 'four', { task: 'victim', from: 20 }),
      watch('ptrace', 'five', { task: 'victim', from: 40 }),
    ],
  },
};

const CLAIMS: Example = {
  id: 'kgdb',
  title: 'kgdb claims registers',
  idea: 'A debugger of the kernel goes past every scheduler. With priorities it takes registers from those who are less important: they wait, and get them back when it lets go.',
  scenario: {
    ...BASE,
    policy: 'priorities',
    text: FIVE,
    tasks: [
      { comm: 'left', entry: 'main', cpu: 0 },
      { comm: 'right', entry: 'main', cpu: 1 },
    ],
    watches: [
      ...['one', 'two', 'three', 'four'].map((symbol, i) => watch('kwatch', symbol, { priority: i + 1 })),
      watch('debugger', 'five', { from: 50, until: 180 }),
      watch('debugger', 'one', { from: 80, until: 150 }),
    ],
  },
};

const TIMING = `; One store. What does whoever is told of it see: what was there, or what is there now?
value:  .u64 0

main:   mov   r0, 5
.again: load  r1, [value]
        add   r1, r1, 1
        store [value], r1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`;

const timing = (id: string, model: Scenario['model'], title: string, idea: string): Example => ({
  id,
  title,
  idea,
  scenario: {
    ...BASE,
    cpus: 1,
    model,
    space: 'user',
    text: TIMING,
    tasks: [{ comm: 'storing', entry: 'main' }],
    watches: [watch('ptrace', 'value', { task: 'storing' })],
  },
});

const TIMINGS: readonly Example[] = [
  timing(
    'after-x86',
    'x86',
    'After the access: x86',
    'The store has happened when the debugger is told: DR6 says which register, and pc stands behind the instruction.',
  ),
  timing(
    'before-power',
    'power10',
    'Before the access: POWER10',
    'The debugger is told before the store, which has not happened: it steps over it with its watch out of the way, and sets it again.',
  ),
  timing(
    'before-arm',
    'arm64',
    'Before the access: arm64',
    'The same with DBGWVR and DBGWCR: FAR_EL1 holds the address, and ESR_EL1 says that it was a store.',
  ),
];

const RACE: Example = {
  id: 'race',
  title: 'The race that a schedule decides',
  idea: 'Two tasks of the kernel count to twenty without a lock. The seed decides the schedule: with some, counts are lost. Change the seed, and see at which hit.',
  scenario: {
    ...BASE,
    tasksBy: 'random',
    quantum: 100,
    tick: 4000,
    seed: 17,
    text: `; load, add, store: another CPU may come in between.
counter: .u64 0

count:   mov   r0, 10
.again:  load  r1, [counter]
         add   r1, r1, 1
         store [counter], r1
         sub   r0, r0, 1
         bne   r0, 0, .again
         ret
`,
    tasks: [
      { comm: 'left', entry: 'count', cpu: 0 },
      { comm: 'right', entry: 'count', cpu: 1 },
    ],
    watches: [watch('kernel', 'counter')],
  },
};

const GUEST: Example = {
  id: 'guest',
  title: 'A guest',
  idea: 'A kernel inside a virtual machine has debug registers of its own. From an entry to the next exit the silicon holds the guest’s; the host’s watch at the same address is not hit by it.',
  scenario: {
    ...BASE,
    cpus: 1,
    tick: 50,
    text: `; Host and guest execute the same text, each in its own memory.
shared: .u64 0

main:   mov   r0, 30
.again: xadd  r1, [shared], 1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`,
    tasks: [
      { comm: 'on-host', entry: 'main' },
      { comm: 'in-guest', entry: 'main', guest: true },
    ],
    watches: [watch('kernel', 'shared'), watch('kernel', 'shared', { guest: true, access: 'rw' })],
  },
};

/** Examples to start from, one for each idea. */
export const EXAMPLES: readonly Example[] = [FULL, FLEXIBLE, AGAINST, CLAIMS, ...TIMINGS, RACE, GUEST];
