import { equal, ok, thrown } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { plain } from '../lab/spot.js';

class Refusal extends Error {}

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
    const { reason, instructions } = lab.machine.run(10);
    equal([reason, instructions], ['held', 0], 'why a run while it is suspended ended, and instructions retired');
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

  labCase('scheduler/a-suspend-that-is-called-off-changes-nothing', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine } = lab;
    const watches = [0, 1].map((cpu) => lab.onCpu(cpu, attr));
    const refuse = (): never => {
      throw new Refusal('testkit refuses');
    };
    const raise = (): void => machine.cpu(0).interrupts.raise(3);
    const wake = (): (() => void) => {
      const ends = [machine.power.wakesAt(3), machine.power.register('core', 'testkit', { suspend: raise })];
      return () => {
        for (const end of ends) end();
        machine.cpu(0).interrupts.lower(3);
      };
    };
    const ways: Readonly<Record<string, () => () => void>> = {
      'a device refuses': () => machine.power.register('devices', 'testkit', { suspend: refuse }),
      'a CPU stays': () => machine.hotplug.register('online', 'testkit', { teardown: refuse }),
      'somebody refuses on the last CPU': () => machine.power.register('core', 'testkit', { suspend: refuse }),
      'an interrupt comes that wakes': wake,
    };
    for (const [why, prepare] of Object.entries(ways)) {
      const end = prepare();
      lab.unchangedBy(`a suspend that is called off because ${why}`, () => {
        thrown(() => lab.kernel.suspend(), `a suspend where ${why}`);
      });
      equal(machine.power.suspended, false, `suspended, where ${why}`);
      end();
    }
    for (const cpu of [0, 1]) lab.task([touch], { affinity: [cpu] });
    lab.run();
    equal(
      watches.map(({ count }) => count),
      [1, 1],
      'hits by CPU in the end',
    );
  }),

  labCase('scheduler/a-debugger-stays-inside-over-a-suspend', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, breakpoints, kernel } = lab;
    const watches = [0, 1].map((cpu) => lab.onCpu(cpu, attr));
    breakpoints.debugger.enter('testkit');
    kernel.suspend();
    kernel.resume();
    for (const { index, unit } of machine.cpus) {
      equal(breakpoints.isMuted(index), true, `CPU ${index} is muted while the debugger is inside`);
      equal(unit.filter.ranges.length, 0, `ranges armed on CPU ${index} while the debugger is inside`);
    }
    breakpoints.debugger.leave();
    for (const cpu of [0, 1]) {
      equal(breakpoints.isMuted(cpu), false, `CPU ${cpu} is muted once the debugger has left`);
      lab.task([touch], { affinity: [cpu] });
    }
    lab.run();
    equal(
      watches.map(({ count }) => count),
      [1, 1],
      'hits by CPU in the end',
    );
  }),
];
