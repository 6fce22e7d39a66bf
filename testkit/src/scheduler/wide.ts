import { type HwBreakpointAttr, type Instruction, slotsOf, type WideBreakpoint } from '@hwbp/core';
import { equal, throwsErrno } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { mainClass } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';

const CPUS = { cpus: 4 };

interface WideWatch {
  readonly wide: WideBreakpoint;
  /** CPUs of the hits. */
  readonly seen: number[];
}

function watchWide(lab: Lab, attr: HwBreakpointAttr): WideWatch {
  const seen: number[] = [];
  const wide = lab.breakpoints.registerWide(attr, (hit) => seen.push(hit.cpu.index), { owner: 'wide' });
  return { wide, seen };
}

/** Executes the instruction once on every CPU that is online; returns where `watch` saw it. */
function touchEverywhere(lab: Lab, touch: Instruction, { seen }: WideWatch): readonly number[] {
  seen.length = 0;
  for (const { index } of lab.machine.onlineCpus) lab.task([touch], { affinity: [index] });
  lab.run();
  return [...seen].sort();
}

const membersOf = ({ wide }: WideWatch): readonly number[] => [...wide.members.keys()].sort();

/** One request for every CPU: all or nothing, and CPUs that come and go. */
export const wideCases: readonly BackendCase[] = [
  labCase(
    'scheduler/wide-watches-every-online-cpu',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      const watch = watchWide(lab, attr);
      equal(membersOf(watch), [0, 1, 2, 3], 'CPUs with a member');
      equal(touchEverywhere(lab, touch, watch), [0, 1, 2, 3], 'CPUs that saw a hit');
      equal(watch.wide.hits, 4, 'hits on all CPUs');
      lab.breakpoints.unregisterWide(watch.wide);
      equal(touchEverywhere(lab, touch, watch), [], 'CPUs that saw a hit after unregisterWide');
      equal(lab.breakpoints.isUsed, false, 'isUsed after unregisterWide');
      lab.unchangedBy('a second unregisterWide', () => lab.breakpoints.unregisterWide(watch.wide));
    },
    CPUS,
  ),

  labCase(
    'scheduler/wide-leaves-offline-cpus-out',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      lab.machine.setOnline(2, false);
      const watch = watchWide(lab, attr);
      equal(membersOf(watch), [0, 1, 3], 'CPUs with a member');
      equal(touchEverywhere(lab, touch, watch), [0, 1, 3], 'CPUs that saw a hit');
    },
    CPUS,
  ),

  labCase(
    'scheduler/wide-follows-cpus-that-come-and-go',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      lab.machine.setOnline(3, false);
      const watch = watchWide(lab, attr);
      lab.machine.setOnline(3, true);
      equal(touchEverywhere(lab, touch, watch), [0, 1, 2, 3], 'CPUs that saw a hit once CPU 3 is there');
      lab.machine.setOnline(1, false);
      equal(membersOf(watch), [0, 2, 3], 'CPUs with a member once CPU 1 is gone');
      equal(touchEverywhere(lab, touch, watch), [0, 2, 3], 'CPUs that saw a hit');
      lab.machine.setOnline(1, true);
      equal(touchEverywhere(lab, touch, watch), [0, 1, 2, 3], 'CPUs that saw a hit once CPU 1 is back');
    },
    CPUS,
  ),

  labCase(
    'scheduler/wide-is-all-or-nothing',
    hasRegisters,
    (lab) => {
      const { attr } = lab.spot();
      const slots = slotsOf(lab.manifest, mainClass(lab.manifest));
      // The last CPU is full: the others have been served when that is found out.
      for (let i = 0; i < slots; i++) lab.onCpu(3, lab.spot(i).attr);
      lab.unchangedBy('a wide request that one CPU refuses', () =>
        throwsErrno(() => watchWide(lab, attr), 'ENOSPC', 'a wide request that one CPU refuses'),
      );
      const bad = { ...attr, bp_len: 0 };
      lab.breakpoints.unregister(lab.breakpoints.registered[0]);
      lab.unchangedBy('an invalid wide request', () =>
        throwsErrno(() => watchWide(lab, bad), ['EINVAL', 'EOPNOTSUPP'], 'an invalid wide request'),
      );
      watchWide(lab, attr);
    },
    CPUS,
  ),

  labCase(
    'scheduler/wide-is-modified-everywhere-or-nowhere',
    hasRegisters,
    (lab) => {
      const [a, b] = [lab.spot(0), lab.spot(1)];
      const watch = watchWide(lab, a.attr);
      lab.breakpoints.modifyWide(watch.wide, { bp_addr: b.attr.bp_addr });
      equal(touchEverywhere(lab, b.touch, watch), [0, 1, 2, 3], 'CPUs that saw a hit at the new address');
      equal(touchEverywhere(lab, a.touch, watch), [], 'CPUs that saw a hit at the old address');
      lab.unchangedBy('an invalid modifyWide', () =>
        throwsErrno(() => lab.breakpoints.modifyWide(watch.wide, { bp_len: 0 }), ['EINVAL', 'EOPNOTSUPP'], 'length 0'),
      );
      lab.machine.setOnline(0, false);
      lab.machine.setOnline(0, true);
      equal(touchEverywhere(lab, b.touch, watch), [0, 1, 2, 3], 'CPUs that saw a hit, one of which has just come');
    },
    CPUS,
  ),
];
