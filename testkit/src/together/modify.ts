import { type HwBreakpointAttr, KernelError, type Modification, slotsOf } from '@hwbp/core';
import { equal, ok, thrown, throwsErrno } from '../assert/index.js';
import { all, executes, hasRegisters, watchesData } from '../lab/applies.js';
import { type Applies, type BackendCase, labCase } from '../lab/backend-subject.js';
import { dataPlaces, mainClass } from '../lab/conditions.js';
import type { Lab, Watch } from '../lab/lab.js';
import { refusedAttrs } from '../lab/refused-conditions.js';
import { plain } from '../lab/spot.js';

const bothClasses = all(watchesData, executes);
const sharedPool: Applies = (manifest) => bothClasses(manifest) && manifest.slots.shared;
const separatePools: Applies = (manifest) => bothClasses(manifest) && !manifest.slots.shared;

/** Takes every register of the class on CPU 0; returns the watches. */
function fill(lab: Lab, slotClass = mainClass(lab.manifest)): readonly Watch[] {
  const count = slotsOf(lab.manifest, slotClass);
  return Array.from({ length: count }, (_, i) => lab.onCpu(0, lab.spot(i, slotClass).attr));
}

/** What a refused modification must leave as it was. */
function settings({ breakpoint }: Watch): unknown {
  const { attr, slotClass, state, onCpu, register, hits } = breakpoint;
  return [attr, slotClass, state, onCpu, register, hits];
}

/** Changing a breakpoint in place: its slot is never given up, and a refusal changes nothing. */
export const modifyCases: readonly BackendCase[] = [
  labCase('together/modify-moves-in-place', hasRegisters, (lab) => {
    const [watch] = fill(lab);
    const target = lab.spot(100);
    const before = lab.spot(0);
    if (watch === undefined) return;
    lab.task([before.touch], { affinity: [0] });
    lab.run();
    lab.breakpoints.modify(watch.breakpoint, { bp_addr: target.attr.bp_addr });
    equal(watch.breakpoint.attr.bp_addr, target.attr.bp_addr, 'its address');
    lab.task([before.touch, target.touch, plain()], { affinity: [0] });
    lab.run();
    equal(watch.count, 2, 'calls: one at the old address before, one at the new one after');
    equal(watch.breakpoint.hits, 2, 'hits: counting goes on');
    throwsErrno(() => lab.onCpu(0, before.attr), 'ENOSPC', 'a further registration: the slot was never free');
  }),

  labCase('together/modify-changes-length-and-kind', watchesData, (lab) => {
    for (const { address, length } of dataPlaces(lab.manifest)) {
      const watch = lab.onCpu(0, lab.spot(0, 'data').attr);
      lab.breakpoints.modify(watch.breakpoint, { bp_addr: address, bp_len: length });
      const kind = lab.spot(0, 'data').touch.accesses?.[0]?.kind ?? 'write';
      const accesses = [{ kind, address: address + BigInt(length) - 1n, size: 1 }];
      lab.task([{ ...plain(), accesses }], { affinity: [0] });
      lab.run();
      equal(watch.count, 1, `hits of the last of ${length} bytes`);
      lab.breakpoints.unregister(watch.breakpoint);
    }
  }),

  labCase('together/refused-modify-changes-nothing', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watch = lab.onCpu(0, attr);
    const attempts: Modification[] = refusedAttrs(lab.manifest).map(({ attr: bad }) => bad);
    // Kernel addresses are refused to those who exclude the kernel, and to those without privilege.
    const kernel = { bp_addr: lab.manifest.directMap + 0x1000n };
    for (const changes of attempts) {
      const before = settings(watch);
      const what = `modify to bp_type ${changes.bp_type}, ${changes.bp_len} bytes at 0x${changes.bp_addr?.toString(16)}`;
      lab.unchangedBy(what, () => {
        const error = thrown(() => lab.breakpoints.modify(watch.breakpoint, changes), what);
        ok(error instanceof KernelError, `${what}: refused with a KernelError`);
      });
      equal(settings(watch), before, `${what}: the breakpoint is as it was`);
    }
    const unprivileged = () => lab.breakpoints.modify(watch.breakpoint, kernel, { privileged: false });
    lab.unchangedBy('modify without privilege', () =>
      throwsErrno(unprivileged, 'EPERM', 'a kernel address, unprivileged'),
    );
    lab.task([touch, plain(), touch], { affinity: [0] });
    lab.run();
    equal(watch.count, 2, 'calls of the handler: it keeps firing');
  }),

  labCase('together/refused-modify-in-a-handler-keeps-firing', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain(), touch]);
    const watch = lab.user(task, attr, (hit) => {
      const refuse = () => lab.breakpoints.modify(hit.breakpoint, { bp_type: 7 });
      throwsErrno(refuse, ['EINVAL', 'EOPNOTSUPP'], 'modify to type 7');
    });
    lab.run();
    equal(watch.count, 2, 'calls of the handler');
  }),

  labCase('together/modify-changes-class-when-full', sharedPool, (lab) => {
    const [watch] = fill(lab, 'data');
    const code = lab.spot(1, 'instruction');
    if (watch === undefined) return;
    lab.breakpoints.modify(watch.breakpoint, changesOf(code.attr));
    lab.task([code.touch, plain()], { affinity: [0] });
    lab.run();
    equal(watch.count, 1, 'calls after data became execution in a full pool');
    throwsErrno(() => lab.onCpu(0, code.attr), 'ENOSPC', 'a further registration');
  }),

  labCase('together/modify-into-a-full-class-is-refused', separatePools, (lab) => {
    const held = fill(lab, 'instruction');
    const data = lab.spot(0, 'data');
    const watch = lab.onCpu(0, data.attr);
    const change = changesOf(lab.spot(50, 'instruction').attr);
    lab.unchangedBy('modify into a full class', () =>
      throwsErrno(() => lab.breakpoints.modify(watch.breakpoint, change), 'ENOSPC', 'modify into a full class'),
    );
    lab.task([data.touch], { affinity: [0] });
    lab.run();
    equal(watch.count, 1, 'calls of the handler: it keeps firing');
    lab.breakpoints.unregister(held[0]?.breakpoint);
    lab.breakpoints.modify(watch.breakpoint, change);
    equal(watch.breakpoint.slotClass, 'instruction', 'class once there is room');
    // Its data register is free again: all of them can be taken.
    for (let i = 0; i < lab.manifest.slots.data; i++) lab.onCpu(0, lab.spot(i, 'data').attr);
  }),

  labCase('together/modify-disables-and-enables', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watch = lab.onCpu(0, attr);
    const touchOnce = (): void => {
      lab.task([touch], { affinity: [0] });
      lab.run();
    };
    lab.breakpoints.modify(watch.breakpoint, { disabled: true });
    touchOnce();
    equal(watch.count, 0, 'calls while disabled');
    lab.breakpoints.modify(watch.breakpoint, { disabled: false });
    touchOnce();
    equal(watch.count, 1, 'calls once enabled again');
  }),

  labCase('together/disable-keeps-the-slot', hasRegisters, (lab) => {
    const [watch] = fill(lab);
    const { attr, touch } = lab.spot();
    if (watch === undefined) return;
    lab.breakpoints.disable(watch.breakpoint);
    throwsErrno(() => lab.onCpu(0, attr), 'ENOSPC', 'a registration while one of a full class is disabled');
    lab.breakpoints.enable(watch.breakpoint);
    lab.task([touch], { affinity: [0] });
    lab.run();
    equal(watch.count, 1, 'calls once enabled again');
  }),

  labCase('together/modify-of-other-fields-is-refused', hasRegisters, (lab) => {
    const watch = lab.onCpu(0, lab.spot().attr);
    for (const field of [{ sample_period: 2 }, { exclude_user: true }, { pinned: false }]) {
      const changes = field as Modification;
      lab.unchangedBy('modify of another field', () =>
        throwsErrno(() => lab.breakpoints.modify(watch.breakpoint, changes), 'EINVAL', Object.keys(field).join()),
      );
    }
  }),

  labCase('together/released-is-refused', hasRegisters, (lab) => {
    const { breakpoint } = lab.onCpu(0, lab.spot().attr);
    lab.breakpoints.unregister(breakpoint);
    throwsErrno(() => lab.breakpoints.modify(breakpoint, { disabled: true }), 'EINVAL', 'modify after unregister');
    throwsErrno(() => lab.breakpoints.enable(breakpoint), 'EINVAL', 'enable after unregister');
    throwsErrno(() => lab.breakpoints.disable(breakpoint), 'EINVAL', 'disable after unregister');
  }),
];

/** The fields of a request that modify takes. */
function changesOf({ bp_type, bp_addr, bp_len }: HwBreakpointAttr): Modification {
  return { bp_type, bp_addr, bp_len };
}
