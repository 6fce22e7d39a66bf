import { type ArmedRange, type HwBreakpointAttr, slotsOf } from '@hwbp/core';
import { equal, fail, ok } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { classesOf, classOf, conditionName, variedAttrs } from '../lab/conditions.js';
import { checkExact, placesOf } from '../lab/edges.js';
import { spotOf } from '../lab/spot.js';

/** Bits of an address in whose difference one condition follows another. */
const MOVES = [0x1000n, 0x8000_0000n, 0x1_0000_0000n, 0x1234_0000_0000n];

/** Bytes between what one register watches and what the next does. */
const APART = 0x10_0000;

/** How a register gets another condition. */
const WAYS: Readonly<Record<string, (bench: Bench, change: () => void) => void>> = {
  'one behind the other': (_, change) => change(),
  'changed while muted': ({ driver }, change) => {
    const unmute = driver.mute();
    change();
    unmute();
  },
  'changed while the writes wait': ({ driver }, change) => {
    const unmute = driver.mute(false);
    change();
    unmute();
  },
};

/** One condition of each kind and length, and the same ones elsewhere. */
function conditions(bench: Bench): readonly HwBreakpointAttr[] {
  const { manifest } = bench.backend;
  const attrs = variedAttrs(manifest);
  // The ends of the list of each kind: the shortest, and the longest.
  const ends = attrs.filter(({ bp_type }, i) => attrs[i - 1]?.bp_type !== bp_type || attrs[i + 1]?.bp_type !== bp_type);
  const [first] = ends;
  if (first === undefined) return ends;
  const moved = MOVES.map((bits) => ({ ...first, bp_addr: first.bp_addr ^ bits }));
  return [...ends, ...moved.filter(({ bp_addr }) => bp_addr < manifest.taskSize)];
}

/** What a request arms in the filter, alone. */
function rangesOf(bench: Bench, register: number, attr: HwBreakpointAttr): readonly ArmedRange[] {
  bench.arm(register, attr);
  const { ranges } = bench.unit.filter;
  bench.driver.uninstall(register);
  return ranges;
}

const shown = ({ register, address, length }: ArmedRange): string =>
  `0x${length.toString(16)} bytes at 0x${address.toString(16)} under ${register}`;

/** A condition of its own for each register, as different from its neighbours' as can be. */
function differing(bench: Bench): readonly HwBreakpointAttr[] {
  const { manifest } = bench.backend;
  // Short enough to lie beside each other.
  const attrs = variedAttrs(manifest).filter(({ bp_len }) => bp_len <= APART);
  return bench.driver.occupants.map((_, register) => {
    const own = attrs.filter((attr) => placesOf(manifest, attr).includes(register));
    // Ends first: the shortest beside the longest.
    const at = register % 2 === 0 ? (register >> 1) % own.length : own.length - 1 - ((register >> 1) % own.length);
    const attr = own[at] ?? spotOf(manifest, register).attr;
    return { ...attr, bp_addr: attr.bp_addr + BigInt(register * APART) };
  });
}

/** What is written to registers in the course of time. */
export const successionCases: readonly BackendCase[] = [
  benchCase('driver/a-register-takes-any-condition-behind-any-other', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    const attrs = conditions(bench);
    for (const before of attrs) {
      for (const after of attrs) {
        const places = placesOf(manifest, before).filter((register) => placesOf(manifest, after).includes(register));
        const register = places.at(-1);
        if (register === undefined) continue;
        for (const [way, through] of Object.entries(WAYS)) {
          bench.arm(register, before);
          through(bench, () => {
            bench.driver.uninstall(register);
            bench.arm(register, after);
          });
          checkExact(bench, after, { when: `in register ${register} behind ${conditionName(before)}, ${way}` });
          bench.driver.uninstall(register);
        }
      }
    }
    ok(bench.filterIsEmpty, 'the filter is empty');
  }),

  benchCase('driver/neighbours-keep-their-kind-and-length', atLeast(2), (bench) => {
    const attrs = differing(bench);
    const look = (without: number, when: string): void => {
      for (const [register, attr] of attrs.entries()) {
        if (register !== without) checkExact(bench, attr, { when: `${when}: register ${register}` });
      }
    };
    for (const [register, attr] of attrs.entries()) bench.arm(register, attr);
    look(-1, 'all are armed, each differently');
    for (const [removed, attr] of attrs.entries()) {
      bench.driver.uninstall(removed);
      look(removed, `register ${removed} was removed`);
      bench.arm(removed, attr);
    }
    const unmute = bench.driver.mute();
    unmute();
    look(-1, 'all were muted, and it is over');
  }),

  benchCase('driver/neighbours-stay-armed-at-every-moment', atLeast(2), (bench) => {
    const attrs = differing(bench);
    const alone = attrs.map((attr, register) => rangesOf(bench, register, attr));
    for (const [register, attr] of attrs.entries()) bench.arm(register, attr);
    let changing = -1;
    let missing: string | undefined;
    bench.unit.filter.listen((ranges) => {
      for (const [register, own] of alone.entries()) {
        if (register === changing || own.every((one) => ranges.some((range) => shown(range) === shown(one)))) continue;
        missing ??= `register ${register} is not armed for a moment, while register ${changing}`;
      }
    });
    for (const [register, attr] of attrs.entries()) {
      changing = register;
      bench.driver.uninstall(register);
      if (missing !== undefined) fail(`${missing} is disarmed`);
      bench.arm(register, attr);
      if (missing !== undefined) fail(`${missing} is armed`);
    }
  }),

  benchCase('driver/nothing-else-is-armed-at-any-moment', hasRegisters, (bench) => {
    const attrs = conditions(bench);
    const { manifest } = bench.backend;
    for (const slotClass of classesOf(manifest)) {
      const own = attrs.filter((attr) => classOf(attr) === slotClass);
      const [before, after] = [own[0], own.at(-1)];
      if (before === undefined || after === undefined) continue;
      const register = placesOf(manifest, before)[0] ?? 0;
      const allowed = [before, after].flatMap((attr) => rangesOf(bench, register, attr).map(shown));
      let wrong: string | undefined;
      const leave = bench.unit.filter.listen((ranges) => {
        wrong ??= ranges.map(shown).find((range) => !allowed.includes(range));
      });
      for (const [way, through] of Object.entries(WAYS)) {
        // Those who let writes wait see to it that nothing executes in between.
        if (way === 'changed while the writes wait') continue;
        for (const [from, to] of [
          [before, after],
          [after, before],
        ] as const) {
          bench.arm(register, from);
          through(bench, () => {
            bench.driver.uninstall(register);
            bench.arm(register, to);
          });
          bench.driver.uninstall(register);
          const what = `${conditionName(from)} becomes ${conditionName(to)}, ${way}`;
          if (wrong !== undefined) fail(`${what}: for a moment the filter has ${wrong}`);
        }
      }
      leave();
    }
  }),

  benchCase('driver/the-copy-never-says-less-than-the-hardware', hasRegisters, ({ backend }) => {
    // Looked at whenever the driver reaches for its unit: an exception may come between any two writes.
    const unit = backend.createUnit();
    let busy = '';
    const driver = backend.createDriver({
      get unit() {
        if (busy !== '' && unit.filter.ranges.length > 0) {
          ok(driver.active, `${busy}: active while something is armed`);
          ok(
            driver.occupants.some((occupant) => occupant !== undefined),
            `${busy}: an occupant while something is armed`,
          );
        }
        return unit;
      },
    });
    const { manifest } = backend;
    for (const slotClass of classesOf(manifest)) {
      const { attr } = spotOf(manifest, 0, slotClass);
      const occupant = { info: backend.parse(attr), delivery: 'silicon', owner: 'bench' } as const;
      for (const register of placesOf(manifest, attr)) {
        busy = `register ${register} is being armed`;
        driver.install(register, occupant);
        busy = `register ${register} is being muted`;
        const unmute = driver.mute();
        busy = `register ${register} is armed again`;
        unmute();
        busy = `register ${register} is being disarmed`;
        driver.uninstall(register);
        busy = '';
      }
      equal(driver.active, false, `active with all ${slotsOf(manifest, slotClass)} ${slotClass} registers removed`);
    }
  }),
];
