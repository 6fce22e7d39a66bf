import { priorities, slotsOf } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import type { Lab, Watch } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

const SPOT = 90;

/** Every register of CPU 0 but those that are left over, by the strong. */
function fill(lab: Lab, priority: number, left = 0): readonly Watch[] {
  const length = slotsOf(lab.manifest, mainClass(lab.manifest)) - left;
  return Array.from({ length }, (_, i) => lab.onCpu(0, lab.spot(i).attr, undefined, { owner: 'strong', priority }));
}

function release(lab: Lab, watches: readonly Watch[]): void {
  for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
}

function touch(lab: Lab): void {
  lab.task([lab.spot(SPOT).touch, plain()], { affinity: [0] });
  lab.run();
}

function displaced(id: string, run: (lab: Lab) => void, applies = hasRegisters): BackendCase {
  return labCase(id, applies, run, { slotPolicy: priorities() });
}

/** A slot policy takes registers away and gives them back: `Keeper.displaced` and `Keeper.granted`. */
export const displacementCases: readonly BackendCase[] = [
  displaced('scheduler/displaced-from-a-cpu-and-back', (lab) => {
    const weak = lab.onCpu(0, lab.spot(SPOT).attr, undefined, { priority: 1 });
    for (const turn of [1, 2]) {
      const strong = fill(lab, 9);
      equal([weak.breakpoint.state, weak.breakpoint.onCpu], ['waiting', -1], 'state and CPU of who was displaced');
      ok(!lab.breakpoints.occupants(0).includes(weak.breakpoint), 'who was displaced is in no register');
      for (const { breakpoint } of strong) equal(breakpoint.state, 'active', 'state of who displaced it');
      touch(lab);
      equal(weak.count, turn - 1, 'hits of who was displaced');
      release(lab, strong);
      equal(weak.breakpoint.state, 'active', 'state of who got its register back');
      touch(lab);
      equal(weak.count, turn, 'hits of who got its register back');
    }
  }),

  displaced('scheduler/displaced-while-its-task-is-away', (lab) => {
    const { attr, touch: store } = lab.spot(SPOT);
    const { machine } = lab;
    const task = lab.task(
      function* () {
        for (let i = 0; i < 4; i++) {
          yield store;
          machine.stop('testkit');
          yield plain();
        }
      },
      { affinity: [0], run: false },
    );
    const weak = lab.user(task, attr, undefined, { priority: 1 });
    let strong = fill(lab, 9);
    equal(weak.breakpoint.state, 'waiting', 'state of who was displaced while its task sleeps');
    machine.wake(task);
    lab.runUntil('stopped');
    equal([weak.count, weak.breakpoint.state], [0, 'waiting'], 'hits and state once its task runs');
    release(lab, strong);
    equal(weak.breakpoint.state, 'active', 'state of who is granted while its task is on its CPU');
    lab.runUntil('stopped');
    equal(weak.count, 1, 'hits then');
    machine.halt(task);
    lab.run();
    strong = fill(lab, 9);
    release(lab, strong);
    equal(weak.breakpoint.state, 'inactive', 'state of who is granted while its task sleeps');
    machine.wake(task);
    lab.runUntil('stopped');
    equal(weak.count, 2, 'hits once its task runs again');
  }),

  displaced('scheduler/what-waits-keeps-its-settings', (lab) => {
    const { breakpoints } = lab;
    const strong = fill(lab, 9);
    const options = { priority: 1 };
    const off = lab.onCpu(0, { ...lab.spot(SPOT).attr, disabled: true }, undefined, options).breakpoint;
    equal(off.state, 'waiting', 'state of one that is registered where all registers are held');
    release(lab, strong.slice(0, 1));
    equal(off.state, 'off', 'state of one that was registered disabled, once it is granted');
    breakpoints.unregister(off);
    const again = fill(lab, 9, slotsOf(lab.manifest, mainClass(lab.manifest)) - 1);
    const watch = lab.onCpu(0, lab.spot(1).attr, undefined, options);
    breakpoints.disable(watch.breakpoint);
    breakpoints.modify(watch.breakpoint, { bp_addr: lab.spot(SPOT).attr.bp_addr });
    equal(watch.breakpoint.state, 'waiting', 'state of one that was disabled and modified while it waits');
    release(lab, again);
    equal(watch.breakpoint.state, 'off', 'state of one that was disabled while it waited, once it is granted');
    touch(lab);
    equal(watch.count, 0, 'hits of it');
    breakpoints.enable(watch.breakpoint);
    touch(lab);
    equal(watch.count, 1, 'hits once it is enabled, at the address of the modification');
  }),

  displaced('scheduler/what-waits-can-be-unregistered', (lab) => {
    const strong = fill(lab, 9);
    const [first, second] = [1, 2].map(() => lab.onCpu(0, lab.spot(SPOT).attr, undefined, { priority: 1 }));
    lab.breakpoints.unregister(first?.breakpoint);
    equal(first?.breakpoint.state, 'released', 'state of one that was unregistered while it waited');
    release(lab, strong.slice(0, 1));
    equal(
      [first, second].map((one) => one?.breakpoint.state),
      ['released', 'active'],
      'states of one that gave up, and of one that waited on, once a register is free',
    );
    touch(lab);
    equal([first?.count, second?.count], [0, 1], 'hits of both');
  }),

  displaced(
    'scheduler/who-gave-up-while-displaced-stays-away',
    (lab) => {
      const weak = [SPOT, SPOT + 1].map((i) => lab.onCpu(0, lab.spot(i).attr, undefined, { priority: 1 }));
      const strong = fill(lab, 9);
      release(lab, weak.slice(0, 1));
      release(lab, strong);
      lab.task([lab.spot(SPOT).touch, lab.spot(SPOT + 1).touch], { affinity: [0] });
      lab.run();
      equal(
        weak.map(({ count }) => count),
        [0, 1],
        'hits of one that was unregistered while it was displaced, and of its neighbour',
      );
    },
    atLeast(2),
  ),
];
