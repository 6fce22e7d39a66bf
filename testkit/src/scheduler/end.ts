import { BREAKPOINT_SCHEDULER } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

const hooksOf = ({ machine }: Lab): unknown =>
  Object.fromEntries(Object.entries(machine.hooks).map(([name, { size }]) => [name, size]));

/** What is left when a kernel, or only its scheduler, has ended. */
export const endCases: readonly BackendCase[] = [
  labCase('scheduler/dispose-closes-every-breakpoint', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, kernel } = lab;
    const task = lab.task([touch, plain(), touch], { run: false });
    const watches = [lab.user(task, attr, undefined, { cpu: 0 }), lab.onCpu(1, attr)];
    const closed = kernel.get(BREAKPOINT_SCHEDULER);
    closed[Symbol.dispose]();
    for (const { breakpoint } of watches) equal(breakpoint.state, 'released', 'state once the scheduler is disposed');
    ok(!lab.breakpoints.isUsed, 'no slot is used once the scheduler is disposed');
    for (const { index, unit } of machine.cpus) {
      equal(unit.filter.ranges.length, 0, `ranges armed on CPU ${index} once the scheduler is disposed`);
    }
    machine.wake(task);
    machine.run();
    equal(
      watches.map(({ count }) => count),
      [0, 0],
      'calls of handlers afterwards',
    );
  }),

  {
    id: 'scheduler/dispose-forgets-every-hook',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      const lab = subject.lab();
      const { attr } = lab.spot();
      lab.user(lab.task([plain()], { run: false }), attr, undefined, { cpu: 0 });
      lab.onCpu(1, attr);
      lab.kernel.dispose();
      equal(
        hooksOf(lab),
        Object.fromEntries(Object.keys(lab.machine.hooks).map((name) => [name, 0])),
        'hooks of a kernel that was disposed',
      );
      equal(lab.breakpoints.registered.length, 0, 'breakpoints of a kernel that was disposed');
    },
  },
];
