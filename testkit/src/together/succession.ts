import { type Kernel, program } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import type { BackendCase, BackendSubject } from '../lab/backend-subject.js';
import { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
import { plain } from '../lab/spot.js';

type How = 'kexec' | 'crash';
const HOWS: readonly How[] = ['kexec', 'crash'];

/** A case for each way in which a kernel gets another one's hardware. */
function succession(id: string, run: (subject: BackendSubject, how: How) => void): BackendCase {
  return {
    id: `together/${id}`,
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      for (const how of HOWS) run(subject, how);
    },
  };
}

/** The kernel that comes after another one. */
function follow(subject: BackendSubject, { kernel }: Lab, how: How): Lab {
  return new Lab((options) => kernel[how](options), subject.successor());
}

const OFF = { occupied: 0, active: false, muted: false };
const ON = { occupied: 1, active: true, muted: false };

/** Registers of each CPU, as its driver has them. */
function registersOf(kernel: Kernel): readonly unknown[] {
  const probe = kernel.get(Probe);
  return kernel.machine.cpus.map(({ index }) => {
    const { active, muted, occupants } = probe.driver(index);
    return { occupied: occupants.filter((one) => one !== undefined).length, active, muted };
  });
}

/** Touches a spot once on every CPU. */
function touchAll(lab: Lab, index = 0): void {
  const { touch } = lab.spot(index);
  for (const cpu of lab.machine.onlineCpus) lab.task([plain(), touch], { affinity: [cpu.index] });
  lab.run();
}

/** A kernel ends, or crashes, and another one has its hardware. */
export const successionCases: readonly BackendCase[] = [
  succession('the-next-kernel-begins-with-registers-that-are-off', (subject, how) => {
    const lab = subject.lab();
    const { attr, touch } = lab.spot();
    const watches = [lab.onCpu(0, attr), lab.onCpu(1, attr)];
    lab.task([touch, plain(), plain()], { affinity: [0] });
    lab.machine.run(2);
    equal(registersOf(lab.kernel), [ON, ON], `registers before the ${how}`);
    // A virtual CPU that is not on a physical one has nothing armed.
    const armed = lab.machine.cpus.some(({ unit }) => unit.filter.ranges.length > 0);
    const before = watches.map(({ count }) => count);
    const next = follow(subject, lab, how);
    equal(registersOf(next.kernel), [OFF, OFF], `registers after the ${how}, before the first instruction`);
    for (const { index, unit } of next.machine.cpus) {
      equal(unit.filter.ranges.length, 0, `ranges armed on CPU ${index} after the ${how}`);
    }
    equal(next.breakpoints.isUsed, false, `isUsed after the ${how}`);
    touchAll(next);
    equal(
      watches.map(({ count }) => count),
      before,
      `hits of the kernel before, after the ${how}`,
    );
    const said = next.log.entries.filter(({ message }) => message.includes('were armed by another kernel'));
    equal(said.length, how === 'crash' && armed ? 1 : 0, `reports of armed registers after the ${how}`);
    next.finish();
    lab.kernel.dispose();
  }),

  succession('the-next-kernel-has-every-register', (subject, how) => {
    const lab = subject.lab();
    lab.onCpu(0, lab.spot().attr);
    lab.breakpoints.debugger.enter('testkit');
    const next = follow(subject, lab, how);
    const watches = [0, 1].map((cpu) => next.onCpu(cpu, next.spot().attr));
    touchAll(next);
    equal(
      watches.map(({ count }) => count),
      [1, 1],
      `hits by CPU after the ${how}, while a debugger was inside before`,
    );
    lab.kernel.dispose();
    touchAll(next);
    equal(
      watches.map(({ count }) => count),
      [2, 2],
      `hits by CPU behind that, ${how}`,
    );
    next.finish();
  }),

  succession('nothing-of-the-kernel-before-is-called', (subject, how) => {
    const lab = subject.lab({ tick: 2000 });
    const called: string[] = [];
    const note = (what: string) => (): void => void called.push(what);
    const { attr, touch } = lab.spot();
    lab.onCpu(0, attr, note('handler'));
    lab.task(new Array(50).fill(touch), { affinity: [0] });
    lab.machine.run(3);
    const { hooks } = lab.machine;
    for (const name of ['contextSwitch', 'tick', 'interrupt', 'exit', 'fork', 'online', 'offline'] as const) {
      hooks[name].add(note(name));
    }
    for (const cpu of lab.machine.cpus) {
      cpu.alarms.set(cpu.alarms.create({ expired: note('alarm') }), cpu.clock.now + 3000);
    }
    const next = follow(subject, lab, how);
    called.length = 0;
    for (const cpu of next.machine.cpus) cpu.interrupts.raise(4);
    const child = next.task([touch, plain(), touch, plain()]);
    next.machine.fork(child, program([plain()]));
    touchAll(next);
    next.machine.setOnline(1, false);
    next.machine.setOnline(1, true);
    touchAll(next);
    equal(called, [], `what was called of the kernel before, after the ${how}`);
    equal(lab.machine.run(10).instructions, 0, `instructions that it executes after the ${how}`);
    next.finish();
    lab.kernel.dispose();
  }),

  succession('a-refused-successor-changes-nothing', (subject, how) => {
    const lab = subject.lab();
    const { attr } = lab.spot();
    const watch = lab.onCpu(1, attr);
    lab.unchangedBy(`a ${how} with options that are wrong`, () => {
      const error = thrown(() => lab.kernel[how]({ ...subject.successor(), tick: -1 }), `a ${how} with a tick of -1`);
      ok(error instanceof Error, 'it is an error');
    });
    touchAll(lab);
    equal(watch.count, 1, `hits behind a refused ${how}`);
    lab.finish();
  }),
];
