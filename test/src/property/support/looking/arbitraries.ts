import fc from 'fast-check';
import type { Look, Watch } from './look.js';
import type { Code, KernelPlan, Step } from './plan.js';

const word = fc.nat(3);
const number = fc.nat(7);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });

const access = fc
  .record({
    op: fc.constantFrom('load', 'load', 'store', 'store', 'both'),
    word,
    size: fc.constantFrom(1, 2, 4, 8),
    odd: fc.boolean(),
  })
  .map(({ odd, ...rest }): Step => ({ ...rest, offset: odd ? 8 - rest.size : 0 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(3, fc.constant({ op: 'plain' })),
  weighted(16, access),
  weighted(3, fc.record({ op: fc.constant('set'), word, value: number })),
  weighted(1, fc.record({ op: fc.constant('reserve'), word })),
  weighted(4, fc.record({ op: fc.constant('branch'), over: fc.integer({ min: 1, max: 3 }) })),
  weighted(3, fc.record({ op: fc.constant('syscall'), code: number })),
  weighted(1, fc.record({ op: fc.constant('fork'), code: number, thread: fc.boolean() })),
  weighted(2, fc.record({ op: fc.constantFrom('wake', 'wake', 'wake', 'signal', 'halt'), task: number })),
  weighted(1, fc.record({ op: fc.constant('move'), task: number, cpu: number })),
  weighted(1, fc.record({ op: fc.constant('interrupt'), cpu: number, line: number })),
  weighted(
    1,
    fc.record({ op: fc.constant('alarm'), cpu: number, after: fc.integer({ min: 0, max: 20_000 }), line: number }),
  ),
  weighted(1, fc.record({ op: fc.constant('repeat'), times: fc.integer({ min: 1, max: 3 }), word })),
  weighted(2, fc.constantFrom<Step>({ op: 'sleep' }, { op: 'shadow' }, { op: 'shadow' }, { op: 'trap' })),
  { weight: 1, arbitrary: fc.nat(9).map((n): Step => ({ op: n === 0 ? 'exit' : 'plain' })) },
);

const code: fc.Arbitrary<Code> = fc.array(step, { minLength: 3, maxLength: 12, size: 'max' });

/** Random kernels whose tasks race for memory, and whose outcome depends on the schedule. */
export const kernelPlan: fc.Arbitrary<KernelPlan> = fc.record({
  cpus: fc.integer({ min: 1, max: 4 }),
  quantum: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(40)),
  tick: fc.integer({ min: 500, max: 30_000 }),
  units: fc.array(fc.constantFrom(1000, 1000, 700, 2300), { minLength: 1, maxLength: 4 }),
  strict: fc.boolean(),
  sampleRate: fc.constantFrom(100_000, 100_000_000),
  length: fc.integer({ min: 100, max: 500 }),
  deferred: fc.boolean(),
  codes: fc.array(code, { minLength: 1, maxLength: 4 }),
  handler: code,
  tasks: fc.array(
    fc.record({
      code: number,
      mode: fc.constantFrom('user', 'kernel'),
      affinity: fc.array(number, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

const watch: fc.Arbitrary<Watch> = fc.record({
  kind: number,
  length: fc.nat(600),
  kernel: fc.boolean(),
  word,
  offset: number,
  code: number,
  step: fc.nat(11),
  target: fc.constantFrom('task', 'task', 'cpu', 'wide'),
  index: number,
  silicon: fc.boolean(),
  suspends: fc.nat(3).map((n) => n === 0),
});
const budget = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 120 }));
const run = fc.record({ look: fc.constant('run' as const), budget });
const index = fc.nat(20);

const sliced: fc.Arbitrary<Look> = run;
const breakpoints: fc.Arbitrary<Look> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ look: fc.constant('register' as const), watch }) },
  { weight: 4, arbitrary: run },
  { weight: 1, arbitrary: fc.record({ look: fc.constant('modify' as const), index, watch }) },
  { weight: 2, arbitrary: fc.record({ look: fc.constantFrom('unregister', 'disable', 'enable'), index }) },
);
const events: fc.Arbitrary<Look> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      look: fc.constant('open' as const),
      watch,
      software: fc.option(fc.constantFrom(0, 1, 3, 9), { nil: undefined }),
      period: fc.constantFrom(0, 1, 1, 2, 3, 7, 5000),
      inherit: fc.boolean(),
      pinned: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: run },
  { weight: 2, arbitrary: fc.record({ look: fc.constantFrom('close', 'stop', 'start', 'drain'), index }) },
);
const tracer: fc.Arbitrary<Look> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      look: fc.constant('trace' as const),
      word,
      access: fc.constantFrom('rw-', 'rw-', '-w-', 'r--', '---'),
    }),
  },
  { weight: 4, arbitrary: run },
  { weight: 1, arbitrary: fc.record({ look: fc.constant('tracer' as const), on: fc.boolean() }) },
);
const debuggers: fc.Arbitrary<Look> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ look: fc.constant('attach' as const), threads: fc.constantFrom('cpus', 'tasks') }),
  },
  { weight: 5, arbitrary: fc.record({ look: fc.constant('insert' as const), point: fc.nat(4), watch }) },
  { weight: 2, arbitrary: fc.record({ look: fc.constant('take out' as const), index }) },
  {
    weight: 10,
    arbitrary: fc.record({
      look: fc.constant('go on' as const),
      how: fc.constantFrom('c', 'c', 'step', 'step', 'range', 'all'),
      thread: number,
      budget,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      look: fc.constantFrom('interrupt', 'interrupt', 'interrupt', 'read', 'read', 'read', 'detach'),
      index,
    }),
  },
  { weight: 1, arbitrary: run },
);
/** What a debugger orders: it changes the run. */
const orders: fc.Arbitrary<Look> = fc.record({
  look: fc.constant('order' as const),
  what: fc.constantFrom('step alone', 'continue alone', 'write memory', 'write a register'),
  thread: number,
  budget,
});

/** Up to 40 of them, behind those with which it begins. */
const begun = (look: fc.Arbitrary<Look>, ...first: readonly Look[]): fc.Arbitrary<readonly Look[]> =>
  fc.array(look, { maxLength: 40, size: 'max' }).map((looks) => [...first, ...looks]);

const ATTACHED: Look = { look: 'attach', threads: 'cpus' };
const TRACING: Look = { look: 'tracer', on: true };

/** Ways to look, in any order. */
export const LOOKS = {
  'any slicing of run': begun(sliced),
  breakpoints: begun(breakpoints),
  'perf events': begun(events),
  'the tracer of symbols': begun(tracer, TRACING),
  'a debugger': fc.oneof(begun(debuggers, ATTACHED), begun(debuggers, { look: 'attach', threads: 'tasks' })),
  'all of them': begun(fc.oneof(breakpoints, events, tracer, debuggers), ATTACHED, TRACING),
  'a debugger that orders something': begun(
    fc.oneof({ weight: 6, arbitrary: debuggers }, { weight: 1, arbitrary: orders }),
    ATTACHED,
  ),
} as const satisfies Record<string, fc.Arbitrary<readonly Look[]>>;
