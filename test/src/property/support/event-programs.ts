import type { Access } from '@hwbp/core';
import fc from 'fast-check';
import type { EventDriver } from './event-driver.js';
import type { Watch } from './event-model/event.js';
import type { Flags, Source, Target } from './event-setup.js';
import { type Operation, operation } from './operation.js';
import { TOLD_LENGTH, type ToldStep } from './told-program.js';

const DATA = 0x1000n;
const TEXT = 0x40_0000n;
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;
const MOST_STEPS = 8;

/** A random program of operations on a kernel whose tasks execute these texts. */
export interface EventProgram {
  readonly texts: readonly (readonly ToldStep[])[];
  readonly operations: readonly Operation<EventDriver>[];
}

const often = fc.boolean();
const rarely = fc.nat(6).map((n) => n === 0);
const sometimes = fc.nat(2).map((n) => n === 0);

// --- what tasks execute ---

const access: fc.Arbitrary<Access> = fc.record({
  kind: fc.constantFrom('read', 'write', 'readwrite'),
  address: fc.nat(40).map((offset) => DATA + BigInt(offset)),
  size: fc.constantFrom(1, 2, 4, 8, 16),
  value: fc.constant(0x55n),
});
const accesses = fc.array(access, { maxLength: 2 });

function text(base: bigint, steps: readonly Omit<ToldStep, 'pc'>[]): ToldStep[] {
  return steps.map((step, i) => ({ ...step, pc: base + BigInt(i * TOLD_LENGTH) }));
}

const kernelText = fc
  .array(fc.record({ accesses }), { minLength: 1, maxLength: 3 })
  .map((steps) => text(KERNEL_TEXT, steps));
const step: fc.Arbitrary<Omit<ToldStep, 'pc'>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ accesses }) },
  { weight: 1, arbitrary: fc.record({ accesses: fc.constant([]), syscall: kernelText }) },
);
const userText = fc.array(step, { minLength: 2, maxLength: MOST_STEPS, size: 'max' }).map((steps) => text(TEXT, steps));

// --- what is opened ---

const data = fc.constantFrom(1, 2, 4, 8).chain((bp_len) =>
  fc.record({
    bp_type: fc.constantFrom(2, 3),
    bp_len: fc.constant(bp_len),
    bp_addr: fc.nat(40).map((n) => DATA + BigInt(n - (n % bp_len))),
  }),
);
const execute = fc.record({
  bp_type: fc.constant(4),
  bp_len: fc.constant(8),
  bp_addr: fc
    .tuple(fc.constantFrom(TEXT, TEXT, TEXT, KERNEL_TEXT), fc.nat(MOST_STEPS - 1))
    .map(([base, n]) => base + BigInt(n * TOLD_LENGTH)),
});
const odd = fc.record({
  bp_type: fc.constantFrom(0, 1, 5, 7, 4, 2),
  bp_len: fc.constantFrom(3, 8),
  bp_addr: fc.constant(DATA + 3n),
});
const watch: fc.Arbitrary<Watch> = fc.oneof(
  { weight: 14, arbitrary: data },
  { weight: 6, arbitrary: execute },
  { weight: 1, arbitrary: odd },
);
const source: fc.Arbitrary<Source> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('breakpoint' as const), watch }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('software' as const), config: fc.constantFrom(0, 1, 3, 3, 9) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('hardware' as const), config: fc.constantFrom(0, 1) }) },
);

const leaderFlags: fc.Arbitrary<Flags> = fc
  .record({
    disabled: sometimes,
    pinned: sometimes,
    exclusive: rarely,
    exclude_user: rarely,
    exclude_kernel: rarely,
    inherit: often,
    inherit_thread: rarely,
    sample_period: fc.constantFrom(0, 1, 1, 2, 3, 5),
    sample_type: fc.constantFrom(0, 0, 0, 0x100),
    exec: fc.constantFrom('stays', 'stays', 'enables', 'removes'),
  })
  .map(({ exec, ...flags }) => ({
    ...flags,
    enable_on_exec: exec === 'enables',
    remove_on_exec: exec === 'removes',
  }));
const memberFlags = fc
  .tuple(leaderFlags, rarely)
  .map(([flags, keep]) => (keep ? flags : { ...flags, pinned: false, exclusive: false }));

const task = fc.nat(7);
const target: fc.Arbitrary<Target> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ task: fc.nat(3), cpu: fc.constant(-1) }) },
  { weight: 1, arbitrary: fc.record({ task, cpu: fc.integer({ min: -1, max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ task: fc.constant(undefined), cpu: fc.integer({ min: 0, max: 1 }) }) },
);

const index = fc.nat(30);
const change = fc.oneof(
  watch,
  fc.record({ bp_addr: data.map(({ bp_addr }) => bp_addr) }),
  fc.record({ disabled: often }),
  fc.tuple(watch, often).map(([where, disabled]) => ({ ...where, disabled })),
);

type On<T extends readonly unknown[]> = (driver: EventDriver, ...args: T) => void;
const op = <T extends readonly unknown[]>(
  weight: number,
  name: keyof EventDriver & string,
  apply: On<T>,
  ...args: { [K in keyof T]: fc.Arbitrary<T[K]> }
) => ({ weight, arbitrary: operation<EventDriver, T>(name, apply, ...args) });

const broken = fc.tuple(fc.constantFrom('throws' as const, 'full' as const), data, fc.constantFrom(0, 1, undefined));

const OPERATIONS = [
  op(
    7,
    'open',
    (d, what, flags, to, throws) => d.open(what, flags, to, undefined, false, throws),
    source,
    leaderFlags,
    target,
    rarely,
  ),
  op(
    6,
    'open',
    (d, what, flags, to, leader, stray) => d.open(what, flags, to, leader, stray, false),
    source,
    memberFlags,
    target,
    index,
    rarely.chain((yes) => (yes ? rarely : fc.constant(false))),
  ),
  op(
    2,
    'register',
    (d, where, flags, to) => d.register(where, flags, to),
    watch,
    fc.record({ disabled: rarely, pinned: often, inherit: sometimes, exclude_user: rarely }),
    target,
  ),
  op(3, 'close', (d, n) => d.close(n), index),
  op(6, 'toggle', (d, n, on, group) => d.toggle(n, on, group), index, often, sometimes),
  op(1, 'reset', (d, n, group) => d.reset(n, group), index, often),
  op(2, 'refresh', (d, n, times) => d.refresh(n, times), index, fc.integer({ min: 1, max: 3 })),
  op(1, 'setPeriod', (d, n, period) => d.setPeriod(n, period), index, fc.constantFrom(0, 1, 2, 3, 7)),
  op(3, 'modify', (d, n, what) => d.modify(n, what), index, change),
  op(4, 'fork', (d, n, thread) => d.fork(n, thread), task, often),
  op(2, 'exec', (d, n) => d.exec(n), task),
  op(3, 'exit', (d, n, group) => d.exit(n, group), task, rarely),
  op(2, 'move', (d, n, to) => d.move(n, to), task, fc.nat(2)),
  op(1, 'sleep', (d, n, asleep) => d.sleep(n, asleep), task, often),
  op(2, 'setOnline', (d, n, on) => d.setOnline(n, on), fc.nat(2), often),
  op(16, 'run', (d, budget) => d.run(budget), fc.integer({ min: 1, max: 40 })),
];
const BREAKDOWN = op(
  3,
  'breakdown',
  (d, [how, { bp_addr }, config], yes) => d.breakdown(how, bp_addr, config, yes),
  broken,
  often,
);

/** Random programs; with `faults`, hardware breaks down and recovers in between. */
export function eventPrograms(faults = false): fc.Arbitrary<EventProgram> {
  const choice = faults ? [...OPERATIONS, BREAKDOWN] : OPERATIONS;
  return fc.record({
    texts: fc.array(userText, { minLength: 2, maxLength: 3 }),
    operations: fc.array(fc.oneof(...choice), { minLength: 1, maxLength: 80, size: 'max' }),
  });
}
