import { equal, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { plain } from '../lab/spot.js';

/** A suspend, which takes the power from every CPU, and the resume behind it. */
export const suspendCases: readonly BackendCase[] = [
  labCase('scheduler/a-suspend-keeps-what-cpus-watch', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watches = [0, 1].map((cpu) => lab.onCpu(cpu, attr));
    const touchAll = (): void => {
      for (const cpu of [0, 1]) lab.task([touch], { affinity: [cpu] });
      lab.run();
    };
    touchAll();
    lab.unchangedBy('a suspend and a resume', () => {
      lab.kernel.suspend();
      for (const { index, unit } of lab.machine.cpus) {
        equal(unit.filter.ranges.length, 0, `ranges armed on CPU ${index}, which has no power`);
      }
      lab.kernel.resume();
    });
    touchAll();
    for (const [cpu, { count }] of watches.entries()) equal(count, 2, `hits on CPU ${cpu}, before and after`);
  }),

  labCase('scheduler/a-suspend-keeps-what-tasks-watch', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const tasks = [0, 1].map((cpu) => lab.task([touch, plain(), touch], { affinity: [cpu] }));
    const watches = tasks.map((task) => lab.user(task, attr));
    lab.machine.run(4);
    lab.kernel.suspend();
    equal(lab.machine.run(10), { reason: 'held', instructions: 0 }, 'a run while it is suspended');
    lab.kernel.resume();
    lab.run();
    equal(
      [tasks.map(({ cpu }) => cpu), watches.map(({ count }) => count)],
      [
        [0, 1],
        [2, 2],
      ],
      'CPUs of the tasks, and their hits',
    );
  }),

  labCase('scheduler/a-suspend-keeps-what-is-wide', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const seen: number[] = [];
    const wide = lab.breakpoints.registerWide(attr, (hit) => seen.push(hit.cpu.index));
    lab.kernel.suspend();
    lab.kernel.resume();
    equal([...wide.members.keys()], [0, 1], 'CPUs with a member');
    for (const cpu of [0, 1]) lab.task([touch], { affinity: [cpu] });
    lab.run();
    equal(seen.sort(), [0, 1], 'CPUs that saw a hit');
    lab.breakpoints.unregisterWide(wide);
    ok(!lab.breakpoints.isUsed, 'no slot is used once it is unregistered');
  }),

  labCase('scheduler/what-is-disabled-stays-so-over-a-suspend', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watch = lab.onCpu(1, { ...attr, disabled: true });
    lab.unchangedBy('a suspend and a resume', () => {
      lab.kernel.suspend();
      lab.kernel.resume();
    });
    lab.task([touch], { affinity: [1] });
    lab.run();
    equal([watch.count, watch.breakpoint.state], [0, 'off'], 'hits and state');
  }),
];
