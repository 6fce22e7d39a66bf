import assert from 'node:assert/strict';
import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Access,
  type Architecture,
  type Breakpoint,
  composeKernel,
  type HwBreakpointAttr,
  KernelError,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { DeliveryModel } from './support/delivery-model.js';
import { fakeArch } from './support/fake-arch.js';
import { type Event, recordHit, STEP_LENGTH, type Step, TextProgram } from './support/program-text.js';

const DATA = 0x1000n;
const TEXT = 0x40_0000n;
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

const access: fc.Arbitrary<Access> = fc.record({
  kind: fc.constantFrom('read', 'write', 'readwrite'),
  address: fc.nat(40).map((offset) => DATA + BigInt(offset)),
  size: fc.constantFrom(1, 2, 4, 8, 16, 24),
  value: fc.constant(0x55n),
});
const accesses = fc.array(access, { maxLength: 3 });

/** Instructions one behind the other; the last is never in front of nothing with its trap still waiting. */
function text(base: bigint, steps: readonly Omit<Step, 'pc'>[]): Step[] {
  return steps.map((step, i) => {
    const next = steps[i + 1];
    const shadow = step.shadow === true && next !== undefined && next.syscall === undefined;
    return { ...step, shadow, pc: base + BigInt(i * STEP_LENGTH) };
  });
}

const plain = fc.record({ accesses, shadow: fc.boolean().map((yes) => yes) });
const kernelText = fc.array(plain, { minLength: 1, maxLength: 4 }).map((steps) => text(KERNEL_TEXT, steps));
const step = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.record({ accesses: fc.constant([]), syscall: kernelText }) },
);
const userText = fc.array(step, { minLength: 1, maxLength: 14, size: 'max' }).map((steps) => text(TEXT, steps));

const flags = { exclude_user: fc.boolean(), exclude_kernel: fc.boolean(), disabled: fc.nat(5).map((n) => n === 0) };
const none = { exclude_user: fc.constant(false), exclude_kernel: fc.constant(false), disabled: fc.constant(false) };
const data = fc.constantFrom(1, 2, 4, 8).chain((bp_len) =>
  fc.record({
    bp_type: fc.constantFrom(2, 3),
    bp_len: fc.constant(bp_len),
    bp_addr: fc.nat(48).map((n) => DATA + BigInt(n - (n % bp_len))),
    ...flags,
  }),
);
/** What x86 cannot watch: reads alone, odd lengths anywhere, long ranges. */
const wider = fc.record({
  bp_type: fc.constantFrom(1, 2, 3),
  bp_len: fc.constantFrom(1, 3, 5, 7, 8, 12, 30),
  bp_addr: fc.nat(48).map((n) => DATA + BigInt(n)),
  ...flags,
});
const execute = fc.record({
  bp_type: fc.constant(4),
  bp_len: fc.constant(8),
  bp_addr: fc.tuple(fc.constantFrom(TEXT, KERNEL_TEXT), fc.nat(8)).map(([base, n]) => base + BigInt(n * STEP_LENGTH)),
  ...none,
});
const request: fc.Arbitrary<{ attr: HwBreakpointAttr; task: number; cpu: number }> = fc.record({
  attr: fc.oneof({ weight: 8, arbitrary: data }, { weight: 4, arbitrary: execute }, wider),
  /** -1: none. */
  task: fc.integer({ min: -1, max: 3 }),
  cpu: fc.integer({ min: -1, max: 2 }),
});

const scenario = fc.record({
  cpus: fc.integer({ min: 1, max: 3 }),
  texts: fc.array(userText, { minLength: 1, maxLength: 4, size: 'max' }),
  requests: fc.array(request, { minLength: 1, maxLength: 10, size: 'max' }),
  quantum: fc.integer({ min: 1, max: 9 }),
  tick: fc.integer({ min: 1000, max: 9000 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Runs a scenario in slices of these sizes, the last one repeated, until nothing can run. */
function play(arch: Architecture, { cpus, texts, requests, quantum, tick }: Scenario, slices: readonly number[]) {
  const kernel = composeKernel({ arch, cpus, quantum, tick, strict: true });
  const events: Event[] = [];
  const tasks = texts.map((steps) => kernel.machine.spawn(() => new TextProgram(steps, events, kernel.machine)));
  const breakpoints: Breakpoint[] = [];
  for (const [i, { attr, task: index, cpu }] of requests.entries()) {
    const task = tasks[index];
    const options = { owner: `breakpoint ${i}` };
    const where = cpu % cpus;
    try {
      breakpoints.push(
        task === undefined
          ? kernel.breakpoints.registerCpu(attr, (hit) => recordHit(events, hit), Math.max(where, 0), options)
          : kernel.breakpoints.registerUser(attr, (hit) => recordHit(events, hit), task, { ...options, cpu: where }),
      );
    } catch (error) {
      // No slot, or a kernel address with exclude_kernel: one breakpoint less.
      if (!(error instanceof KernelError)) throw error;
    }
  }
  let instructions = 0;
  for (let i = 0; ; i++) {
    const result = kernel.machine.run(slices[Math.min(i, slices.length - 1)]);
    instructions += result.instructions;
    if (result.reason === 'idle') break;
    assert.equal(result.reason, 'budget');
  }
  const time = kernel.machine.cpus.map(({ clock }) => clock.now);
  return { tasks, breakpoints, events, instructions, time };
}

/** Events as plain data, for comparing runs of two kernels. */
function plainly(events: readonly Event[]): unknown {
  return events.map((event) => {
    if (event.kind === 'retired') return [event.task.pid, event.cpu, event.mode, event.step.pc];
    const { task, cpu, breakpoint, register, pc, ip, now } = event;
    return ['hit', task.pid, cpu, breakpoint.owner, register, pc, ip, now];
  });
}

const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  x86: () => x86(),
  'a fake with two pools': () => fakeArch({ data: 3, instruction: 2, shared: false }),
  power7: () => ppc64({ cpu: 'power7' }),
  power8: () => ppc64({ cpu: 'power8' }),
  power10: () => ppc64({ cpu: 'power10' }),
  arm64: () => arm64(),
};

/** Shadows are of traps after the instruction: where the silicon reports before it, there are none. */
function without({ texts, ...rest }: Scenario): Scenario {
  const bare = ({ shadow: _shadow, syscall, ...step }: Step): Step => ({
    ...step,
    ...(syscall === undefined ? {} : { syscall: syscall.map(bare) }),
  });
  return { ...rest, texts: texts.map((steps) => steps.map(bare)) };
}

for (const [name, arch] of Object.entries(ARCHITECTURES)) {
  test(`the hits of random programs are those that their text promises, with pc and ip, in order (${name})`, (t) => {
    let hits = 0;
    const before = arch().backend.manifest.timing.data === 'before';
    const property = fc.property(scenario, (random) => {
      const what = before ? without(random) : random;
      const { tasks, breakpoints, events } = play(arch(), what, [Number.POSITIVE_INFINITY]);
      const model = new DeliveryModel(breakpoints, name === 'x86');
      for (const [i, task] of tasks.entries()) hits += model.check(task, what.texts[i] ?? [], events);
      for (const breakpoint of breakpoints) {
        const mine = events.filter((event) => event.kind === 'hit' && event.breakpoint === breakpoint);
        assert.equal(breakpoint.hits, mine.length);
      }
    });
    check(t, property, 300);
    const fewest = before ? 200 : 900;
    t.true(hits > fewest, `programs and breakpoints were chosen so that they meet: ${hits} hits`);
  });
}

for (const [name, arch] of Object.entries({ x86, ppc64, arm64 })) {
  test(`n runs of one instruction, or of any sizes, are one run of n: same events at the same times (${name})`, (t) => {
    const slices = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(scenario, slices, (what, sizes) => {
      const whole = play(arch(), what, [Number.POSITIVE_INFINITY]);
      for (const cut of [[1], sizes]) {
        const parts = play(arch(), what, cut);
        assert.deepEqual(plainly(parts.events), plainly(whole.events));
        assert.deepEqual(parts.time, whole.time);
        assert.equal(parts.instructions, whole.instructions);
      }
    });
    check(t, property, 150);
  });
}
