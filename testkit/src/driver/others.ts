import { equal, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { classesOf, conditionName } from '../lab/conditions.js';
import { checkExact, placesOf } from '../lab/edges.js';
import { isZero } from '../lab/is-zero.js';
import { type Spot, spotOf } from '../lab/spot.js';

/** A condition for every register of a class, from `index` on. */
function spotsOf({ backend: { manifest } }: Bench, index: number): readonly (Spot & { readonly register: number })[] {
  return classesOf(manifest).flatMap((slotClass) => {
    const registers = placesOf(manifest, spotOf(manifest, 0, slotClass).attr);
    return registers.map((register) => ({ register, ...spotOf(manifest, index + register, slotClass) }));
  });
}

/** In a shared pool each register has the spot of one class. */
function armAll(bench: Bench, index = 0): readonly (Spot & { readonly register: number })[] {
  const spots = new Map(spotsOf(bench, index).map((spot) => [spot.register, spot]));
  for (const { register, attr } of spots.values()) bench.arm(register, attr);
  return [...spots.values()];
}

/** Somebody else has the registers meanwhile: a guest, another kernel, or nobody, because the power was off. */
export const otherCases: readonly BackendCase[] = [
  benchCase('driver/restore-after-power-loss', hasRegisters, (bench) => {
    const spots = armAll(bench);
    bench.unit.reset();
    bench.driver.restore();
    for (const { attr, register } of spots) {
      checkExact(bench, attr, { when: `the unit lost its registers, and register ${register} was restored` });
    }
  }),

  benchCase('driver/restore-writes-the-copy-whatever-stands-there', hasRegisters, (bench) => {
    const { backend, driver, unit } = bench;
    const theirs = spotsOf(bench, 60);
    const other = backend.createDriver({ unit });
    const [own] = armAll(bench);
    if (own === undefined) return;
    for (const { register } of spotsOf(bench, 0)) if (register !== own.register) driver.uninstall(register);
    for (const muted of [false, true]) {
      for (const { register, attr } of theirs) {
        other.uninstall(register);
        other.install(register, { info: backend.parse(attr), delivery: 'silicon', owner: 'somebody else' });
      }
      const unmute = muted ? driver.mute(false) : undefined;
      driver.restore();
      unmute?.();
      const when = `somebody else had the registers${muted ? ', restored while muted' : ''}`;
      checkExact(bench, own.attr, { when });
      for (const { attr } of theirs) checkExact(bench, attr, { when, armed: false, filtered: false });
      equal(unit.filter.ranges.length, 1, `${when}: ranges armed in the filter`);
    }
  }),

  benchCase('driver/a-restore-waits-for-the-last-unmute', hasRegisters, (bench) => {
    const spots = armAll(bench);
    const unmute = bench.driver.mute();
    bench.driver.restore();
    ok(bench.filterIsEmpty, 'restored while muted: the filter is empty');
    for (const { attr } of spots) checkExact(bench, attr, { when: 'restored while muted', armed: false });
    unmute();
    for (const { attr } of spots) checkExact(bench, attr, { when: 'nobody mutes any more' });
  }),

  benchCase('driver/a-mute-with-nothing-armed-writes-nothing', hasRegisters, (bench) => {
    const { backend, unit } = bench;
    const armed = armAll(bench);
    const idle = backend.createDriver({ unit });
    const changes: number[] = [];
    unit.filter.listen((ranges) => changes.push(ranges.length));
    for (const quiet of [true, false]) {
      const unmute = idle.mute(quiet);
      for (const { attr } of armed) checkExact(bench, attr, { when: 'a driver that has nothing armed mutes' });
      unmute();
      for (const { attr } of armed) checkExact(bench, attr, { when: 'a driver that has nothing armed has let go' });
    }
    equal(changes, [], 'what it wrote: armed ranges behind each write');
  }),

  benchCase('driver/writes-the-unit-that-is-there-now', hasRegisters, ({ backend }) => {
    const holder = { unit: backend.createUnit() };
    const driver = backend.createDriver(holder);
    const { manifest } = backend;
    for (const slotClass of classesOf(manifest)) {
      const { attr } = spotOf(manifest, 0, slotClass);
      const register = placesOf(manifest, attr)[0] ?? 0;
      const before = holder.unit;
      holder.unit = backend.createUnit();
      const name = conditionName(attr);
      driver.install(register, { info: backend.parse(attr), delivery: 'silicon', owner: 'bench' });
      ok(isZero(before.filter.table), `${name}: installed once another unit stands there: nothing in the one before`);
      equal(holder.unit.filter.ranges.length, 1, `${name}: ranges armed in the unit that stands there now`);
      const installed = holder.unit;
      holder.unit = backend.createUnit();
      driver.restore();
      equal(holder.unit.filter.ranges.length, 1, `${name}: restored to a third unit: ranges armed there`);
      driver.uninstall(register);
      ok(isZero(holder.unit.filter.table), `${name}: removed: nothing in the unit that stands there now`);
      installed.reset();
    }
  }),
];
