import { type AccessKind, hex, registersOf } from '@hwbp/core';
import { equal, fail, ok } from '../assert/index.js';
import { all, dataAtLeast, executes, watchesData } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { comparedBytes, conditionName, dataKinds, dataPlaces, reportedRange, TYPE_OF } from '../lab/conditions.js';
import { dataSpot, executeSpot } from '../lab/spot.js';

/** Access sizes beyond any that a CPU has, so that long ones (vectors, cache blocks) are covered. */
const SIZES = Array.from({ length: 64 }, (_, i) => i + 1);

/** Distances from an end of what is watched: further away nothing changes. */
const NEAR = [-2n, -1n, 0n, 1n, 2n] as const;

type PlainKind = 'read' | 'write';

function isHit(bench: Bench, kind: PlainKind, address: bigint, size: number): boolean {
  return bench.execute({ accesses: [{ kind, address, size }] }).length > 0;
}

/** The plain access that a condition watches. */
function watchedKind(kind: AccessKind): PlainKind {
  return kind === 'r' ? 'read' : 'write';
}

/** Accesses that hit, and that do not, for every size at every offset around what is watched. */
function checkSurroundings(bench: Bench, kind: AccessKind, place: { address: bigint; length: number }): void {
  const { manifest } = bench.backend;
  const { first: register } = registersOf(manifest, 'data');
  const attr = { bp_type: TYPE_OF[kind], bp_addr: place.address, bp_len: place.length };
  const { first, end } = reportedRange(manifest, attr);
  const lastAsked = place.address + BigInt(place.length);
  const borders = [first, place.address, lastAsked, end];
  const near = [...new Set(borders.flatMap((border) => NEAR.map((distance) => border + distance)))];
  bench.arm(register, attr);
  for (const size of SIZES) {
    const compared = comparedBytes(manifest, size);
    // Where neither of its ends is near one of what is watched, one place is as good as another.
    for (const at of new Set([...near, ...near.map((accessEnd) => accessEnd - compared)])) {
      const accessEnd = at + compared;
      const hit = isHit(bench, watchedKind(kind), at, size);
      const reported = at < end && accessEnd > first;
      if (hit === reported) continue;
      const shares = at < lastAsked && accessEnd > place.address;
      const common = shares ? 'a byte' : reported ? `a block of ${manifest.grain}` : 'no byte';
      const what = `${conditionName(attr)}, an access of 0x${size.toString(16)} bytes at ${hex(at)}`;
      fail(`${what}: they share ${common}, but it ${hit ? 'hits' : 'does not hit'}`);
    }
  }
  bench.driver.uninstall(register);
}

/** Which accesses match: any shared byte, of the kinds that are watched, anywhere in 64 bits. */
export const matchingCases: readonly BackendCase[] = [
  benchCase('silicon/hits-if-any-byte-is-shared', watchesData, (bench) => {
    const { manifest } = bench.backend;
    const places = dataPlaces(manifest);
    for (const kind of dataKinds(manifest)) {
      // All places for one kind, the ends of the list for the others: kinds and places are independent.
      const some = kind === dataKinds(manifest)[0] ? places : [...places.slice(0, 1), ...places.slice(-1)];
      for (const place of some) checkSurroundings(bench, kind, place);
    }
  }),

  benchCase('silicon/other-kinds-do-not-hit', watchesData, (bench) => {
    const { manifest } = bench.backend;
    const { first: register } = registersOf(manifest, 'data');
    for (const kind of dataKinds(manifest)) {
      const { attr } = dataSpot(manifest, 0, { kind });
      bench.arm(register, attr);
      equal(isHit(bench, 'read', attr.bp_addr, 1), kind !== 'w', `a load of what is watched for ${kind} hits`);
      equal(isHit(bench, 'write', attr.bp_addr, 1), kind !== 'r', `a store to what is watched for ${kind} hits`);
      const fetched = bench.execute({ pc: attr.bp_addr }, { filtered: false });
      equal(fetched.length, 0, `exceptions for a fetch of what is watched for ${kind}`);
      bench.driver.uninstall(register);
    }
  }),

  benchCase(
    'silicon/compares-all-address-bits',
    (manifest) => watchesData(manifest) && manifest.wordSize === 8,
    (bench) => {
      const { manifest } = bench.backend;
      const { first: register } = registersOf(manifest, 'data');
      // One byte before and behind the border of the low half.
      for (const base of [0x1_0000_0000n, 0x7_ffff_f000n]) {
        const { attr } = dataSpot(bench.backend.manifest, 0, { base });
        const kind = watchedKind(bench.backend.manifest.access.includes('w') ? 'w' : 'r');
        bench.arm(register, attr);
        ok(isHit(bench, kind, base, 1), 'the watched byte hits');
        const crosses = bench.backend.manifest.compares === 'all';
        equal(isHit(bench, kind, base - 4n, 8), crosses, 'an access that crosses into the watched byte hits');
        const { grain, ignoredTopBits } = bench.backend.manifest;
        const last = BigInt(63 - ignoredTopBits);
        for (const bit of [3n, 12n, 15n, 31n, 32n, 46n, last]) {
          const alias = BigInt.asUintN(64, base ^ (1n << bit)) & ~7n;
          if (1n << bit < BigInt(Math.max(grain, Number(attr.bp_len)))) continue;
          equal(isHit(bench, kind, alias, 1), false, `an address that differs in bit ${bit} hits`);
        }
        bench.driver.uninstall(register);
      }
    },
  ),

  benchCase('silicon/execute-matches-the-first-byte-only', executes, (bench) => {
    const { manifest } = bench.backend;
    const { attr } = executeSpot(manifest, 0);
    bench.arm(registersOf(manifest, 'instruction').first, attr);
    for (let offset = -8n; offset <= 8n; offset++) {
      const raised = bench.execute({ pc: attr.bp_addr + offset }, { filtered: false }).length;
      // What begins in the block that the silicon compares is its backend's business.
      const block = BigInt(manifest.executeGrain);
      if (offset !== 0n && (attr.bp_addr + offset) / block === attr.bp_addr / block) continue;
      equal(raised, offset === 0n ? 1 : 0, `exceptions for an instruction at offset ${offset} of the watched one`);
    }
    for (const kind of ['read', 'write'] as const) {
      const accesses = [{ kind, address: attr.bp_addr, size: 4 }];
      equal(
        bench.execute({ accesses }, { filtered: false }).length,
        0,
        `exceptions for a ${kind} of a watched instruction`,
      );
    }
  }),

  benchCase('silicon/registers-are-independent', all(watchesData, dataAtLeast(2)), (bench) => {
    const { manifest } = bench.backend;
    const { first, end } = registersOf(manifest, 'data');
    const spots = Array.from({ length: end - first }, (_, i) => dataSpot(manifest, i));
    spots.forEach(({ attr }, i) => {
      bench.arm(first + i, attr);
    });
    for (const [i, { touch }] of spots.entries()) {
      equal(bench.execute(touch).length, 1, `exceptions for what register ${first + i} watches`);
    }
    const nobodys = dataSpot(manifest, spots.length).touch;
    equal(bench.execute(nobodys).length, 0, 'exceptions for what no register watches');
  }),
];
