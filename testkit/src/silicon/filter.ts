import { registersOf } from '@hwbp/core';
import * as fc from 'fast-check';
import { equal, holds, ok } from '../assert/index.js';
import { hasRegisters, watchesData } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import { acceptedAttrs, classesOf, dataPlaces, USER_DATA } from '../lab/conditions.js';
import { checkCovered } from '../lab/edges.js';
import { dataSpot, spotOf } from '../lab/spot.js';

/** The test in front of the unit: never a miss for what could match, nothing at all when nothing is armed. */
export const filterCases: readonly BackendCase[] = [
  benchCase('silicon/filter-never-hides-a-hit', watchesData, (bench) => {
    const { manifest } = bench.backend;
    const { first, end } = registersOf(manifest, 'data');
    const places = dataPlaces(manifest);
    const place = fc.nat(places.length - 1);
    const access = fc.record({
      kind: fc.constantFrom('read', 'write', 'readwrite'),
      // Near what is watched, or at an address that a hash might take for it.
      address: fc.tuple(fc.integer({ min: -24, max: 24 }), fc.constantFrom(0n, 0n, 0n, 0x8000n, 0x1_0000_0000n)),
      size: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 64 })),
    });
    const property = fc.property(fc.array(place, { minLength: 1, maxLength: end - first }), access, (armed, made) => {
      for (let register = first; register < end; register++) bench.driver.uninstall(register);
      for (const [i, at] of armed.entries()) {
        const { address, length } = places[at] ?? { address: USER_DATA, length: 1 };
        const { attr } = dataSpot(manifest, 0, { base: address, length });
        bench.arm(first + i, attr);
      }
      const [near, far] = made.address;
      const accesses = [{ kind: made.kind, address: USER_DATA + BigInt(near) + far, size: made.size }];
      const unfiltered = bench.execute({ accesses }, { filtered: false }).length;
      const filtered = bench.execute({ accesses }).length;
      for (let i = 0; i < armed.length; i++) bench.driver.uninstall(first + i);
      equal(filtered, unfiltered, 'exceptions behind the filter, against those without it');
      ok(bench.filterIsEmpty, 'the filter is empty once everything is disarmed');
    });
    holds(property, { seed: 20090910, numRuns: 500 });
  }),

  benchCase('silicon/filter-is-empty-when-nothing-is-armed', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    ok(bench.filterIsEmpty, 'the filter of a new unit is empty');
    for (const slotClass of classesOf(manifest)) {
      const { first, end } = registersOf(manifest, slotClass);
      for (let register = first; register < end; register++)
        bench.arm(register, spotOf(manifest, register, slotClass).attr);
      ok(!bench.filterIsEmpty, 'the filter has something armed');
      for (let register = first; register < end; register++) bench.driver.uninstall(register);
      ok(bench.filterIsEmpty, `the filter is empty after every ${slotClass} register was disarmed`);
    }
  }),

  benchCase('silicon/filter-follows-the-address', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const slotClass of classesOf(manifest)) {
      const { first: register } = registersOf(manifest, slotClass);
      const [a, b] = [spotOf(manifest, 0, slotClass), spotOf(manifest, 1, slotClass)];
      bench.arm(register, a.attr);
      bench.driver.uninstall(register);
      bench.arm(register, b.attr);
      equal(bench.execute(b.touch).length, 1, 'exceptions at the new address');
      equal(bench.execute(a.touch, { filtered: false }).length, 0, 'exceptions at the old address');
      equal(bench.unit.filter.ranges.length, 1, 'ranges armed in the filter');
      bench.driver.uninstall(register);
    }
  }),

  benchCase('silicon/filter-covers-every-listed-condition', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const attr of acceptedAttrs(manifest)) {
      const { first: register } = registersOf(manifest, attr.bp_type === 4 ? 'instruction' : 'data');
      bench.arm(register, attr);
      checkCovered(bench, attr);
      bench.driver.uninstall(register);
    }
  }),
];
