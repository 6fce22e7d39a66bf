import type { Kernel } from '@hwbp/core';
import { equal, present } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { plain } from '../lab/spot.js';
import { MODES } from './modes.js';

/** Counts how often anything is armed on any CPU, from now on. */
function countArmings({ machine }: Kernel): () => number {
  let armings = 0;
  for (const { unit } of machine.cpus) {
    unit.filter.listen((ranges) => {
      if (ranges.length > 0) armings++;
    });
  }
  return () => armings;
}

/** A debugger that has stopped the machine keeps every register quiet, whoever else mutes and lets go meanwhile. */
export const debuggerCases: readonly BackendCase[] = [
  {
    id: 'together/a-debugger-that-enters-in-a-handler-stays-inside',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      for (const mode of MODES) {
        const lab = subject.lab();
        const { attr, touch } = lab.spot();
        const { debugger: slots } = lab.breakpoints;
        lab.task([touch, plain(), touch], { mode, affinity: [0] });
        const watch = lab.onCpu(0, attr, () => slots.enter('testkit'));
        lab.run();
        equal(watch.count, 1, `calls of the handler in ${mode} mode, the first of which lets a debugger enter`);
        for (const { index, unit } of lab.machine.cpus) {
          equal(unit.filter.ranges, [], `what CPU ${index} is armed for while the debugger is inside, ${mode} mode`);
        }
        slots.leave();
        lab.task([touch], { affinity: [0] });
        lab.run();
        equal(watch.count, 2, `calls of the handler in ${mode} mode once the debugger has left`);
        slots.leave();
        lab.finish();
      }
    },
  },

  labCase('together/nothing-is-armed-while-a-debugger-is-inside', atLeast(2), (lab) => {
    const { breakpoints, machine } = lab;
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const task = lab.task([a.touch, b.touch, a.touch], { affinity: [0] });
    // On its CPU, so that registers would really be written.
    machine.schedule(0);
    const { debugger: slots } = breakpoints;
    slots.enter('testkit');
    const armings = countArmings(lab.kernel);
    const watch = lab.user(task, a.attr);
    const reservation = present(
      slots.reserve(b.attr, () => {}, 0, 'testkit'),
      'a reservation',
    );
    reservation.install();
    const elsewhere = lab.onCpu(1, { ...b.attr, disabled: true });
    breakpoints.enable(elsewhere.breakpoint);
    machine.run(1);
    equal(watch.count, 0, 'calls of the handler while the debugger is inside');
    equal(armings(), 0, 'times that anything was armed while the debugger is inside');
    slots.leave();
    lab.run();
    equal([watch.count, reservation.breakpoint.hits], [1, 1], 'hits once the debugger has left');
    equal(reservation.release(), true, 'the reservation can be released');
  }),
];
