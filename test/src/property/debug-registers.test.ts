import assert from 'node:assert/strict';
import {
  DB_FAULT,
  DR6_RESET,
  DR7_GE,
  decodeDr7,
  encodeDr7,
  registerBits,
  registerMask,
  writeDr6,
  writeDr7,
  X86DebugUnit,
  X86Driver,
  x86Backend,
} from '@hwbp/arch-x86';
import { FILTER_READ, FILTER_WRITE, type FilterPart, type Occupant } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';

const USER = { mode: 'user', singleStep: false, resume: false } as const;
const KERNEL = { mode: 'kernel', singleStep: false, resume: false } as const;

/** MOV to DRn, as the kernel executes it: what the unit answers. */
function movTo(unit: X86DebugUnit, n: number, value: bigint) {
  return unit.move({ register: `dr${n}`, value }, KERNEL);
}

/** MOV from DRn. */
function movFrom(unit: X86DebugUnit, n: number) {
  return unit.move({ register: `dr${n}` }, KERNEL);
}

const LENGTH_CODES = [0x40, 0x44, 0x4c, 0x48];
const TYPE_CODES = [0x80, 0x81, 0x83];

const register = fc.nat(3);
const length = fc.constantFrom(...LENGTH_CODES);
const type = fc.constantFrom(...TYPE_CODES);

test('DR7 is encoded as Linux encodes it: every vector of spec 1.4', (t) => {
  const vectors = [
    [0, 0x40, 0x80, 0x00000202],
    [0, 0x40, 0x81, 0x00010202],
    [0, 0x40, 0x83, 0x00030202],
    [0, 0x44, 0x81, 0x00050202],
    [0, 0x4c, 0x81, 0x000d0202],
    [0, 0x48, 0x81, 0x00090202],
    [1, 0x4c, 0x81, 0x00d00208],
    [2, 0x4c, 0x83, 0x0f000220],
    [3, 0x48, 0x81, 0x90000280],
  ] as const;
  for (const [n, len, kind, dr7] of vectors) t.is(encodeDr7(n, len, kind), dr7, `${n} ${len} ${kind}`);
});

test('DR6 and DR7 keep their fixed bits, as a guest saw them under KVM: the vectors of spec 9.3', (t) => {
  t.is(writeDr6(0xffff_ffff), 0xffff_efff);
  t.is(writeDr6(0), DR6_RESET);
  t.is(writeDr7(0xff00), 0x2f00);
  t.is(writeDr7(0), 0x400);
});

test('what is encoded for a register decodes to itself, enabled globally, and says nothing of the others', (t) => {
  const property = fc.property(register, length, type, (n, len, kind) => {
    const dr7 = encodeDr7(n, len, kind);
    assert.deepEqual(decodeDr7(dr7, n), { len, type: kind, enabled: 2 });
    for (const other of [0, 1, 2, 3].filter((each) => each !== n)) {
      assert.deepEqual(decodeDr7(dr7, other), { len: 0x40, type: 0x80, enabled: 0 });
      assert.equal(registerMask(n) & registerMask(other), 0);
    }
    assert.equal(dr7 & ~registerMask(n), DR7_GE);
  });
  check(t, property, 200);
});

test('decoding any DR7 and encoding what was decoded gives the same bits back', (t) => {
  const property = fc.property(fc.nat(0xffff_ffff), (value) => {
    for (let n = 0; n < 4; n++) {
      const { len, type: kind, enabled } = decodeDr7(value, n);
      const globalOnly = registerBits(n, len, kind);
      const bits = ((globalOnly & ~(3 << (2 * n))) | (enabled << (2 * n))) >>> 0;
      assert.equal(bits, (value & registerMask(n)) >>> 0);
    }
  });
  check(t, property, 300);
});

test('MOV DRn reads back what MOV wrote, but for the fixed bits; bits 32-63 of DR6 and DR7 raise #GP', (t) => {
  const property = fc.property(fc.constantFrom(0, 1, 2, 3, 6, 7), fc.bigInt(0n, 2n ** 64n - 1n), (n, value) => {
    const unit = new X86DebugUnit();
    const before = movFrom(unit, n);
    const answer = movTo(unit, n, value);
    if (n > 3 && value > 0xffff_ffffn) {
      assert.equal(answer, 'value');
      assert.equal(movFrom(unit, n), before);
      return;
    }
    assert.equal(answer, value);
    const low = Number(value & 0xffff_ffffn);
    const kept = n === 6 ? BigInt(writeDr6(low)) : n === 7 ? BigInt(writeDr7(low)) : value;
    // GD is in force at once: the next MOV faults.
    if (n === 7 && (low & 0x2000) !== 0) assert.equal(movFrom(unit, 0), DB_FAULT);
    else assert.equal(movFrom(unit, n), kept);
  });
  check(t, property, 300);
});

test('installing and uninstalling in any order leaves in DR7 exactly the bits of those that are installed, and GE', (t) => {
  const backend = x86Backend();
  const request = fc.record({ n: register, bp_type: fc.constantFrom(2, 3, 4), at: fc.nat(100) });
  const property = fc.property(fc.array(request, { maxLength: 30, size: 'max' }), (requests) => {
    const unit = new X86DebugUnit();
    const driver = new X86Driver({ unit });
    const installed = new Map<number, Occupant<ReturnType<typeof backend.parse>>>();
    for (const { n, bp_type, at } of requests) {
      if (installed.delete(n)) {
        driver.uninstall(n);
      } else {
        const info = backend.parse({ bp_type, bp_addr: BigInt(at * 8), bp_len: 8 });
        const occupant = { info, delivery: 'after', owner: 'test' } as const;
        installed.set(n, occupant);
        driver.install(n, occupant);
      }
      let dr7 = installed.size > 0 ? DR7_GE : 0;
      for (const [held, { info }] of installed) {
        dr7 = (dr7 | registerBits(held, info.len, info.type)) >>> 0;
        assert.equal(unit.address(held), info.address);
        assert.equal(driver.occupants[held], installed.get(held));
      }
      assert.equal(driver.shadowDr7, dr7);
      assert.equal(unit.control, (dr7 | 0x400) >>> 0);
      assert.equal(driver.active, installed.size > 0);
      const unmute = driver.mute();
      assert.equal(unit.control & 0xff, 0);
      unmute();
      assert.equal(unit.control, (dr7 | 0x400) >>> 0, 'restored from the shadow');
    }
  });
  check(t, property, 200);
});

/** A unit with these registers programmed: `[address, length code, type code, enabled]`. */
function unitWith(...registers: readonly (readonly [bigint, number, number, boolean?])[]): X86DebugUnit {
  const unit = new X86DebugUnit();
  let dr7 = 0;
  registers.forEach(([address, len, kind, enabled = true], n) => {
    movTo(unit, n, address);
    const bits = registerBits(n, len, kind);
    dr7 |= enabled ? bits : bits & ~(3 << (2 * n));
  });
  unit.setControl(dr7 >>> 0);
  return unit;
}

/** The B bits after an instruction with these accesses. */
function statusAfter(unit: X86DebugUnit, ...accesses: readonly (readonly [FilterPart, bigint, number])[]): number {
  for (const [part, address, size] of accesses) unit.access(part, 0, Number(address), size, USER);
  return unit.retire(USER) === undefined ? 0 : unit.status & 0xf;
}

const V = 0x1000n;

test('a 4-byte store to V+2 with watchers 1@V+4, 2@V+0, 1@V+5, 1@V+6 sets B0 and B2 only (spec 1.5, rule 1)', (t) => {
  const unit = unitWith([V + 4n, 0x40, 0x81], [V, 0x44, 0x81], [V + 5n, 0x40, 0x81], [V + 6n, 0x40, 0x81]);
  t.is(statusAfter(unit, [FILTER_WRITE, V + 2n, 4]), 0b0101);
});

test('DR0 write and DR1 read/write on one address: a store sets both, a load only B1 (spec 1.5, rules 2 and 8)', (t) => {
  const registers = [
    [V, 0x4c, 0x81],
    [V, 0x4c, 0x83],
  ] as const;
  t.is(statusAfter(unitWith(...registers), [FILTER_WRITE, V, 4]), 0b11);
  t.is(statusAfter(unitWith(...registers), [FILTER_READ, V, 4]), 0b10);
});

test('an instruction that loads and stores reports once, with the union of the bits (spec 1.5, rule 3)', (t) => {
  const unit = unitWith([V, 0x40, 0x83], [V + 8n, 0x40, 0x81]);
  t.is(statusAfter(unit, [FILTER_READ, V, 1], [FILTER_WRITE, V, 1], [FILTER_WRITE, V + 8n, 1]), 0b11);
  t.is(unit.retire(USER), undefined, 'once');
});

test('the hardware ignores the address bits that LEN implies: DR0 = V+3 with LEN 4 watches V to V+3', (t) => {
  const unit = unitWith([V + 3n, 0x4c, 0x81]);
  t.is(statusAfter(unit, [FILTER_WRITE, V, 1]), 1);
  t.is(statusAfter(unit, [FILTER_WRITE, V + 4n, 1]), 0);
});

test('a register that is not enabled raises nothing alone, and shows its bit beside one that is, where chips do so', (t) => {
  const registers = [
    [V, 0x40, 0x81, false],
    [V, 0x40, 0x81],
  ] as const;
  t.is(statusAfter(unitWith(...registers), [FILTER_WRITE, V, 1]), 0b11);
  t.is(statusAfter(unitWith([V, 0x40, 0x81, false]), [FILTER_WRITE, V, 1]), 0);
});

test('execute compares the first byte only, and LEN must be 00 (spec 1.5, rule 4)', (t) => {
  const unit = unitWith([V, 0x40, 0x80], [V + 4n, 0x44, 0x80]);
  t.truthy(unit.fetch(0, Number(V), USER));
  t.is(unit.status & 0xf, 1);
  t.is(unit.fetch(0, Number(V) - 1, USER), undefined);
  t.is(unit.fetch(0, Number(V) + 4, USER), undefined);
  t.is(unit.fetch(0, Number(V), { ...USER, resume: true }), undefined, 'RF');
});
