import type { Cpu, HotplugCallbacks, HotplugState } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
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

  labCase('scheduler/a-cpu-has-its-breakpoints-from-starting-to-online', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const { machine, breakpoints } = lab;
    const probe = lab.kernel.get(Probe);
    const wide = breakpoints.registerWide(attr, () => {});
    const seen: unknown[] = [];
    // Against the order of the states: construction says nothing of when who has its turn.
    for (const state of ['online', 'starting', 'prepare'] as const) {
      const look = (way: string) => (cpu: Cpu) => {
        seen.push([way, state, probe.driver(cpu.index).active, wide.members.get(cpu.index)?.state]);
      };
      machine.hotplug.register(state, 'testkit', { startup: look('up'), teardown: look('down') });
    }
    machine.setOnline(1, false);
    machine.setOnline(1, true);
    equal(
      seen,
      [
        ['down', 'online', true, 'active'],
        ['down', 'starting', true, 'active'],
        ['down', 'prepare', false, undefined],
        ['up', 'prepare', false, undefined],
        ['up', 'starting', true, 'active'],
        ['up', 'online', true, 'active'],
      ],
      'whether the CPU has registers in use in each state, and how the member of a wide breakpoint stands',
    );
    breakpoints.unregisterWide(wide);
  }),

  labCase('scheduler/a-cpus-own-breakpoints-are-there-before-its-first-task', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const { machine, breakpoints } = lab;
    const probe = lab.kernel.get(Probe);
    const watch = lab.onCpu(1, attr);
    machine.setOnline(1, false);
    breakpoints.enable(watch.breakpoint);
    const seen: unknown[] = [];
    machine.hotplug.register('starting', 'testkit', {
      startup: ({ index }) => void seen.push([watch.breakpoint.state, probe.driver(index).active]),
    });
    machine.hotplug.register('prepare', 'testkit', {
      startup: ({ index }) => void seen.push([watch.breakpoint.state, probe.driver(index).active]),
    });
    machine.setOnline(1, true);
    equal(
      seen,
      [
        ['inactive', false],
        ['active', true],
      ],
      'state of its breakpoint, and whether registers are in use, in prepare and in starting',
    );
  }),

  labCase('scheduler/what-is-lost-with-a-cpu-is-said-to-be', atLeast(2), (lab) => {
    const { machine, breakpoints, log } = lab;
    const [kept, lost] = [lab.onCpu(1, lab.spot(0).attr), lab.onCpu(1, lab.spot(1).attr, () => {}, { owner: 'loser' })];
    breakpoints.disable(kept.breakpoint);
    const said = (): readonly string[] =>
      log.entries.map(({ message }) => message).filter((message) => message.includes('is lost'));
    machine.setOnline(1, false);
    equal(
      [kept.breakpoint.state, lost.breakpoint.state],
      ['off', 'off'],
      'states of one that was disabled, and of one that was not',
    );
    equal(said().length, 1, 'how many are said to be lost: one that was disabled loses nothing');
    ok(said()[0]?.includes('loser') === true, 'it is named');
    machine.setOnline(1, true);
    equal(said().length, 1, 'how many are said to be lost once the CPU is back');
  }),
];
