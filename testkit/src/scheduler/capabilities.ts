import { type HwBreakpointAttr, KernelError, program, type Task } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, honouringCase, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

class Refusal extends Error {}

/** Attributes that a scheduler may refuse: something asked for, and what asks for nothing. */
const OPTIONAL: readonly (readonly [asked: Partial<HwBreakpointAttr>, neutral: Partial<HwBreakpointAttr>])[] = [
  [{ sample_period: 3 }, { sample_period: 1 }],
  [{ inherit: true }, { inherit: false }],
  [{ exclusive: true }, { exclusive: false }],
  [{ pinned: false }, { pinned: true }],
];

/** A task that touches the spot so many times, with something else between. */
function touching(lab: Lab, times: number, cpu = 0): Task {
  const { touch } = lab.spot();
  return lab.task(Array.from({ length: times }, () => [touch, plain()]).flat(), { affinity: [cpu] });
}

/** What a scheduler does beyond putting breakpoints into registers, or says that it does not. */
export const capabilityCases: readonly BackendCase[] = [
  labCase('scheduler/refuses-what-it-cannot-do', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const task = lab.task([plain()], { run: false });
    for (const [asked, neutral] of OPTIONAL) {
      const [field] = Object.keys(asked) as [string];
      const before = lab.state;
      try {
        lab.breakpoints.unregister(lab.user(task, { ...attr, ...asked }).breakpoint);
      } catch (error) {
        ok(error instanceof KernelError, `${field}: refused with a KernelError, or accepted`);
        equal(error.errno, 'EOPNOTSUPP', `${field}: errno of the refusal`);
        ok(error.message.includes(field), `${field}: the refusal names it: ${error.message}`);
        ok(/compose/.test(error.message), `${field}: the refusal says what to compose instead: ${error.message}`);
      }
      equal(lab.state, before, `${field}: registers and slots behind it`);
      lab.breakpoints.unregister(lab.user(task, { ...attr, ...neutral }).breakpoint);
    }
  }),

  honouringCase('scheduler/a-period-calls-the-handler-every-n-hits', { sample_period: 3 }, (lab) => {
    const { attr } = lab.spot();
    const task = touching(lab, 7);
    // Another task of the CPU has no part in it.
    touching(lab, 5);
    const at: number[] = [];
    const watch = lab.user(task, { ...attr, sample_period: 3 }, ({ breakpoint: { hits } }) => at.push(hits));
    lab.run();
    equal(
      [at, watch.breakpoint.hits],
      [[3, 6], 7],
      'hits at which the handler was called, with period 3, and all hits',
    );
  }),

  honouringCase(
    'scheduler/a-period-goes-on-over-switches',
    { sample_period: 3 },
    (lab) => {
      const { attr, touch } = lab.spot();
      const { machine } = lab;
      const task = machine.spawn(
        program(function* () {
          for (const cpu of [1, 0, 1, 0, 1, 0]) {
            yield touch;
            machine.setAffinity(task, [cpu]);
            yield plain();
          }
        }),
        { affinity: [0] },
      );
      for (const cpu of [0, 1]) touching(lab, 20, cpu);
      const at: number[] = [];
      lab.user(task, { ...attr, sample_period: 3 }, ({ breakpoint: { hits } }) => at.push(hits));
      lab.run();
      equal(at, [3, 6], 'hits at which the handler was called, with period 3, while the task went from CPU to CPU');
    },
    { tick: 2000 },
  ),

  honouringCase('scheduler/children-inherit', { inherit: true }, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, breakpoints } = lab;
    const parent = lab.task([touch], { run: false });
    const seen: (Task | undefined)[] = [];
    const watch = lab.user(parent, { ...attr, inherit: true }, ({ task }) => seen.push(task));
    const child = machine.fork(parent, program([touch, plain()]));
    const grandchild = machine.fork(child, program([touch]), { thread: true });
    const stranger = lab.task([touch]);
    machine.wake(parent);
    lab.run();
    equal(seen.length, 3, 'hits of a parent, its child, and a thread of that');
    for (const task of [parent, child, grandchild]) ok(seen.includes(task), `a hit of ${task}`);
    ok(!seen.includes(stranger), 'no hit of a task that is no child');
    ok(breakpoints.isUsed, 'the slot of the parent is held until it is unregistered');
    breakpoints.unregister(watch.breakpoint);
    ok(!breakpoints.isUsed, 'no slot is used once it is unregistered: those of children are gone');
  }),

  honouringCase('scheduler/what-children-inherited-follows-its-parent', { inherit: true }, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, breakpoints } = lab;
    const parent = lab.task([plain()], { run: false });
    const watch = lab.user(parent, { ...attr, inherit: true, disabled: true });
    const child = machine.fork(
      parent,
      program(function* () {
        for (let i = 0; i < 4; i++) {
          yield touch;
          machine.stop('testkit');
          yield plain();
        }
      }),
    );
    const calls: number[] = [];
    for (const act of ['disabled', 'enable', 'disable', 'unregister'] as const) {
      if (act === 'enable') breakpoints.enable(watch.breakpoint);
      if (act === 'disable') breakpoints.disable(watch.breakpoint);
      if (act === 'unregister') {
        breakpoints.enable(watch.breakpoint);
        breakpoints.unregister(watch.breakpoint);
      }
      lab.runUntil('stopped');
      calls.push(watch.count);
    }
    equal(calls, [0, 1, 1, 1], "a child's hits: forked disabled, enabled, disabled, enabled and unregistered");
    ok(!breakpoints.registered.some(({ task }) => task === child), 'nothing of the child is left');
  }),

  honouringCase('scheduler/children-inherit-only-what-is-to-be-inherited', { inherit: true }, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, breakpoints } = lab;
    const parent = lab.task([plain()], { run: false });
    const watch = lab.user(parent, { ...attr, inherit: false });
    machine.fork(parent, program([touch]));
    equal(breakpoints.registered.length, 1, 'breakpoints once the task of one that is not inherited has forked');
    lab.run();
    equal(watch.count, 0, 'hits of the child');
  }),

  honouringCase('scheduler/a-fork-that-cannot-inherit-fails', { inherit: true }, (lab) => {
    const { attr } = lab.spot();
    const { machine } = lab;
    const parent = lab.task([plain()], { run: false });
    lab.user(parent, { ...attr, inherit: true });
    // What a child gets is admitted as its parent's was.
    machine.hooks.fork.add(() => {
      throw new Refusal('testkit refuses');
    });
    const before = lab.breakpoints.registered.length;
    const error = thrown(() => machine.fork(parent, program([plain()])), 'a fork that a hook refuses');
    ok(error instanceof Refusal, `a fork that a hook refuses throws what that threw: ${String(error)}`);
    equal(lab.breakpoints.registered.length, before, 'breakpoints behind a fork that failed');
  }),
];
