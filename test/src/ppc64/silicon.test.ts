import {
  CPU_MODELS,
  DSI,
  DSISR_DABRMATCH,
  DSISR_ISSTORE,
  Ppc64DebugUnit,
  type Ppc64DebugUnitOptions,
  TRACE,
} from '@hwbp/arch-ppc64';
import {
  type ControlResult,
  type ExecutionState,
  FILTER_READ,
  FILTER_WRITE,
  highHalf,
  lowHalf,
  type Mode,
} from '@hwbp/core';
import test from 'ava';

const unitOf = (cpu: keyof typeof CPU_MODELS, options: Omit<Ppc64DebugUnitOptions, 'layouts'> = {}) =>
  new Ppc64DebugUnit({ layouts: CPU_MODELS[cpu].watches, ...options });

const state = (mode: Mode = 'user'): ExecutionState => ({ mode, singleStep: false, resume: false });

/** mtspr, as an instruction executes it. */
function write(
  unit: Ppc64DebugUnit,
  register: string,
  value: bigint,
  mode: Mode = 'kernel',
): ControlResult | undefined {
  return unit.move({ register, value }, state(mode));
}

/** mfspr. */
function read(unit: Ppc64DebugUnit, register: string, mode: Mode = 'kernel'): ControlResult | undefined {
  return unit.move({ register }, state(mode));
}

function hits(unit: Ppc64DebugUnit, kind: 'load' | 'store', address: bigint, size = 1, mode: Mode = 'user'): boolean {
  const part = kind === 'load' ? FILTER_READ : FILTER_WRITE;
  return unit.access(part, highHalf(address), lowHalf(address), size, state(mode)) === DSI;
}

test('DABR: the doubleword in bits 3-63, loads, stores and translation in bits 0-2; DABRX says in which modes', (t) => {
  const unit = unitOf('power7');
  t.is(write(unit, 'dabr', 0x1_2345_6789_abc8n | 6n), 0x1_2345_6789_abcen);
  t.false(hits(unit, 'store', 0x1_2345_6789_abc8n), 'DABRX is 0: no mode');
  write(unit, 'dabrx', 1n);
  t.true(hits(unit, 'store', 0x1_2345_6789_abcfn));
  t.true(hits(unit, 'store', 0x1_2345_6789_abc1n, 8));
  t.false(hits(unit, 'store', 0x1_2345_6789_abc7n));
  t.false(hits(unit, 'store', 0x1_2345_6789_abd0n));
  t.false(hits(unit, 'load', 0x1_2345_6789_abc8n), 'DR is 0');
  t.false(hits(unit, 'store', 0x1_2345_6789_abc8n, 1, 'kernel'));
  write(unit, 'dabrx', 6n);
  t.deepEqual(
    (['user', 'kernel', 'hypervisor'] as const).map((mode) => hits(unit, 'store', 0x1_2345_6789_abc8n, 1, mode)),
    [false, true, true],
  );
});

test('without translation in DABR or DAWRX nothing matches, unless the control register says to ignore it', (t) => {
  const dabr = unitOf('power7');
  write(dabr, 'dabr', 0x1000n | 3n);
  write(dabr, 'dabrx', 7n);
  t.false(hits(dabr, 'load', 0x1000n));
  write(dabr, 'dabrx', 0xfn);
  t.true(hits(dabr, 'load', 0x1000n));
  const dawr = unitOf('power8');
  write(dawr, 'dawr0', 0x1000n);
  write(dawr, 'dawrx0', 0x67n);
  t.false(hits(dawr, 'load', 0x1000n));
  write(dawr, 'dawrx0', 0x6fn);
  t.true(hits(dawr, 'load', 0x1000n));
});

test('DAWRX: doublewords minus 1 in bits 10-15; before ISA 3.1 a range ends at a multiple of 512', (t) => {
  for (const [cpu, crosses] of [
    ['power8', false],
    ['power10', true],
  ] as const) {
    const unit = unitOf(cpu);
    write(unit, 'dawr0', 0x11f0n);
    write(unit, 'dawrx0', (3n << 10n) | 0x57n);
    t.true(hits(unit, 'store', 0x11f0n));
    t.true(hits(unit, 'store', 0x11ffn));
    t.is(hits(unit, 'store', 0x1200n), crosses, cpu);
    t.is(hits(unit, 'store', 0x120fn), crosses, cpu);
    t.false(hits(unit, 'store', 0x1210n));
    t.false(hits(unit, 'store', 0x11efn));
    write(unit, 'dawr0', 0x1000n);
    write(unit, 'dawrx0', (63n << 10n) | 0x57n);
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
    write(unit, 'dawr1', 0x1_0000_0000n);
    write(unit, 'dawrx1', 0x77n);
    t.true(hits(unit, 'store', 0xffff_fffcn, 8));
    t.is(unit.dar, expected);
    t.is(read(unit, 'dar'), expected);
    t.is(unit.dsisr, DSISR_DABRMATCH | (dar === 'access' ? DSISR_ISSTORE : 0));
    t.true(hits(unit, 'load', 0x1_0000_0003n));
    t.is(unit.dar, 0x1_0000_0003n);
    t.is(read(unit, 'dsisr'), BigInt(DSISR_DABRMATCH));
  }
});

test('registers read as they were written; a CPU has its own and no others', (t) => {
  const power10 = unitOf('power10');
  for (const spr of ['dawr0', 'dawr1', 'dar']) {
    t.is(write(power10, spr, 0xdead_beef_0bad_f00dn), 0xdead_beef_0bad_f00dn);
    t.is(read(power10, spr), 0xdead_beef_0bad_f00dn);
  }
  t.is(write(power10, 'dawrx1', 0x457n), 0x457n);
  t.is(read(power10, 'dawrx1'), 0x457n);
  t.is(read(power10, 'dabr'), undefined);
  t.is(write(power10, 'dabr', 1n), undefined);
  t.is(read(unitOf('power8'), 'dawr1'), undefined);
  power10.reset();
  t.deepEqual(
    ['dawr0', 'dawrx0', 'dawr1', 'dawrx1', 'dar', 'dsisr'].map((spr) => read(power10, spr)),
    [0n, 0n, 0n, 0n, 0n, 0n],
  );
  t.deepEqual(power10.filter.ranges, []);
});

test('the registers are privileged: user mode may neither read nor write them, and one that is not there is unknown to it too', (t) => {
  const unit = unitOf('power8');
  for (const spr of ['dawr0', 'dawrx0', 'dar', 'dsisr']) {
    t.is(write(unit, spr, 1n, 'user'), 'privilege');
    t.is(read(unit, spr, 'user'), 'privilege');
    t.is(read(unit, spr), 0n, 'nothing was written');
  }
  t.is(read(unit, 'dabr', 'user'), undefined);
});

test('under a hypervisor without H_SET_XDABR, DABRX is user and kernel whatever is written', (t) => {
  const unit = unitOf('power7', { dabrx: false });
  write(unit, 'dabrx', 1n);
  write(unit, 'dabr', 0x1006n);
  t.is(read(unit, 'dabrx'), 3n);
  t.true(hits(unit, 'store', 0x1000n, 1, 'kernel'));
  t.false(hits(unit, 'store', 0x1000n, 1, 'hypervisor'));
});

test('a single step is a trace interrupt after the instruction', (t) => {
  const unit = unitOf('power8');
  t.is(unit.retire({ ...state(), singleStep: true }), TRACE);
  t.is(unit.retire(state()), undefined);
});

test('CIABR since POWER8: a trace interrupt once an instruction at its address has completed, in one mode', (t) => {
  const unit = unitOf('power8', { ciabr: true });
  const traced = (pc: bigint, mode: Mode, discards = false): boolean => {
    unit.fetch(highHalf(pc), lowHalf(pc), state(mode));
    if (discards) unit.discard();
    return unit.pending && unit.retire(state(mode)) === TRACE;
  };
  const modes = ['user', 'kernel', 'hypervisor'] as const;
  const pc = 0xc000_0000_8000_1004n;
  for (const [priv, mode] of [undefined, ...modes].entries()) {
    t.is(write(unit, 'ciabr', pc | BigInt(priv)), pc | BigInt(priv));
    t.deepEqual(
      modes.map((one) => traced(pc, one)),
      modes.map((one) => one === mode),
    );
    t.is(unit.filter.ranges.length, mode === undefined ? 0 : 1);
  }
  t.false(traced(pc + 4n, 'hypervisor'));
  t.false(traced(pc, 'hypervisor', true), 'it was abandoned');
  t.true(traced(pc, 'hypervisor'));
  t.is(unit.retire(state('hypervisor')), undefined, 'told once');
  unit.reset();
  t.is(read(unit, 'ciabr'), 0n);
  t.is(read(unitOf('power7'), 'ciabr'), undefined);
});
