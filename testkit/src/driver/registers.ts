import { registersOf } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { classesOf } from '../lab/conditions.js';
import { isZero } from '../lab/is-zero.js';
import { type Spot, spotOf } from '../lab/spot.js';

/** A spot for every register: of its class, where classes have registers of their own; mixed, where they share. */
function spotsOf(bench: Bench): readonly Spot[] {
  const { manifest } = bench.backend;
  const classes = classesOf(manifest);
  return bench.driver.occupants.map((_, register) => {
    const own = classes.filter((slotClass) => {
      const { first, end } = registersOf(manifest, slotClass);
      return register >= first && register < end;
    });
    return spotOf(manifest, register, own[register % own.length]);
  });
}

function armAll(bench: Bench): readonly Spot[] {
  const spots = spotsOf(bench);
  spots.forEach(({ attr }, register) => {
    bench.arm(register, attr);
  });
  return spots;
}

/** Each register hits exactly if `armed` says so. */
function checkArmed(bench: Bench, spots: readonly Spot[], armed: (register: number) => boolean, when: string): void {
  spots.forEach(({ touch }, register) => {
    const raised = bench.execute(touch, { filtered: armed(register) }).length;
    equal(raised, armed(register) ? 1 : 0, `${when}: exceptions for what register ${register} watches`);
  });
}

/** Installing and removing touches the register that is named, and no other. */
export const registerCases: readonly BackendCase[] = [
  benchCase('driver/installs-in-any-register', hasRegisters, (bench) => {
    const spots = spotsOf(bench);
    spots.forEach(({ attr }, register) => {
      const info = bench.arm(register, attr);
      checkArmed(bench, spots, (other) => other === register, `register ${register} is armed alone`);
      ok(bench.driver.occupants[register]?.info === info, `occupants names who is in register ${register}`);
      bench.driver.uninstall(register);
      equal(bench.driver.occupants[register], undefined, `occupant of register ${register}, removed`);
    });
  }),

  benchCase('driver/install-leaves-neighbours-armed', atLeast(2), (bench) => {
    const spots = spotsOf(bench);
    // Downwards, so that a higher register is there when a lower one comes.
    for (let register = spots.length - 1; register >= 0; register--) {
      const spot = spots[register];
      if (spot !== undefined) bench.arm(register, spot.attr);
      checkArmed(bench, spots, (other) => other >= register, `registers from ${register} on are armed`);
    }
  }),

  benchCase('driver/uninstall-leaves-neighbours-armed', atLeast(2), (bench) => {
    const spots = armAll(bench);
    checkArmed(bench, spots, () => true, 'all are armed');
    spots.forEach(({ attr }, removed) => {
      bench.driver.uninstall(removed);
      checkArmed(bench, spots, (register) => register !== removed, `register ${removed} was removed`);
      bench.arm(removed, attr);
    });
    for (let removed = 0; removed < spots.length; removed++) {
      bench.driver.uninstall(removed);
      checkArmed(bench, spots, (register) => register > removed, `registers up to ${removed} were removed`);
    }
  }),

  benchCase('driver/uninstall-silences', hasRegisters, (bench) => {
    const spots = armAll(bench);
    for (let register = spots.length - 1; register >= 0; register--) bench.driver.uninstall(register);
    spots.forEach(({ attr }, register) => {
      bench.arm(register, attr);
      bench.driver.uninstall(register);
      checkArmed(bench, spots, () => false, `register ${register} was armed alone and removed`);
    });
    checkArmed(bench, spots, () => false, 'all were removed');
    ok(bench.filterIsEmpty, 'the filter is empty');
  }),

  benchCase('driver/held-changes-reach-the-hardware', hasRegisters, (bench) => {
    const { driver } = bench;
    driver.hold();
    const spots = armAll(bench);
    driver.release();
    checkArmed(bench, spots, () => true, 'all were armed while held');
    // As in a context switch: some go, and others come into the same registers.
    driver.hold();
    spots.forEach((_, register) => {
      driver.uninstall(register);
    });
    const last = spots.length - 1;
    const attr = spots[last]?.attr;
    if (attr !== undefined) bench.arm(last, attr);
    driver.release();
    checkArmed(bench, spots, (register) => register === last, `all but register ${last} were removed while held`);
    driver.hold();
    driver.uninstall(last);
    driver.release();
    checkArmed(bench, spots, () => false, 'the last was removed while held');
    ok(bench.filterIsEmpty, 'the filter is empty');
  }),

  benchCase('driver/active-until-the-last-is-removed', hasRegisters, (bench) => {
    const spots = armAll(bench);
    for (let register = 0; register < spots.length; register++) {
      equal(bench.driver.active, true, `active with ${spots.length - register} armed`);
      bench.driver.uninstall(register);
    }
    equal(bench.driver.active, false, 'active with none armed');
  }),

  benchCase('driver/disable-silences-and-restore-arms-again', hasRegisters, (bench) => {
    const spots = armAll(bench);
    const { occupants } = bench.driver;
    const before = [...occupants];
    bench.driver.disable();
    checkArmed(bench, spots, () => false, 'disabled');
    ok(bench.filterIsEmpty, 'the filter is empty while disabled');
    equal(bench.driver.active, true, 'active while disabled: the software copy stays');
    ok(
      before.every((occupant, register) => bench.driver.occupants[register] === occupant),
      'the occupants stay while disabled',
    );
    bench.driver.restore();
    checkArmed(bench, spots, () => true, 'restored');
  }),

  benchCase('driver/restore-brings-nothing-back-that-was-removed', atLeast(2), (bench) => {
    const spots = armAll(bench);
    bench.driver.disable();
    bench.driver.uninstall(0);
    bench.driver.restore();
    checkArmed(bench, spots, (register) => register !== 0, 'register 0 was removed while disabled');
  }),

  benchCase('driver/restore-after-power-loss', hasRegisters, (bench) => {
    const spots = armAll(bench);
    bench.unit.reset();
    checkArmed(bench, spots, () => false, 'after a reset of the unit');
    bench.driver.restore();
    checkArmed(bench, spots, () => true, 'restored after a reset of the unit');
  }),

  benchCase('driver/drivers-of-one-backend-are-independent', hasRegisters, (bench) => {
    const { backend } = bench;
    const otherUnit = backend.createUnit();
    const other = backend.createDriver(otherUnit);
    armAll(bench);
    equal(other.active, false, 'another CPU is active');
    ok(isZero(otherUnit.filter.table), "another CPU's filter is empty");
    equal(other.occupants[0], undefined, 'occupant of register 0 of another CPU');
  }),
];
