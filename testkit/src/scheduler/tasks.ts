import { type Machine, program, slotsOf, type Task } from '@hwbp/core';
import { equal, ok, throwsErrno } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import { plain } from '../lab/spot.js';

/** A tick after every instruction: tasks of one CPU take turns all the time. */
const BUSY = { tick: 1000, instructionTime: 1000, quantum: 1 };

/** Instructions one at a time, each followed by one that touches nothing. */
const often = <T>(instruction: T, times: number, filler: T): T[] =>
  Array.from({ length: times }, () => [instruction, filler]).flat();

/** Moves a task to a CPU, whatever it is doing. */
function move(machine: Machine, task: Task, cpu: number): void {
  machine.setAffinity(task, [cpu]);
}

/** Breakpoints of tasks: in a register exactly while their task runs where they allow it. */
export const taskCases: readonly BackendCase[] = [
  labCase(
    'scheduler/follows-its-task-and-no-other',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      const only = { affinity: [0] };
      const tasks = [0, 1, 2].map((i) => lab.task(often(touch, 10, plain(i)), only));
      const watched = tasks[1];
      if (watched === undefined) return;
      const watch = lab.user(watched, attr, (hit) =>
        ok(hit.task === watched, `a hit of ${hit.task}, not of ${watched}`),
      );
      lab.run();
      equal(watch.count, 10, 'hits of the watched task, which shares its CPU with two others');
    },
    BUSY,
  ),

  labCase(
    'scheduler/every-task-has-all-registers',
    hasRegisters,
    (lab) => {
      const slots = slotsOf(lab.manifest, mainClass(lab.manifest));
      const spots = Array.from({ length: slots }, (_, i) => lab.spot(i));
      const tasks = [0, 1, 2].map(() => lab.task(spots.flatMap(({ touch }) => [touch, touch])));
      const watches = tasks.flatMap((task) =>
        spots.map(({ attr }) =>
          lab.user(task, attr, (hit) => ok(hit.task === task, `a hit of ${hit.task}, not of ${task}`)),
        ),
      );
      lab.run();
      for (const { count, breakpoint } of watches) equal(count, 2, `hits of ${breakpoint.task}`);
    },
    BUSY,
  ),

  labCase(
    'scheduler/a-switch-leaves-a-debuggers-mute-alone',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      const tasks = [0, 1].map((i) => lab.task(often(touch, 6, plain(i)), { affinity: [0] }));
      const watches = tasks.map((task) => lab.user(task, attr));
      const { debugger: slots } = lab.breakpoints;
      lab.machine.run(4);
      slots.enter('testkit');
      const before = watches.map(({ count }) => count);
      lab.machine.run(12);
      const inside = watches.map(({ count }) => count);
      equal(inside, before, 'calls of the handlers of two tasks that take turns while a debugger is inside');
      slots.leave();
      lab.run();
      for (const [i, { count }] of watches.entries()) ok(count > (inside[i] ?? 0), `task ${i} hits again afterwards`);
    },
    BUSY,
  ),

  labCase('scheduler/follows-its-task-to-other-cpus', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const seen: number[] = [];
    const task = lab.machine.spawn(
      program(function* () {
        yield touch;
        move(lab.machine, task, 1);
        yield plain();
        yield touch;
        move(lab.machine, task, 0);
        yield plain();
        yield touch;
      }),
      { affinity: [0] },
    );
    lab.user(task, attr, (hit) => seen.push(hit.cpu.index));
    lab.run();
    equal(seen, [0, 1, 0], 'CPUs on which it was hit');
  }),

  labCase('scheduler/a-task-on-one-cpu-only', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const seen: number[] = [];
    const task = lab.machine.spawn(
      program(function* () {
        for (const cpu of [1, 0, 1]) {
          yield touch;
          move(lab.machine, task, cpu);
          yield plain();
        }
        yield touch;
      }),
      { affinity: [0] },
    );
    lab.user(task, attr, (hit) => seen.push(hit.cpu.index), { cpu: 1 });
    lab.run();
    equal(seen, [1, 1], 'CPUs on which a breakpoint of a task on CPU 1 was hit');
  }),

  labCase('scheduler/changes-of-a-running-task-count-at-once', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const { breakpoints, machine } = lab;
    // Stops between two executions of what is watched, with the task on its CPU.
    const task = lab.task(function* () {
      for (let phase = 0; phase < 5; phase++) {
        yield plain(0);
        yield touch;
        machine.stop('testkit');
        yield plain(1);
      }
    });
    lab.runUntil('stopped');
    const watch = lab.user(task, attr);
    equal(watch.breakpoint.state, 'active', 'state of a breakpoint of a task that is on a CPU');
    lab.runUntil('stopped');
    equal(watch.count, 1, 'hits once registered');
    breakpoints.disable(watch.breakpoint);
    lab.runUntil('stopped');
    equal(watch.count, 1, 'hits while disabled');
    breakpoints.enable(watch.breakpoint);
    lab.runUntil('stopped');
    equal(watch.count, 2, 'hits once enabled');
    breakpoints.unregister(watch.breakpoint);
    lab.runUntil('stopped');
    lab.run();
    equal(watch.count, 2, 'hits after unregister');
  }),

  labCase('scheduler/changes-of-a-sleeping-task-count-later', hasRegisters, (lab) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const task = lab.task([a.touch, b.touch], { run: false });
    const watch = lab.user(task, a.attr, (hit) => equal(hit.pc, b.touch.pc, 'pc of the hit'));
    equal(watch.breakpoint.state, 'inactive', 'state of a breakpoint of a task that does not run');
    lab.breakpoints.modify(watch.breakpoint, { bp_addr: b.attr.bp_addr });
    lab.machine.wake(task);
    lab.run();
    equal(watch.count, 1, 'hits after it woke up');
  }),

  labCase('scheduler/registered-disabled', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const task = lab.task(often(touch, 4, plain()));
    const watch = lab.user(task, { ...attr, disabled: true });
    equal(watch.breakpoint.state, 'off', 'state of a breakpoint that was registered disabled');
    ok(lab.breakpoints.isUsed, 'it holds a slot');
    lab.machine.run(4);
    equal(watch.count, 0, 'hits while disabled');
    lab.breakpoints.enable(watch.breakpoint);
    lab.run();
    equal(watch.count, 2, 'hits once enabled');
    lab.breakpoints.unregister(watch.breakpoint);
    throwsErrno(
      () => lab.onCpu(0, { ...attr, bp_len: 0, disabled: true }),
      ['EINVAL', 'EOPNOTSUPP'],
      'disabled and invalid',
    );
  }),

  labCase('scheduler/a-child-is-not-watched', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const parent = lab.task([plain(0), touch]);
    const watch = lab.user(parent, attr, (hit) => ok(hit.task === parent, `a hit of ${hit.task}, not of the parent`));
    for (const thread of [false, true]) lab.machine.fork(parent, program([touch, touch]), { thread });
    lab.run();
    equal(watch.count, 1, 'hits of the parent');
  }),

  labCase('scheduler/survives-exec', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain()]);
    const watch = lab.user(task, attr);
    lab.machine.run(2);
    lab.machine.exec(task, program([plain(1), touch]));
    lab.run();
    equal(watch.count, 2, 'hits before and after exec');
  }),

  labCase('scheduler/exit-frees-the-registers-and-keeps-the-breakpoint', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch]);
    const watch = lab.user(task, attr);
    lab.run();
    equal(watch.breakpoint.state, 'inactive', 'state once the task has exited');
    ok(lab.breakpoints.isUsed, 'the slot is held until the breakpoint is unregistered');
    equal(
      lab.state.cpus,
      lab.machine.cpus.map(() => emptyCpu(lab.state)),
      'registers of the CPUs',
    );
    lab.breakpoints.unregister(watch.breakpoint);
    ok(!lab.breakpoints.isUsed, 'no slot is used after unregister');
  }),
];

/** A CPU's registers with nothing in them, in the form of `state`. */
function emptyCpu(state: { readonly cpus: readonly unknown[] }): unknown {
  const [occupants] = state.cpus[0] as [readonly number[]];
  return [occupants.map(() => -1), false, []];
}
