import { equal, ok, throwsErrno } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { plain } from '../lab/spot.js';

/** Breakpoints of CPUs, and CPUs that come and go. */
export const cpuCases: readonly BackendCase[] = [
  labCase('scheduler/a-cpu-watches-whoever-runs-there', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const here = [0, 1].map((i) => lab.task([plain(i), touch], { affinity: [1] }));
    lab.task([touch, touch], { affinity: [0] });
    const seen: unknown[] = [];
    lab.onCpu(1, attr, (hit) => {
      equal(hit.cpu.index, 1, 'CPU of the hit');
      seen.push(hit.task);
    });
    lab.run();
    ok(seen.length === 2 && here.every((task) => seen.includes(task)), 'one hit of each task of CPU 1, and no other');
  }),

  labCase(
    'scheduler/task-and-cpu-breakpoints-together',
    atLeast(2),
    (lab) => {
      const { attr, touch } = lab.spot();
      const task = lab.task([touch, plain(), touch], { affinity: [0] });
      lab.task([touch, plain(1)], { affinity: [0] });
      const ofTask = lab.user(task, attr);
      const ofCpu = lab.onCpu(0, attr);
      lab.run();
      equal([ofTask.count, ofCpu.count], [2, 3], 'hits of the task and of the CPU');
    },
    { tick: 1000, instructionTime: 1000, quantum: 1 },
  ),

  labCase('scheduler/an-offline-cpu-is-refused', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    lab.machine.setOnline(1, false);
    lab.unchangedBy('a CPU that is offline', () =>
      throwsErrno(() => lab.onCpu(1, attr), 'ENODEV', 'a CPU that is offline'),
    );
    throwsErrno(() => lab.onCpu(9, attr), 'EINVAL', 'a CPU that does not exist');
    lab.machine.setOnline(1, true);
    lab.onCpu(1, attr);
  }),

  labCase('scheduler/a-cpu-that-goes-takes-its-breakpoints-along', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watch = lab.onCpu(1, attr);
    lab.machine.setOnline(1, false);
    ok(watch.breakpoint.state !== 'active', 'a breakpoint of a CPU that is offline is in no register');
    ok(lab.breakpoints.isUsed, 'its slot is held until it is unregistered');
    lab.machine.setOnline(1, true);
    lab.task([touch], { affinity: [1] });
    lab.run();
    equal(watch.count, 0, 'hits after its CPU has come back');
    lab.breakpoints.unregister(watch.breakpoint);
    const again = lab.onCpu(1, attr);
    lab.task([touch], { affinity: [1] });
    lab.run();
    equal(again.count, 1, 'hits of a new one');
  }),

  labCase('scheduler/a-task-that-must-move-keeps-its-breakpoints', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const seen: number[] = [];
    const task = lab.task([touch, plain(), touch], { affinity: [1] });
    lab.user(task, attr, (hit) => seen.push(hit.cpu.index));
    lab.machine.run(2);
    lab.machine.setOnline(1, false);
    lab.run();
    equal(seen, [1, 0], 'CPUs on which it was hit, the first of which went offline');
  }),

  labCase('scheduler/cpus-do-not-disturb-each-other', hasRegisters, (lab) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const first = lab.onCpu(0, a.attr);
    const second = lab.onCpu(1, b.attr);
    for (const cpu of [0, 1]) lab.task([a.touch, b.touch], { affinity: [cpu] });
    lab.run();
    equal([first.count, second.count], [1, 1], 'hits of the breakpoints of two CPUs');
    lab.breakpoints.unregister(first.breakpoint);
    lab.task([b.touch], { affinity: [1] });
    lab.run();
    equal(second.count, 2, 'hits on CPU 1 once that of CPU 0 is gone');
  }),
];
