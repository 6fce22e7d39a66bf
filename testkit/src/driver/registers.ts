import { CONDITION_FETCH, FILTER_FETCH, registersOf } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { classesOf, mainClass } from '../lab/conditions.js';
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

  benchCase('driver/muted-changes-reach-the-hardware-once', hasRegisters, (bench) => {
    const { driver } = bench;
    let unmute = driver.mute();
    const spots = armAll(bench);
    checkArmed(bench, spots, () => false, 'all were armed while muted');
    unmute();
    checkArmed(bench, spots, () => true, 'all were armed while muted, and it is over');
    // As in a context switch: some go, and others come into the same registers.
    unmute = driver.mute();
    spots.forEach((_, register) => {
      driver.uninstall(register);
    });
    const last = spots.length - 1;
    const attr = spots[last]?.attr;
    if (attr !== undefined) bench.arm(last, attr);
    unmute();
    checkArmed(bench, spots, (register) => register === last, `all but register ${last} were removed while muted`);
    unmute = driver.mute();
    driver.uninstall(last);
    unmute();
    checkArmed(bench, spots, () => false, 'the last was removed while muted');
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

  benchCase('driver/mute-silences-and-the-last-unmute-arms-again', hasRegisters, (bench) => {
    const spots = armAll(bench);
    const { driver } = bench;
    const before = [...driver.occupants];
    equal(driver.muted, false, 'muted before anybody mutes');
    const unmute = driver.mute();
    checkArmed(bench, spots, () => false, 'muted');
    ok(bench.filterIsEmpty, 'the filter is empty while muted');
    equal(driver.muted, true, 'muted while somebody mutes');
    equal(driver.active, true, 'active while muted: the software copy stays');
    ok(
      before.every((occupant, register) => driver.occupants[register] === occupant),
      'the occupants stay while muted',
    );
    const inner = driver.mute();
    inner();
    checkArmed(bench, spots, () => false, 'muted twice, and one has let go');
    equal(driver.muted, true, 'muted while one of two still mutes');
    unmute();
    checkArmed(bench, spots, () => true, 'nobody mutes any more');
    equal(driver.muted, false, 'muted after the last has let go');
  }),

  benchCase('driver/unmute-brings-nothing-back-that-was-removed', atLeast(2), (bench) => {
    const spots = armAll(bench);
    const unmute = bench.driver.mute();
    bench.driver.uninstall(0);
    unmute();
    checkArmed(bench, spots, (register) => register !== 0, 'register 0 was removed while muted');
  }),

  benchCase('driver/unmute-writes-who-is-there-now', hasRegisters, (bench) => {
    const { driver, backend } = bench;
    const slotClass = mainClass(backend.manifest);
    const { first } = registersOf(backend.manifest, slotClass);
    const [before, now] = [spotOf(backend.manifest, 0, slotClass), spotOf(backend.manifest, 1, slotClass)];
    bench.arm(first, before.attr);
    const unmute = driver.mute();
    driver.uninstall(first);
    bench.arm(first, now.attr);
    unmute();
    equal(bench.execute(before.touch).length, 0, 'exceptions for what the register watched when it was muted');
    equal(bench.execute(now.touch).length, 1, 'exceptions for what it was given to watch while muted');
  }),

  benchCase('driver/a-mute-that-is-not-quiet-lets-the-writes-wait', atLeast(2), (bench) => {
    const spots = armAll(bench);
    bench.driver.uninstall(1);
    const unmute = bench.driver.mute(false);
    bench.driver.uninstall(0);
    const spot = spots[1];
    if (spot !== undefined) bench.arm(1, spot.attr);
    checkArmed(bench, spots, (register) => register !== 1, 'the writes wait');
    const loud = bench.driver.mute();
    checkArmed(bench, spots, () => false, 'somebody else wants it quiet');
    loud();
    checkArmed(bench, spots, () => false, 'and stays quiet until the last has let go');
    unmute();
    checkArmed(bench, spots, (register) => register !== 0, 'what was changed meanwhile');
  }),

  benchCase('driver/unmute-after-power-loss', hasRegisters, (bench) => {
    const spots = armAll(bench);
    const unmute = bench.driver.mute();
    bench.unit.reset();
    unmute();
    checkArmed(bench, spots, () => true, 'the unit lost its registers while muted');
  }),

  benchCase('driver/unmute-without-a-mute-is-a-mistake', hasRegisters, (bench) => {
    const spots = armAll(bench);
    let thrown: unknown;
    try {
      bench.driver.unmute();
    } catch (error) {
      thrown = error;
    }
    ok(thrown instanceof Error, 'unmute throws where nobody mutes');
    checkArmed(bench, spots, () => true, 'after the mistake');
  }),

  benchCase('driver/looks-its-unit-up-where-it-uses-it', hasRegisters, (bench) => {
    const { backend } = bench;
    const holder = { unit: backend.createUnit() };
    const driver = backend.createDriver(holder);
    const first = holder.unit;
    const spot = spotsOf(bench)[0];
    if (spot === undefined) return;
    driver.install(0, { info: backend.parse(spot.attr), delivery: 'silicon', owner: 'bench' });
    // Lent to somebody else, and another one in its place.
    const unmute = driver.mute();
    ok(isZero(first.filter.table), 'the unit that is lent has nothing armed');
    holder.unit = backend.createUnit();
    unmute();
    ok(isZero(first.filter.table), 'nothing is written to a unit that was lent');
    ok(!isZero(holder.unit.filter.table), 'the unit in its place is armed');
  }),

  benchCase('driver/others-may-stand-in-the-filter', hasRegisters, (bench) => {
    // A debugger that plants software breakpoints is in the same filter, under a number of its own.
    const { filter } = bench.unit;
    const number = filter.allot();
    const elsewhere = 0x7777_7770;
    filter.arm(number, CONDITION_FETCH, 0, elsewhere, 1);
    const spots = armAll(bench);
    ok(filter.test(FILTER_FETCH, elsewhere, 1), 'what somebody else armed stays armed as registers are written');
    checkArmed(bench, spots, () => true, 'somebody else stands in the filter');
    for (const register of spots.keys()) bench.driver.uninstall(register);
    ok(filter.test(FILTER_FETCH, elsewhere, 1), 'what somebody else armed stays armed as registers are disarmed');
    filter.giveBack(number);
  }),

  benchCase('driver/drivers-of-one-backend-are-independent', hasRegisters, (bench) => {
    const { backend } = bench;
    const otherUnit = backend.createUnit();
    const other = backend.createDriver({ unit: otherUnit });
    armAll(bench);
    equal(other.active, false, 'another CPU is active');
    ok(isZero(otherUnit.filter.table), "another CPU's filter is empty");
    equal(other.occupants[0], undefined, 'occupant of register 0 of another CPU');
  }),
];
