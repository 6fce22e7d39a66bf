import assert from 'node:assert/strict';
import {
  CONDITION_FETCH,
  CONDITION_PORT,
  CONDITION_READ,
  CONDITION_WRITE,
  FILTER_FETCH,
  FILTER_PORT,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  hex,
  highHalf,
  joinHalves,
  lowHalf,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';

const U64 = 2n ** 64n;

/** Near the edges where halves change sign, carry and wrap, as often as anywhere. */
const edge = fc
  .tuple(
    fc.constantFrom(0n, 2n ** 31n, 2n ** 32n, 2n ** 32n + 2n ** 31n, 2n ** 47n, 2n ** 63n),
    fc.integer({ min: -40, max: 40 }),
  )
  .map(([base, offset]) => BigInt.asUintN(64, base + BigInt(offset)));
const address = fc.oneof(edge, fc.bigInt(0n, U64 - 1n));
const size = fc.oneof(
  fc.integer({ min: 1, max: 64 }),
  fc.integer({ min: 1, max: 0x8000_0000 }),
  fc.constant(0x8000_0000),
);

test('halves: an address is taken apart and put together without loss, whatever the sign of the halves', (t) => {
  const property = fc.property(address, (value) => {
    const [hi, lo] = [highHalf(value), lowHalf(value)];
    assert.equal(hi, Number(BigInt.asIntN(32, value >> 32n)));
    assert.equal(lo, Number(BigInt.asIntN(32, value)));
    assert.equal(joinHalves(hi, lo), value);
    assert.equal(joinHalves(hi >>> 0, lo >>> 0), value);
    assert.equal(hex(value), `0x${value.toString(16)}`);
  });
  check(t, property, 1000);
});

/** True if a byte of one range is a byte of the other, on a circle of 2^64. */
function overlap(a: bigint, aLength: number, b: bigint, bLength: number): boolean {
  return BigInt.asUintN(64, a - b) < BigInt(bLength) || BigInt.asUintN(64, b - a) < BigInt(aLength);
}

/** Mostly close to each other. */
const pair = fc.oneof(
  fc.tuple(address, address),
  fc.tuple(edge, fc.integer({ min: -70, max: 70 })).map(([a, d]) => [a, BigInt.asUintN(64, a + BigInt(d))] as const),
  fc.tuple(edge, size).map(([a, d]) => [a, BigInt.asUintN(64, a - BigInt(d))] as const),
);

test('rangesOverlap says of halves what bigints say, over every carry and the end of the address space', (t) => {
  const property = fc.property(pair, size, size, ([a, b], m, n) => {
    const said = rangesOverlap(highHalf(a), lowHalf(a), m, highHalf(b), lowHalf(b), n);
    assert.equal(said, overlap(a, m, b, n));
    assert.equal(rangesOverlap(highHalf(b), lowHalf(b), n, highHalf(a), lowHalf(a), m), said, 'symmetric');
  });
  check(t, property, 3000);
});

const PARTS: readonly (readonly [FilterPart, number])[] = [
  [FILTER_READ, CONDITION_READ],
  [FILTER_WRITE, CONDITION_WRITE],
  [FILTER_PORT, CONDITION_PORT],
];

const arming = fc.record({
  register: fc.nat(3),
  /** 0: disarm. */
  conditions: fc.nat(15),
  at: address,
  length: size,
  /** From where an access is tried, relative to a byte of the range. */
  from: fc.integer({ min: -30, max: 5 }),
  width: fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
});

test('the filter never misses: whatever overlaps something armed is found, and nothing stays behind when it is disarmed', (t) => {
  const property = fc.property(fc.array(arming, { minLength: 1, maxLength: 12, size: 'max' }), (armings) => {
    const filter = new WatchFilter();
    const armed = new Map<number, (typeof armings)[number]>();
    for (const each of armings) {
      if (each.conditions === 0) filter.disarm(each.register);
      else filter.arm(each.register, each.conditions, highHalf(each.at), lowHalf(each.at), each.length);
      armed.set(each.register, each);
      for (const { conditions, at, length, from, width } of armed.values()) {
        for (const anchor of [at, at + BigInt(length - 1)]) {
          const access = BigInt.asUintN(64, anchor + BigInt(from));
          if (!overlap(access, width, at, length)) continue;
          for (const [part, condition] of PARTS) {
            if ((conditions & condition) !== 0) assert.ok(filter.test(part, lowHalf(access), width), 'found');
          }
        }
        if ((conditions & CONDITION_FETCH) !== 0) assert.ok(filter.test(FILTER_FETCH, lowHalf(at), 1));
      }
      const expected = [...armed.values()].filter(({ conditions }) => conditions !== 0);
      assert.deepEqual(
        filter.ranges.map(({ register, address: start, length }) => ({ register, at: start, length })),
        expected.map(({ register, at, length }) => ({ register, at, length })).sort((a, b) => a.register - b.register),
      );
    }
    for (const register of armed.keys()) filter.disarm(register);
    assert.ok(filter.table.every((count) => count === 0));
  });
  check(t, property, 300);
});

test('a small range leaves the rest of the table alone: an access that is out of reach is no hit', (t) => {
  const filter = new WatchFilter();
  filter.arm(0, CONDITION_WRITE, 0, 0x8000_0000 | 0, 4);
  t.true(filter.test(FILTER_WRITE, 0x7fff_fffe, 4), 'over the edge of the sign');
  t.true(filter.test(FILTER_WRITE, 0x8000_0003 | 0, 1));
  t.false(filter.test(FILTER_READ, 0x8000_0000 | 0, 4));
  t.false(filter.test(FILTER_WRITE, 0x8000_0010 | 0, 8));
  t.is(
    filter.table.reduce((sum, count) => sum + count, 0),
    2,
  );
});

test('while nothing is armed all filters share one table, and listeners hear of each change', (t) => {
  const filter = new WatchFilter();
  t.is(filter.table, new WatchFilter().table);
  const heard: number[] = [];
  const stop = filter.listen((ranges) => heard.push(ranges.length));
  filter.arm(0, CONDITION_READ, 0, 0, 8);
  filter.arm(1, CONDITION_READ, 0, 64, 8);
  filter.disarm(0);
  filter.disarm(0);
  stop();
  filter.disarm(1);
  t.deepEqual(heard, [1, 2, 1]);
});
