import { DRIVERS } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { SUBJECTS, type Subject } from './support.js';
import { PowerWorld, type Sabotage } from './world.js';
import { powerOps } from './world-ops.js';

/*
 * CPUs come and go, kernels are suspended, end and crash, debuggers stop the machine, NMIs and guests come in between,
 * and any of it may be refused by somebody: whatever comes in which order, the slots are those of who is registered,
 * armed is what ought to be and nothing else, hits are counted once, and nothing is lost without notice.
 */

const [first] = SUBJECTS;
const SUBJECT = first as Subject;

function holds(subject: Subject, sabotage?: Sabotage) {
  return fc.property(powerOps, (ops) => {
    using world = new PowerWorld(subject, sabotage);
    for (const one of ops) world.perform(one);
  });
}

for (const subject of SUBJECTS) {
  test(`power, in any order (${subject.title})`, (t) => check(t, holds(subject), 40));
}

/** What goes wrong, each of which the property must find. */
const SABOTAGE: Readonly<Record<string, Sabotage>> = {
  'a CPU that comes up has its registers reset once more': ({ machine }) => {
    machine.hotplug.register('online', 'sabotage', { startup: (cpu) => cpu.unit.reset() });
  },
  'nobody restores the last CPU': ({ machine }) => {
    machine.power.register('devices', 'sabotage', { resume: (cpu) => cpu.unit.reset() });
  },
  'a resume leaves the registers muted': (kernel) => {
    const [driver] = kernel.get(DRIVERS);
    kernel.machine.power.register('devices', 'sabotage', { resume: () => void driver?.mute() });
  },
  'what is lost is not said to be': ({ machine }) => {
    machine.logger.log = () => {};
  },
  'a CPU that goes keeps its tasks’ registers armed': ({ machine, breakpoints }) => {
    machine.hotplug.register('prepare', 'sabotage', {
      teardown: (cpu) => {
        for (const { attr } of breakpoints.registered) {
          cpu.unit.filter.arm(cpu.unit.filter.allot(), 2, 0, Number(attr.bp_addr), 8);
        }
      },
    });
  },
  'a CPU that stays is half down': ({ machine, breakpoints }) => {
    machine.hotplug.register('online', 'sabotage', {
      teardown: ({ index }) => {
        for (const one of breakpoints.registered) {
          if (one.task === undefined && one.cpu === index) breakpoints.disable(one);
        }
      },
    });
  },
};

for (const [what, sabotage] of Object.entries(SABOTAGE)) {
  test(`the property finds: ${what}`, (t) => {
    t.true(fc.check(holds(SUBJECT, sabotage), { seed: 20091108, numRuns: 60 }).failed);
  });
}
