import { type HwBreakpointAttr, type Instruction, program } from '@hwbp/core';
import { equal, ok, throwsErrno } from '../assert/index.js';
import { executes, hasRegisters, watchesData } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { classesOf } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';
import { dataSpot, plain, type Spot } from '../lab/spot.js';

/** A task that executes something in user mode, then the same in a system call. */
function userThenKernel(lab: Lab, touch: Instruction) {
  return lab.task([touch, { ...plain(0), syscall: program([touch]) }, plain(1)]);
}

/** A place in the kernel's memory. */
function kernelSpot(lab: Lab): Spot {
  return dataSpot(lab.manifest, 0, { base: lab.manifest.directMap + 0x1000n });
}

function hitsOf(lab: Lab, spot: Spot, excluded: Partial<HwBreakpointAttr>): readonly string[] {
  const modes: string[] = [];
  const watch = lab.user(userThenKernel(lab, spot.touch), { ...spot.attr, ...excluded }, (hit) => {
    modes.push(hit.mode);
  });
  lab.run();
  lab.breakpoints.unregister(watch.breakpoint);
  return modes;
}

/** Modes and addresses. */
export const privilegeCases: readonly BackendCase[] = [
  labCase('together/exclude-fields-drop-hits-by-mode', hasRegisters, (lab) => {
    for (const slotClass of classesOf(lab.manifest)) {
      const spot = lab.spot(0, slotClass);
      const what = `hits of a ${slotClass} breakpoint`;
      equal(hitsOf(lab, spot, {}), ['user', 'kernel'], `${what} with nothing excluded`);
      equal(hitsOf(lab, spot, { exclude_hv: true }), ['user', 'kernel'], `${what} with exclude_hv`);
      equal(hitsOf(lab, spot, { exclude_kernel: true }), ['user'], `${what} with exclude_kernel`);
      equal(hitsOf(lab, spot, { exclude_user: true }), ['kernel'], `${what} with exclude_user`);
      equal(hitsOf(lab, spot, { exclude_user: true, exclude_kernel: true }), [], `${what} with both`);
    }
  }),

  labCase('together/an-excluded-execute-hit-does-not-hold-the-task-up', executes, (lab) => {
    const spot = lab.spot(0, 'instruction');
    equal(hitsOf(lab, spot, { exclude_kernel: true }), ['user'], 'hits with exclude_kernel');
    equal(hitsOf(lab, spot, { exclude_user: true }), ['kernel'], 'hits with exclude_user');
  }),

  labCase('together/kernel-addresses-are-watched', watchesData, (lab) => {
    const { attr, touch } = kernelSpot(lab);
    const task = lab.task([{ ...plain(0), syscall: program([touch, plain(1)]) }, plain(2)]);
    const watch = lab.user(task, attr);
    lab.run();
    equal(watch.count, 1, "calls of the task's handler");
    lab.breakpoints.unregister(watch.breakpoint);
    const kernelThread = lab.task([touch], { mode: 'kernel', affinity: [1] });
    const wide = lab.onCpu(1, attr, (hit) => ok(hit.task === kernelThread, 'the hit is of the kernel thread'));
    lab.run();
    equal(wide.count, 1, 'calls of the handler of CPU 1');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  labCase('together/kernel-addresses-need-privilege-and-the-kernel', watchesData, (lab) => {
    const { attr } = kernelSpot(lab);
    const task = lab.task([plain()]);
    lab.unchangedBy('refused kernel addresses', () => {
      const excluding = { ...attr, exclude_kernel: true };
      throwsErrno(() => lab.user(task, excluding), 'EINVAL', 'a kernel address with exclude_kernel');
      throwsErrno(
        () => lab.user(task, attr, undefined, { privileged: false }),
        'EPERM',
        'a kernel address, unprivileged',
      );
    });
    lab.user(task, lab.spot(1, 'data').attr, undefined, { privileged: false });
    lab.run();
  }),
];
