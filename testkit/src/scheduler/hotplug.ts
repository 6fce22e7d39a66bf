import type { HotplugCallbacks, HotplugState } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

class Refusal extends Error {}

/** Does something that a callback of a hotplug state refuses. */
function refused({ machine }: Lab, state: HotplugState, way: keyof HotplugCallbacks, act: () => void): void {
  const back = machine.hotplug.register(state, 'testkit', {
    [way]: () => {
      throw new Refusal('testkit refuses');
    },
  });
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return;
    throw error;
  } finally {
    back();
  }
  ok(false, `the ${way} of ${state} refuses: that is thrown`);
}

/** CPUs that do not come up, or do not go, because somebody refuses: everything is as it was. */
export const hotplugCases: readonly BackendCase[] = [
  labCase('scheduler/a-cpu-that-comes-up-in-vain-changes-nothing', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine, breakpoints } = lab;
    const watch = lab.onCpu(1, attr);
    machine.setOnline(1, false);
    breakpoints.enable(watch.breakpoint);
    for (const state of ['prepare', 'online'] as const) {
      lab.unchangedBy(`a CPU whose ${state} refuses`, () =>
        refused(lab, state, 'startup', () => machine.setOnline(1, true)),
      );
      equal(watch.breakpoint.state, 'inactive', `state of its breakpoint, which waits for it, after ${state}`);
    }
    machine.setOnline(1, true);
    lab.task([touch], { affinity: [1] });
    lab.run();
    equal(watch.count, 1, 'hits once it has come up');
  }),

  labCase('scheduler/a-cpu-that-stays-keeps-its-breakpoints', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { machine } = lab;
    const watch = lab.onCpu(1, attr);
    const task = lab.task([touch, plain(), touch], { affinity: [1] });
    machine.run(2);
    const before = watch.count;
    lab.unchangedBy('a CPU that does not go', () =>
      refused(lab, 'online', 'teardown', () => machine.setOnline(1, false)),
    );
    equal([machine.current(machine.cpu(1)), watch.breakpoint.state], [task, 'active'], 'its task and its breakpoint');
    lab.run();
    equal([before, watch.count], [1, 2], 'hits before and after');
  }),
];
