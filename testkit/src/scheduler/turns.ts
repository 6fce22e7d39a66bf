import { flexible, slotsOf, type Task } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { type BackendCase, honouringCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import type { Lab, Watch } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

/** Between two ticks. */
const INSTRUCTIONS = 20;

const TICKS = { slotPolicy: flexible(), tick: INSTRUCTIONS * 1000, instructionTime: 1000 };

const FLEXIBLE = { pinned: false };

const slots = (lab: Lab): number => slotsOf(lab.manifest, mainClass(lab.manifest));

/** A task that touches the first of the suites' spots, so many of them, again and again. */
function touching(lab: Lab, spots: number, times: number, cpu = 0): Task {
  const touches = Array.from({ length: spots }, (_, i) => lab.spot(i).touch);
  return lab.task(Array.from({ length: times }, () => touches).flat(), { affinity: [cpu] });
}

/** Who waits for a register that is free has it from here on. */
function nextTick(lab: Lab): void {
  lab.task(
    Array.from({ length: 2 * INSTRUCTIONS }, (_, i) => plain(i % 8)),
    { affinity: [0] },
  );
  lab.run();
}

/** Breakpoints that share registers: `pinned: false`. */
export const turnCases: readonly BackendCase[] = [
  honouringCase(
    'scheduler/flexible-ones-take-turns',
    FLEXIBLE,
    (lab) => {
      const wanted = slots(lab) + 2;
      const watches = Array.from({ length: wanted }, (_, i) => lab.onCpu(0, { ...lab.spot(i).attr, ...FLEXIBLE }));
      const active = (): number => watches.filter(({ breakpoint: { state } }) => state === 'active').length;
      equal(active(), slots(lab), 'flexible breakpoints in registers at once: as many as there are');
      const rounds = 100 * wanted;
      touching(lab, wanted, rounds);
      lab.run();
      equal(active(), slots(lab), 'the same later');
      for (const [i, { count }] of watches.entries()) {
        ok(count > 0, `flexible breakpoint ${i} of ${wanted} had its turn`);
        ok(count < rounds, `flexible breakpoint ${i} of ${wanted} had a turn only: ${count} of ${rounds} hits`);
      }
      const total = watches.reduce((sum, { count }) => sum + count, 0);
      const fair = total / wanted;
      for (const [i, { count }] of watches.entries()) {
        ok(
          count > fair / 2 && count < fair * 2,
          `turns are as long: ${count} hits of ${total} by number ${i} of ${wanted}`,
        );
      }
    },
    TICKS,
  ),

  honouringCase(
    'scheduler/flexible-ones-of-a-task-take-turns',
    FLEXIBLE,
    (lab) => {
      const wanted = slots(lab) + 1;
      const task = touching(lab, wanted, 100 * wanted);
      touching(lab, wanted, 50);
      const mine = ({ task: hit }: { readonly task: Task | undefined }): void =>
        ok(hit === task, `a hit of ${hit}, not of ${task}`);
      const watches = Array.from({ length: wanted }, (_, i) =>
        lab.user(task, { ...lab.spot(i).attr, ...FLEXIBLE }, mine),
      );
      lab.run();
      for (const [i, { count }] of watches.entries()) {
        ok(count > 0 && count < 100 * wanted, `flexible breakpoint ${i} of a task had turns: ${count} hits`);
      }
    },
    TICKS,
  ),

  honouringCase(
    'scheduler/pinned-ones-go-first',
    FLEXIBLE,
    (lab) => {
      const wanted = slots(lab);
      const watches = Array.from({ length: wanted }, (_, i) => lab.onCpu(0, { ...lab.spot(i).attr, ...FLEXIBLE }));
      // All flexible ones together keep one register; a pinned one takes the others.
      const pinned: Watch[] = [];
      for (let i = 1; i < wanted; i++) {
        const one = lab.onCpu(0, lab.spot(i).attr);
        equal(
          one.breakpoint.state,
          'active',
          'state of a pinned one, registered where flexible ones have all registers',
        );
        pinned.push(one);
      }
      touching(lab, wanted, 200);
      lab.run();
      for (const { count } of pinned) equal(count, 200, 'hits of a pinned one, of 200');
      for (const [i, { count }] of watches.entries()) {
        ok(count > 0, `flexible breakpoint ${i} has turns on the register that pinned ones leave`);
        if (wanted > 1) ok(count < 200, `flexible breakpoint ${i} has turns only`);
      }
      for (const { breakpoint } of pinned) lab.breakpoints.unregister(breakpoint);
      nextTick(lab);
      const before = watches.map(({ count }) => count);
      touching(lab, wanted, 100);
      lab.run();
      equal(
        watches.map(({ count }, i) => count - (before[i] ?? 0)),
        watches.map(() => 100),
        'hits of flexible ones once there is a register for each',
      );
    },
    TICKS,
  ),

  honouringCase(
    'scheduler/disabled-ones-have-no-turn',
    FLEXIBLE,
    (lab) => {
      const wanted = slots(lab) + 1;
      const watches = Array.from({ length: wanted }, (_, i) => lab.onCpu(0, { ...lab.spot(i).attr, ...FLEXIBLE }));
      const [off] = watches;
      if (off === undefined) return;
      lab.breakpoints.disable(off.breakpoint);
      nextTick(lab);
      touching(lab, wanted, 100);
      lab.run();
      equal(
        watches.map(({ count }) => count),
        watches.map((one) => (one === off ? 0 : 100)),
        'hits of one that is disabled, and of the others, which have a register each',
      );
      lab.breakpoints.enable(off.breakpoint);
      touching(lab, wanted, 100 * wanted);
      lab.run();
      ok(off.count > 0, 'it has turns once it is enabled');
    },
    TICKS,
  ),

  honouringCase(
    'scheduler/an-aside-takes-flexible-ones-out-of-the-way',
    FLEXIBLE,
    (lab) => {
      const flexibleOne = lab.onCpu(0, { ...lab.spot(0).attr, ...FLEXIBLE });
      const elsewhere = lab.onCpu(1, { ...lab.spot(0).attr, ...FLEXIBLE });
      const pinned = slots(lab) > 1 ? lab.onCpu(0, lab.spot(1).attr) : undefined;
      let calls = 0;
      const before = lab.state;
      lab.scheduler.aside(0, () => {
        calls++;
        equal(flexibleOne.breakpoint.state, 'inactive', 'state of a flexible one meanwhile');
        equal(elsewhere.breakpoint.state, 'active', "state of another CPU's meanwhile");
        equal(pinned?.breakpoint.state ?? 'active', 'active', 'state of a pinned one meanwhile');
      });
      equal(calls, 1, 'calls of what is to be done aside');
      equal(lab.state, before, 'registers afterwards');
    },
    TICKS,
  ),
];
