import { type ArchManifest, type HwBreakpointAttr, hex, registersOf } from '@hwbp/core';
import { equal } from '../assert/index.js';
import { all, dataAtLeast, executes, hasRegisters, watchesData } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import {
  classesOf,
  classOf,
  conditionName,
  dataKinds,
  lastAddress,
  someDataLengths,
  variedAttrs,
} from '../lab/conditions.js';
import { checkExact, placesOf } from '../lab/edges.js';
import { dataSpot, executeSpot, plain, type Spot, touchOf } from '../lab/spot.js';

/** Addresses with either sign of each half; in 32 bits, with either sign of the low one. */
const SIGNS_64 = [0x1000_0000n, 0x9000_0000n, 0x7f12_1000_0000n, 0x7f12_9000_0000n, 0xffff_ffff_1000_0000n];
const SIGNS_32 = [0x1000_0000n, 0x9000_0000n, 0xf000_0000n];

/** A data condition of one length, and one of execution, at this address. */
function conditionsAt(manifest: ArchManifest, base: bigint): readonly Spot[] {
  return classesOf(manifest).map((slotClass) =>
    slotClass === 'data' ? dataSpot(manifest, 0, { base }) : executeSpot(manifest, 0, base),
  );
}

function arm(bench: Bench, register: number, attr: HwBreakpointAttr, look: () => void): void {
  bench.arm(register, attr);
  look();
  bench.driver.uninstall(register);
}

/** What each register compares, condition by condition and byte by byte. */
export const exactnessCases: readonly BackendCase[] = [
  benchCase('silicon/every-register-watches-every-condition', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const attr of variedAttrs(manifest)) {
      for (const register of placesOf(manifest, attr)) {
        arm(bench, register, attr, () => checkExact(bench, attr, { when: `in register ${register}` }));
      }
    }
  }),

  benchCase('silicon/halves-of-either-sign', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const base of manifest.wordSize === 8 ? SIGNS_64 : SIGNS_32) {
      for (const { attr } of conditionsAt(manifest, base)) {
        arm(bench, placesOf(manifest, attr)[0] ?? 0, attr, () => {
          for (const unsigned of [false, true]) {
            const when = `halves as ${unsigned ? 'unsigned numbers' : 'int32'}`;
            checkExact(bench, attr, { when, unsigned });
          }
        });
      }
    }
  }),

  benchCase('silicon/both-ends-of-the-address-space', watchesData, (bench) => {
    const { manifest } = bench.backend;
    const kind = manifest.access.includes('w') ? 'w' : dataKinds(manifest)[0];
    if (kind === undefined) return;
    for (const length of someDataLengths(manifest)) {
      for (const base of [0n, lastAddress(manifest) - BigInt(length) + 1n]) {
        // Where a length must be aligned, the last place is one.
        if (manifest.alignment !== 'any' && base % BigInt(length) !== 0n) continue;
        const { attr } = dataSpot(manifest, 0, { base, kind, length });
        for (const register of placesOf(manifest, attr)) arm(bench, register, attr, () => checkExact(bench, attr));
      }
    }
  }),

  benchCase('silicon/a-fetch-compares-all-address-bits', executes, (bench) => {
    const { manifest } = bench.backend;
    const bits = Array.from({ length: 8 * manifest.wordSize }, (_, bit) => BigInt(bit));
    for (const base of manifest.wordSize === 8 ? [0x50_0000n, 0x7f12_9050_0000n] : [0x50_0000n, 0x9050_0000n]) {
      const { attr } = executeSpot(manifest, 0, base);
      const { first } = registersOf(manifest, 'instruction');
      arm(bench, first, attr, () => {
        checkExact(bench, attr);
        for (const bit of bits) {
          const pc = base ^ (1n << bit);
          const what = `${conditionName(attr)}: exceptions for an instruction at ${hex(pc)}, which differs in bit ${bit}`;
          equal(bench.execute({ pc }, { filtered: false }).length, 0, what);
        }
      });
    }
  }),

  benchCase('silicon/ports-are-not-memory', watchesData, (bench) => {
    const { manifest } = bench.backend;
    for (const kind of dataKinds(manifest)) {
      const { attr } = dataSpot(manifest, 0, { kind, base: 0x3000n });
      arm(bench, registersOf(manifest, 'data').first, attr, () => {
        for (const access of ['read', 'write', 'readwrite'] as const) {
          const accesses = [{ kind: access, address: attr.bp_addr, size: 1, space: 'port' } as const];
          const raised = bench.execute({ accesses }, { filtered: false }).length;
          equal(raised, 0, `${conditionName(attr)}: exceptions for a ${access} of the port of this number`);
        }
      });
    }
  }),

  benchCase(
    'silicon/discard-forgets-every-register',
    all(dataAtLeast(2), ({ timing }) => timing.data === 'after'),
    (bench) => {
      const { manifest } = bench.backend;
      const { first, end } = registersOf(manifest, 'data');
      const spots = Array.from({ length: end - first }, (_, i) => dataSpot(manifest, i));
      for (const [i, { attr }] of spots.entries()) bench.arm(first + i, attr);
      for (const { touch } of spots) for (const access of touch.accesses ?? []) bench.access(access);
      bench.unit.discard();
      equal(bench.unit.pending, false, `hits of ${spots.length} registers were discarded: something is pending`);
      equal(bench.execute(plain()).length, 0, 'exceptions of the instruction behind the one that was abandoned');
    },
  ),

  benchCase('silicon/reset-disarms-every-register', hasRegisters, (bench) => {
    const { backend, unit } = bench;
    const { manifest } = backend;
    const attrs = variedAttrs(manifest);
    for (const slotClass of classesOf(manifest)) {
      const { first, end } = registersOf(manifest, slotClass);
      const own = attrs.filter((attr) => classOf(attr) === slotClass);
      for (let register = first; register < end; register++) {
        const attr = own[register % own.length];
        if (attr !== undefined) bench.arm(register, attr);
      }
      unit.reset();
      const when = `${slotClass} registers were reset`;
      for (const attr of own) checkExact(bench, attr, { when, armed: false, filtered: false });
      equal(unit.filter.ranges, [], `${when}: what the filter is armed for`);
      // Whoever comes then finds registers as a new unit has them.
      const other = backend.createDriver({ unit });
      for (let register = first; register < end; register++) {
        const attr = own[(register + 1) % own.length];
        if (attr === undefined) continue;
        other.install(register, { info: backend.parse(attr), delivery: 'silicon', owner: 'bench' });
        checkExact(bench, attr, { when: `register ${register} was reset, and armed again by another driver` });
        other.uninstall(register);
      }
      for (let register = first; register < end; register++) bench.driver.uninstall(register);
    }
  }),

  benchCase('silicon/hits-in-the-modes-that-are-asked-for', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const slotClass of classesOf(manifest)) {
      const { attr } = slotClass === 'data' ? dataSpot(manifest, 0) : executeSpot(manifest, 0);
      const register = placesOf(manifest, attr)[0] ?? 0;
      for (const exclude_user of [false, true]) {
        for (const exclude_kernel of [false, true]) {
          arm(bench, register, { ...attr, exclude_user, exclude_kernel }, () => {
            for (const mode of ['user', 'kernel'] as const) {
              const excluded = mode === 'user' ? exclude_user : exclude_kernel;
              // Silicon that does not look at the mode reports all: the core drops what is excluded.
              const expected = excluded && manifest.privilegeFilter ? 0 : 1;
              const what = `${conditionName(attr)}, exclude_user ${exclude_user}, exclude_kernel ${exclude_kernel}`;
              equal(bench.execute(touchOf(attr), { mode }).length, expected, `${what}: exceptions in ${mode} mode`);
            }
          });
        }
      }
    }
  }),
];
