import { type HwBreakpointAttr, KernelError, slotsOf } from '@hwbp/core';
import { equal, ok, thrown, throwsErrno } from '../assert/index.js';
import { hasNone, hasRegisters, watchesData } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { classesOf, mainClass } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';
import { refusedAttrs } from '../lab/refused-conditions.js';
import { plain } from '../lab/spot.js';

const ARCH_ERRNOS = ['EINVAL', 'EOPNOTSUPP', 'ENODEV'] as const;

/** Fills the suites' class on CPU 0. */
function fill(lab: Lab): void {
  const slotClass = mainClass(lab.manifest);
  for (let i = 0; i < slotsOf(lab.manifest, slotClass); i++)
    lab.onCpu(0, lab.spot(i).attr, undefined, { owner: 'filler' });
}

/** A length that no architecture has for anything but a range, at an address that suits it. */
function badLength(lab: Lab): HwBreakpointAttr {
  return { ...lab.spot().attr, bp_len: 0 };
}

/** Which errno wins, and that a refusal leaves everything as it was. */
export const refusalCases: readonly BackendCase[] = [
  labCase('together/unlisted-conditions-are-refused', hasRegisters, (lab) => {
    for (const { attr, why } of refusedAttrs(lab.manifest)) {
      lab.unchangedBy(why, () => throwsErrno(() => lab.onCpu(0, attr), ARCH_ERRNOS, why));
    }
  }),

  labCase('together/error-order', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const kernelAddress = lab.manifest.directMap + 0x1000n;
    const gone = lab.task([plain()]);
    lab.run();
    lab.machine.setOnline(1, false);
    const excluding = { ...attr, bp_addr: kernelAddress, exclude_kernel: true };
    const offline = (wanted: HwBreakpointAttr, privileged: boolean) => () =>
      lab.onCpu(1, wanted, undefined, { privileged });
    const ladder = [
      [offline(badLength(lab), false), ARCH_ERRNOS, "the architecture's errno comes before an offline CPU's"],
      [offline(excluding, false), ['EINVAL'], "exclude_kernel's EINVAL comes before EPERM and an offline CPU's ENODEV"],
      [
        offline({ ...excluding, exclude_kernel: false }, false),
        ['EPERM'],
        "EPERM comes before an offline CPU's ENODEV",
      ],
      [offline(attr, true), ['ENODEV'], 'an offline CPU'],
      [() => lab.user(gone, attr), ['ESRCH'], 'a task that has exited'],
    ] as const;
    const fits = watchesData(lab.manifest) ? ladder : ladder.slice(3);
    for (const [action, errno, what] of fits) lab.unchangedBy(what, () => throwsErrno(action, errno, what));
    fill(lab);
    const full = [
      [() => lab.onCpu(0, attr), 'ENOSPC', 'a valid request when all is taken'],
      [() => lab.onCpu(0, badLength(lab)), 'ENOSPC', 'ENOSPC comes before an invalid length'],
      [() => lab.onCpu(0, { ...excluding, bp_type: attr.bp_type }), 'ENOSPC', 'ENOSPC comes before a kernel address'],
      [() => lab.onCpu(0, { ...attr, bp_type: 7 }), 'EINVAL', 'EINVAL for type 7 comes before ENOSPC'],
    ] as const;
    for (const [action, errno, what] of full) {
      if (what.includes('type 7') && lab.manifest.slots.data === 0) continue;
      lab.unchangedBy(what, () => throwsErrno(action, errno, what));
    }
  }),

  labCase(
    'together/a-class-without-registers-is-not-supported',
    (manifest) => hasRegisters(manifest) && (manifest.slots.data === 0 || manifest.slots.instruction === 0),
    (lab) => {
      const bp_type = mainClass(lab.manifest) === 'data' ? 4 : 2;
      fill(lab);
      for (const bp_len of [0, 1, lab.manifest.wordSize]) {
        const attr = { bp_type, bp_addr: 0x1000n, bp_len };
        lab.unchangedBy('a class without registers', () =>
          throwsErrno(() => lab.onCpu(0, attr), 'EOPNOTSUPP', `bp_type ${bp_type}, whatever else is wrong or full`),
        );
      }
    },
  ),

  labCase('together/no-slot-names-the-holders', hasRegisters, (lab) => {
    fill(lab);
    const error = throwsErrno(() => lab.onCpu(0, lab.spot().attr), 'ENOSPC', 'one more than there are');
    const { used, limit, holders } = error.details;
    const slots = slotsOf(lab.manifest, mainClass(lab.manifest));
    equal([used, limit], [slots, slots], 'used and limit of the refusal');
    equal(Array.isArray(holders) ? holders.length : -1, slots, 'holders that the refusal lists');
    ok(error.message.includes('filler'), `the message names a holder: ${error.message}`);
  }),

  labCase('together/failed-registrations-leak-nothing', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const gone = lab.task([plain()]);
    lab.run();
    const slots = slotsOf(lab.manifest, mainClass(lab.manifest));
    for (let i = 0; i < slots + 3; i++) {
      thrown(() => lab.onCpu(0, badLength(lab)), 'an invalid length');
      thrown(() => lab.user(gone, attr), 'a task that has exited');
      ok(!lab.breakpoints.isUsed, 'a refused registration holds no slot');
    }
    fill(lab);
  }),

  labCase('together/every-register-can-be-used', hasRegisters, (lab) => {
    for (const slotClass of classesOf(lab.manifest)) {
      const spots = Array.from({ length: slotsOf(lab.manifest, slotClass) }, (_, i) => lab.spot(i, slotClass));
      const watches = spots.map(({ attr }) => lab.onCpu(0, attr));
      throwsErrno(() => lab.onCpu(0, lab.spot(99, slotClass).attr), 'ENOSPC', 'one more than there are');
      lab.task(
        spots.map(({ touch }) => touch),
        { affinity: [0] },
      );
      lab.run();
      for (const [i, { count }] of watches.entries()) equal(count, 1, `hits of ${slotClass} breakpoint ${i}`);
      for (const { breakpoint } of watches) lab.breakpoints.unregister(breakpoint);
    }
  }),

  labCase('together/misuse-is-a-type-error', hasRegisters, (lab) => {
    const { attr } = lab.spot();
    const misuses: readonly [string, () => unknown][] = [
      ['an address that is no bigint', () => lab.onCpu(0, { ...attr, bp_addr: 0x1000 as unknown as bigint })],
      ['an address of more than 64 bits', () => lab.onCpu(0, { ...attr, bp_addr: 1n << 64n })],
      ['a type that is no number', () => lab.onCpu(0, { ...attr, bp_type: 'w' as unknown as number })],
      ['a length below 0', () => lab.onCpu(0, { ...attr, bp_len: -1 })],
      ['no handler', () => lab.breakpoints.registerCpu(attr, undefined as unknown as () => void, 0)],
    ];
    for (const [what, action] of misuses) {
      lab.unchangedBy(what, () => ok(thrown(action, what) instanceof TypeError, `${what}: a TypeError`));
    }
  }),

  labCase('together/without-registers-everything-is-refused', hasNone, (lab) => {
    const task = lab.task([plain()]);
    for (const bp_type of [1, 2, 3, 4]) {
      const attr = { bp_type, bp_addr: 0x1000n, bp_len: 8 };
      const { breakpoints } = lab;
      const doors = [
        () => lab.user(task, attr),
        () => lab.onCpu(0, attr),
        () => breakpoints.registerWide(attr, () => {}),
        () => breakpoints.debugger.reserve(attr, () => {}, 0, 'debugger'),
      ];
      for (const door of doors) {
        const error = thrown(door, `bp_type ${bp_type}`);
        ok(
          error instanceof KernelError && error.errno === 'ENOSYS',
          `bp_type ${bp_type}: ENOSYS, got ${String(error)}`,
        );
      }
    }
    equal(lab.breakpoints.isUsed, false, 'isUsed');
    lab.run();
  }),

  labCase('together/without-registers-programs-run', hasNone, (lab) => {
    const accesses = [{ kind: 'readwrite', address: 0x1000n, size: 8, value: 5n } as const];
    const task = lab.task([plain(0), { ...plain(1), accesses }, plain(2)]);
    equal(lab.run().instructions, 3, 'instructions retired');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),
];
