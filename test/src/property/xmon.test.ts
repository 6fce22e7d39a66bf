import { fc, testProp } from '@fast-check/ava';
import type { Kernel } from '@hwbp/core';
import test from 'ava';
import { lostCount } from '../xmon/lost-count.js';
import { ARCHES, type ArchName, play, xmonActions } from './support/xmon-actions.js';

const names = fc.constantFrom(...(Object.keys(ARCHES) as ArchName[]));

testProp(
  'whatever is typed while CPUs come and go: nothing is armed while xmon has the machine, and all that it took comes back',
  [names, xmonActions],
  (t, name, actions) => {
    using kernel = lostCount(ARCHES[name]);
    t.deepEqual(play(kernel, name, actions), []);
  },
  { numRuns: 200 },
);

/** Defects, and what shows them. */
const MUTANTS: Readonly<Record<string, readonly [shown: string, plant: (kernel: Kernel) => void]>> = {
  'entering mutes nobody': [
    'nothing is armed',
    ({ machine, breakpoints: { debugger: slots } }) => {
      let inside: string | undefined;
      Object.defineProperty(slots, 'inside', { get: () => inside });
      slots.enter = (owner) => {
        inside = owner;
      };
      slots.leave = () => {
        inside = undefined;
      };
      machine.run(0);
    },
  ],
  'leaving arms nobody': [
    'what others have is armed',
    ({ breakpoints: { debugger: slots } }) => {
      let inside: string | undefined;
      const enter = slots.enter.bind(slots);
      Object.defineProperty(slots, 'inside', { get: () => inside });
      slots.enter = (owner) => {
        inside = owner;
        enter(owner);
      };
      slots.leave = () => {
        inside = undefined;
      };
    },
  ],
  'a software breakpoint stays': [
    'no software breakpoint is in place',
    ({ machine: { planted } }) => {
      planted.lift = () => true;
    },
  ],
  'one register is never given back': [
    'CPU 0 has what the list says',
    ({ breakpoints: { debugger: slots } }) => {
      const reserve = slots.reserve.bind(slots);
      slots.reserve = (...args) => {
        const reservation = reserve(...args);
        if (reservation !== undefined) reservation.release = () => true;
        return reservation;
      };
    },
  ],
  'a gate stays': [
    'there is one gate while xmon has the machine',
    ({ machine }) => {
      const add = machine.addGate.bind(machine);
      machine.addGate = (gate) => {
        add(gate);
        return () => {};
      };
    },
  ],
};

for (const [defect, [shown, plant]] of Object.entries(MUTANTS)) {
  test(`a defect is found: ${defect}`, (t) => {
    const found = new Set<string>();
    fc.sample(fc.tuple(names, xmonActions), { numRuns: 150, seed: 1 }).forEach(([name, actions]) => {
      const kernel = lostCount(ARCHES[name]);
      plant(kernel);
      try {
        for (const one of play(kernel, name, actions)) found.add(one);
      } catch {
        // A defect may break more than what is looked for here.
      }
    });
    t.true(found.has(shown), `${[...found].join(', ')} instead of ${shown}`);
  });
}
