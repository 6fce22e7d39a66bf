import { type Machine, slotsOf, type Task } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import type { Lab, Watch } from '../lab/lab.js';
import { plain, type Spot } from '../lab/spot.js';

/** A task that touches these, then stops the machine, again and again: between two rounds it is on its CPU. */
function rounds(lab: Lab, spots: readonly Spot[], cpu: number): Task {
  const { machine } = lab;
  return lab.task(
    function* () {
      for (let round = 0; round < 20; round++) {
        yield plain(0);
        for (const { touch } of spots) yield touch;
        machine.stop('testkit');
        yield plain(1);
      }
    },
    { affinity: [cpu] },
  );
}

/** Calls of the handlers in one more round. */
function callsOfOneRound(lab: Lab, watches: readonly Watch[]): readonly number[] {
  const before = watches.map(({ count }) => count);
  lab.runUntil('stopped');
  return watches.map(({ count }, i) => count - (before[i] ?? 0));
}

function moveTo(machine: Machine, task: Task, cpu: number): void {
  machine.setAffinity(task, [cpu]);
}

const placeOf = ({ breakpoint: { state, onCpu } }: Watch): unknown => [state, onCpu];

const AWAY = ['inactive', -1];

/** What happens to breakpoints while their task, or their CPU, is somewhere else. */
export const elsewhereCases: readonly BackendCase[] = [
  labCase('scheduler/registered-where-its-task-runs', hasRegisters, (lab) => {
    const spot = lab.spot();
    for (const cpu of [0, 1]) {
      const task = rounds(lab, [spot], cpu);
      lab.runUntil('stopped');
      for (const bound of [-1, cpu]) {
        const watch = lab.user(task, spot.attr, undefined, { cpu: bound });
        const what = `a breakpoint for ${bound < 0 ? 'any CPU' : `CPU ${bound}`}`;
        equal(placeOf(watch), ['active', cpu], `state and CPU of ${what}, registered while its task is on CPU ${cpu}`);
        equal(callsOfOneRound(lab, [watch]), [1], `hits of ${what} in the next round of its task, on CPU ${cpu}`);
        lab.breakpoints.unregister(watch.breakpoint);
      }
      lab.machine.exit(task);
    }
  }),

  labCase('scheduler/registered-for-another-cpu-than-its-task-is-on', hasRegisters, (lab) => {
    const spot = lab.spot();
    for (const [here, there] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const task = rounds(lab, [spot], here);
      lab.runUntil('stopped');
      const before = lab.state.cpus;
      const watch = lab.user(task, spot.attr, undefined, { cpu: there });
      const what = `a breakpoint for CPU ${there} of a task that is on CPU ${here}`;
      equal(placeOf(watch), AWAY, `state and CPU of ${what}`);
      equal(lab.state.cpus, before, `registers once there is ${what}`);
      equal(callsOfOneRound(lab, [watch]), [0], `hits of ${what}`);
      moveTo(lab.machine, task, there);
      equal(callsOfOneRound(lab, [watch]), [1], `hits of ${what}, once that has moved there`);
      equal(placeOf(watch), ['active', there], `state and CPU of ${what}, once that has moved there`);
      moveTo(lab.machine, task, here);
      equal(callsOfOneRound(lab, [watch]), [0], `hits of ${what}, once that has moved back`);
      lab.machine.exit(task);
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('scheduler/bound-ones-of-a-task-beside-others', atLeast(2), (lab) => {
    const spots = [lab.spot(0), lab.spot(1)];
    const [a, b] = spots;
    if (a === undefined || b === undefined) return;
    const task = rounds(lab, spots, 0);
    const watches = [
      lab.user(task, a.attr),
      lab.user(task, b.attr, undefined, { cpu: 0 }),
      lab.user(task, b.attr, undefined, { cpu: 1 }),
    ];
    lab.runUntil('stopped');
    for (const [cpu, expected] of [
      [1, [1, 0, 1]],
      [0, [1, 1, 0]],
      [1, [1, 0, 1]],
    ] as const) {
      moveTo(lab.machine, task, cpu);
      const calls = callsOfOneRound(lab, watches);
      equal(calls, expected, `hits of those for any CPU, for CPU 0 and for CPU 1, once their task is on CPU ${cpu}`);
    }
    lab.breakpoints.unregister(watches[2]?.breakpoint);
    moveTo(lab.machine, task, 0);
    equal(callsOfOneRound(lab, watches), [1, 1, 0], 'the same on CPU 0, once the one for CPU 1 is unregistered');
  }),

  labCase('scheduler/enabled-while-its-task-is-away', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { breakpoints, machine } = lab;
    const task = lab.task([touch, plain(), touch], { run: false });
    const watch = lab.user(task, { ...attr, disabled: true });
    const free = lab.state.cpus;
    for (const [act, state] of [
      [() => breakpoints.enable(watch.breakpoint), 'inactive'],
      [() => breakpoints.enable(watch.breakpoint), 'inactive'],
      [() => breakpoints.disable(watch.breakpoint), 'off'],
      [() => breakpoints.modify(watch.breakpoint, { bp_addr: lab.spot(1).attr.bp_addr }), 'off'],
      [() => breakpoints.modify(watch.breakpoint, { bp_addr: attr.bp_addr }), 'off'],
      [() => breakpoints.enable(watch.breakpoint), 'inactive'],
    ] as const) {
      act();
      equal(watch.breakpoint.state, state, 'state, by what was done to it while its task sleeps');
      equal(lab.state.cpus, free, 'registers while its task sleeps');
    }
    machine.wake(task);
    lab.run();
    equal(watch.count, 2, 'hits once its task runs');
  }),

  labCase('scheduler/changed-while-its-task-is-on-another-cpu', hasRegisters, (lab) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const { breakpoints, machine } = lab;
    const task = rounds(lab, [a, b], 0);
    lab.runUntil('stopped');
    const free = lab.state.cpus;
    const watch = lab.user(task, { ...a.attr, disabled: true }, (hit) => equal(hit.pc, b.touch.pc, 'pc of the hit'), {
      cpu: 1,
    });
    const { breakpoint } = watch;
    breakpoints.enable(breakpoint);
    equal(placeOf(watch), AWAY, 'state and CPU of one that was enabled');
    breakpoints.modify(breakpoint, { bp_addr: b.attr.bp_addr });
    equal(placeOf(watch), AWAY, 'state and CPU of one that was modified');
    equal(lab.state.cpus, free, 'registers while the task is on another CPU');
    equal(callsOfOneRound(lab, [watch]), [0], 'hits on the other CPU');
    moveTo(machine, task, 1);
    equal(callsOfOneRound(lab, [watch]), [1], 'hits on its CPU, at the new address');
    breakpoints.disable(breakpoint);
    moveTo(machine, task, 0);
    lab.runUntil('stopped');
    moveTo(machine, task, 1);
    equal(callsOfOneRound(lab, [watch]), [0], 'hits of one that was disabled, once its task has come back');
    equal(breakpoint.state, 'off', 'state of one that was disabled');
  }),

  labCase('scheduler/changed-while-its-cpu-is-away', hasRegisters, (lab) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const { breakpoints, machine } = lab;
    const watch = lab.onCpu(1, a.attr, (hit) => equal(hit.pc, b.touch.pc, 'pc of the hit'));
    const { breakpoint } = watch;
    const touchBoth = (): void => {
      lab.task([a.touch, b.touch], { affinity: [1] });
      lab.run();
    };
    machine.setOnline(1, false);
    breakpoints.enable(breakpoint);
    breakpoints.modify(breakpoint, { bp_addr: b.attr.bp_addr });
    equal(placeOf(watch), AWAY, 'state and CPU of one that was enabled and modified while its CPU is offline');
    machine.setOnline(1, true);
    touchBoth();
    equal(watch.count, 1, 'hits once its CPU is back, at the new address');
    machine.setOnline(1, false);
    breakpoints.enable(breakpoint);
    breakpoints.disable(breakpoint);
    machine.setOnline(1, true);
    touchBoth();
    equal([watch.count, breakpoint.state], [1, 'off'], 'hits and state of one that was disabled again meanwhile');
    machine.setOnline(1, false);
    breakpoints.unregister(breakpoint);
    machine.setOnline(1, true);
    touchBoth();
    equal([watch.count, breakpoint.state], [1, 'released'], 'hits and state of one that was unregistered meanwhile');
  }),

  labCase('scheduler/what-comes-to-a-cpu-that-goes-waits', atLeast(2), (lab) => {
    const spots = [lab.spot(0), lab.spot(1)];
    const [a, b] = spots;
    const { breakpoints, machine } = lab;
    if (a === undefined || b === undefined) return;
    const watches = [lab.onCpu(1, { ...a.attr, disabled: true })];
    machine.hotplug.register('starting', 'testkit', {
      teardown: () => {
        breakpoints.enable(watches[0]?.breakpoint as Watch['breakpoint']);
        watches.push(lab.onCpu(1, b.attr));
      },
    });
    machine.setOnline(1, false);
    equal(watches.map(placeOf), [AWAY, AWAY], 'states of one enabled, and of one registered, for a CPU that goes');
    equal(machine.cpu(1).unit.filter.ranges.length, 0, 'ranges armed on the CPU that has gone');
    machine.setOnline(1, true);
    lab.task([a.touch, b.touch], { affinity: [1] });
    lab.run();
    equal(
      watches.map(({ count }) => count),
      [1, 1],
      'hits of both once it is back',
    );
  }),

  labCase('scheduler/disabled-ones-stay-disabled', atLeast(2), (lab) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const { breakpoints, machine } = lab;
    const task = rounds(lab, [a, b], 0);
    const watches = [lab.user(task, a.attr), lab.onCpu(1, a.attr)];
    lab.runUntil('stopped');
    for (const { breakpoint } of watches) breakpoints.disable(breakpoint);
    const seen = watches.map(({ count }) => count);
    const still = (what: string): void => {
      for (const [i, { breakpoint, count }] of watches.entries()) {
        const name = i === 0 ? "the task's" : "the CPU's";
        equal([breakpoint.state, breakpoint.attr.disabled], ['off', true], `state and 'disabled' of ${name}, ${what}`);
        equal(count, seen[i], `hits of ${name}, ${what}`);
      }
    };
    still('disabled');
    lab.runUntil('stopped');
    still('a round later');
    for (const cpu of [1, 0]) {
      moveTo(machine, task, cpu);
      lab.runUntil('stopped');
      still(`once the task is on CPU ${cpu}`);
    }
    for (const { breakpoint } of watches) breakpoints.modify(breakpoint, { bp_addr: b.attr.bp_addr });
    still('modified');
    lab.runUntil('stopped');
    still('a round after a modification');
    machine.setOnline(1, false);
    machine.setOnline(1, true);
    still('once CPU 1 was away');
    // A neighbour comes and goes.
    const other = lab.onCpu(0, a.attr);
    breakpoints.unregister(other.breakpoint);
    still('once another one has come and gone');
    lab.kernel.suspend();
    lab.kernel.resume();
    lab.runUntil('stopped');
    still('after a suspend');
    for (const { breakpoint } of watches) {
      breakpoints.enable(breakpoint);
      equal(breakpoint.attr.disabled, false, "'disabled' once it is enabled");
    }
    equal(callsOfOneRound(lab, watches), [1, 0], 'hits of a round once they are enabled: of the task, and on CPU 1');
  }),

  labCase('scheduler/a-task-that-ends-leaves-its-registers', hasRegisters, (lab) => {
    const spot = lab.spot();
    const { breakpoints, machine } = lab;
    const free = lab.state.cpus;
    const task = rounds(lab, [spot], 1);
    const watch = lab.user(task, spot.attr);
    lab.runUntil('stopped');
    equal(placeOf(watch), ['active', 1], 'state and CPU while its task runs');
    // Enabled by somebody who is told that the task ends.
    machine.hooks.exit.add((ended) => {
      if (ended === task) breakpoints.enable(watch.breakpoint);
    });
    machine.exit(task);
    ok(watch.breakpoint.state !== 'active', 'a breakpoint of a task that has ended is in no register');
    equal(lab.state.cpus, free, 'registers once the task has ended');
    breakpoints.disable(watch.breakpoint);
    breakpoints.enable(watch.breakpoint);
    equal(watch.breakpoint.onCpu, -1, 'its CPU once it is enabled again');
    breakpoints.modify(watch.breakpoint, { bp_addr: lab.spot(1).attr.bp_addr });
    equal(lab.state.cpus, free, 'registers once it is enabled and modified');
  }),

  labCase('scheduler/the-others-go-on-when-one-is-unregistered', atLeast(2), (lab) => {
    const most = Math.min(4, slotsOf(lab.manifest, mainClass(lab.manifest)));
    const spots = Array.from({ length: most }, (_, i) => lab.spot(i));
    const task = rounds(lab, spots, 0);
    const { breakpoints } = lab;
    lab.runUntil('stopped');
    const watches = spots.map(({ attr }) => lab.user(task, attr));
    const gone = new Set<Watch>();
    // The first, the last, and one between: those that are left keep their places.
    for (const one of [watches[0], watches.at(-1), watches[1]]) {
      if (one === undefined) continue;
      gone.add(one);
      breakpoints.unregister(one.breakpoint);
      for (const cpu of [1, 0]) {
        moveTo(lab.machine, task, cpu);
        const expected = watches.map((watch) => (gone.has(watch) ? 0 : 1));
        const what = `hits on CPU ${cpu} of ${most} breakpoints of a task, ${gone.size} of them unregistered`;
        equal(callsOfOneRound(lab, watches), expected, what);
      }
    }
  }),
];
