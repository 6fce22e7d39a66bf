import {
  CPU_MODELS,
  DSI,
  DSISR_DABRMATCH,
  DSISR_ISSTORE,
  Ppc64DebugUnit,
  type Ppc64DebugUnitOptions,
  SPR,
  TRACE,
} from '@hwbp/arch-ppc64';
import { type ExecutionState, FILTER_READ, FILTER_WRITE, highHalf, lowHalf, type Mode } from '@hwbp/core';
import test from 'ava';

const unitOf = (cpu: keyof typeof CPU_MODELS, options: Omit<Ppc64DebugUnitOptions, 'layouts'> = {}) =>
  new Ppc64DebugUnit({ layouts: CPU_MODELS[cpu].watches, ...options });

const state = (mode: Mode = 'user'): ExecutionState => ({ mode, singleStep: false, resume: false });

function hits(unit: Ppc64DebugUnit, kind: 'load' | 'store', address: bigint, size = 1, mode: Mode = 'user'): boolean {
  const part = kind === 'load' ? FILTER_READ : FILTER_WRITE;
  return unit.access(part, highHalf(address), lowHalf(address), size, state(mode)) === DSI;
}

test('DABR: the doubleword in bits 3-63, loads, stores and translation in bits 0-2; DABRX says in which modes', (t) => {
  const unit = unitOf('power7');
  t.true(unit.moveToSpr(SPR.DABR, 0x1_2345_6789_abc8n | 6n));
  t.false(hits(unit, 'store', 0x1_2345_6789_abc8n), 'DABRX is 0: no mode');
  unit.moveToSpr(SPR.DABRX, 1n);
  t.true(hits(unit, 'store', 0x1_2345_6789_abcfn));
  t.true(hits(unit, 'store', 0x1_2345_6789_abc1n, 8));
  t.false(hits(unit, 'store', 0x1_2345_6789_abc7n));
  t.false(hits(unit, 'store', 0x1_2345_6789_abd0n));
  t.false(hits(unit, 'load', 0x1_2345_6789_abc8n), 'DR is 0');
  t.false(hits(unit, 'store', 0x1_2345_6789_abc8n, 1, 'kernel'));
  unit.moveToSpr(SPR.DABRX, 6n);
  t.deepEqual(
    (['user', 'kernel', 'hypervisor'] as const).map((mode) => hits(unit, 'store', 0x1_2345_6789_abc8n, 1, mode)),
    [false, true, true],
  );
});

test('without translation in DABR or DAWRX nothing matches, unless the control register says to ignore it', (t) => {
  const dabr = unitOf('power7');
  dabr.moveToSpr(SPR.DABR, 0x1000n | 3n);
  dabr.moveToSpr(SPR.DABRX, 7n);
  t.false(hits(dabr, 'load', 0x1000n));
  dabr.moveToSpr(SPR.DABRX, 0xfn);
  t.true(hits(dabr, 'load', 0x1000n));
  const dawr = unitOf('power8');
  dawr.moveToSpr(SPR.DAWR0, 0x1000n);
  dawr.moveToSpr(SPR.DAWRX0, 0x67n);
  t.false(hits(dawr, 'load', 0x1000n));
  dawr.moveToSpr(SPR.DAWRX0, 0x6fn);
  t.true(hits(dawr, 'load', 0x1000n));
});

test('DAWRX: doublewords minus 1 in bits 10-15; before ISA 3.1 a range ends at a multiple of 512', (t) => {
  for (const [cpu, crosses] of [
    ['power8', false],
    ['power10', true],
  ] as const) {
    const unit = unitOf(cpu);
    unit.moveToSpr(SPR.DAWR0, 0x11f0n);
    unit.moveToSpr(SPR.DAWRX0, (3n << 10n) | 0x57n);
    t.true(hits(unit, 'store', 0x11f0n));
    t.true(hits(unit, 'store', 0x11ffn));
    t.is(hits(unit, 'store', 0x1200n), crosses, cpu);
    t.is(hits(unit, 'store', 0x120fn), crosses, cpu);
    t.false(hits(unit, 'store', 0x1210n));
    t.false(hits(unit, 'store', 0x11efn));
    unit.moveToSpr(SPR.DAWR0, 0x1000n);
    unit.moveToSpr(SPR.DAWRX0, (63n << 10n) | 0x57n);
    t.true(hits(unit, 'store', 0x11ffn));
    t.false(hits(unit, 'store', 0x1200n));
  }
});

test('DAR is the address of the access, or its first watched byte as an emulator has it; DSISR tells stores', (t) => {
  for (const [dar, expected] of [
    ['access', 0xffff_fffcn],
    ['watched', 0x1_0000_0000n],
  ] as const) {
    const unit = unitOf('power10', { dar, dsisrStore: dar === 'access' });
    unit.moveToSpr(SPR.DAWR1, 0x1_0000_0000n);
    unit.moveToSpr(SPR.DAWRX1, 0x77n);
    t.true(hits(unit, 'store', 0xffff_fffcn, 8));
    t.is(unit.dar, expected);
    t.is(unit.moveFromSpr(SPR.DAR), expected);
    t.is(unit.dsisr, DSISR_DABRMATCH | (dar === 'access' ? DSISR_ISSTORE : 0));
    t.true(hits(unit, 'load', 0x1_0000_0003n));
    t.is(unit.dar, 0x1_0000_0003n);
    t.is(unit.moveFromSpr(SPR.DSISR), BigInt(DSISR_DABRMATCH));
  }
});

test('registers read as they were written; a CPU has its own and no others', (t) => {
  const power10 = unitOf('power10');
  for (const spr of [SPR.DAWR0, SPR.DAWR1, SPR.DAR]) {
    t.true(power10.moveToSpr(spr, 0xdead_beef_0bad_f00dn));
    t.is(power10.moveFromSpr(spr), 0xdead_beef_0bad_f00dn);
  }
  t.true(power10.moveToSpr(SPR.DAWRX1, 0x457n));
  t.is(power10.moveFromSpr(SPR.DAWRX1), 0x457n);
  t.is(power10.moveFromSpr(SPR.DABR), undefined);
  t.false(power10.moveToSpr(SPR.DABR, 1n));
  t.is(unitOf('power8').moveFromSpr(SPR.DAWR1), undefined);
  power10.reset();
  t.deepEqual(
    [SPR.DAWR0, SPR.DAWRX0, SPR.DAWR1, SPR.DAWRX1, SPR.DAR, SPR.DSISR].map((spr) => power10.moveFromSpr(spr)),
    [0n, 0n, 0n, 0n, 0n, 0n],
  );
  t.deepEqual(power10.filter.ranges, []);
});

test('under a hypervisor without H_SET_XDABR, DABRX is user and kernel whatever is written', (t) => {
  const unit = unitOf('power7', { dabrx: false });
  unit.moveToSpr(SPR.DABRX, 1n);
  unit.moveToSpr(SPR.DABR, 0x1006n);
  t.is(unit.moveFromSpr(SPR.DABRX), 3n);
  t.true(hits(unit, 'store', 0x1000n, 1, 'kernel'));
  t.false(hits(unit, 'store', 0x1000n, 1, 'hypervisor'));
});

test('a single step is a trace interrupt after the instruction', (t) => {
  const unit = unitOf('power8');
  t.is(unit.retire({ ...state(), singleStep: true }), TRACE);
  t.is(unit.retire(state()), undefined);
});
