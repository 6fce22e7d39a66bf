import { Arm64DebugUnit, type Arm64DebugUnitOptions } from '@hwbp/arch-arm64';
import {
  type DebugException,
  type ExecutionState,
  FILTER_FETCH,
  FILTER_READ,
  FILTER_WRITE,
  highHalf,
  lowHalf,
} from '@hwbp/core';
import test from 'ava';

const USER: ExecutionState = { mode: 'user', singleStep: false, resume: false };
const KERNEL: ExecutionState = { ...USER, mode: 'kernel' };
const A = 0x1000_0040n;
/** MDE, and KDE. */
const MDE = 0x8000n;
const KDE = 0x2000n;

/** A unit with its locks open, and what it answers. */
function unit(options: Arm64DebugUnitOptions = {}) {
  const silicon = new Arm64DebugUnit(options);
  const write = (register: string, value: bigint): void => void silicon.move({ register, value }, KERNEL);
  const read = (register: string, state = KERNEL) => silicon.move({ register }, state);
  write('oslar_el1', 0n);
  write('mdscr_el1', MDE | KDE);
  const access = (
    address: bigint,
    size = 1,
    state = USER,
    part: typeof FILTER_READ | typeof FILTER_WRITE = FILTER_WRITE,
  ): DebugException | undefined =>
    silicon.filter.testAddress(part, address, size)
      ? silicon.access(part, highHalf(address), lowHalf(address), size, state)
      : undefined;
  const fetch = (address: bigint, state = USER): DebugException | undefined =>
    silicon.filter.testAddress(FILTER_FETCH, address, 1)
      ? silicon.fetch(highHalf(address), lowHalf(address), state)
      : undefined;
  const watch = (n: number, address: bigint, control: number): void => {
    write(`dbgwvr${n}_el1`, address);
    write(`dbgwcr${n}_el1`, BigInt(control));
  };
  return { silicon, write, read, access, fetch, watch };
}

/** BAS, LSC, PAC and E. */
const wcr = (bas: number, lsc = 3, pac = 2): number => (bas << 5) | (lsc << 3) | (pac << 1) | 1;
const MASK = (bits: number): number => bits << 24;

test('out of reset the OS lock is on: nothing fires, whatever MDSCR_EL1 says', (t) => {
  const silicon = new Arm64DebugUnit();
  const ask = (): boolean => silicon.access(FILTER_WRITE, 0, 0x1000, 8, USER) !== undefined;
  silicon.setWatchpoint(0, 0, 0x1000, wcr(0xff));
  silicon.mdscr = 0xa000;
  t.is(silicon.move({ register: 'oslsr_el1' }, KERNEL), 0xan);
  t.false(ask());
  silicon.move({ register: 'oslar_el1', value: 0n }, KERNEL);
  t.is(silicon.move({ register: 'oslsr_el1' }, KERNEL), 8n);
  t.true(ask());
  silicon.move({ register: 'osdlr_el1', value: 1n }, KERNEL);
  t.false(ask());
  silicon.reset();
  t.true(silicon.osLock);
});

test('MDE turns breakpoints and watchpoints on; KDE those of EL1', (t) => {
  const { write, access, watch } = unit();
  watch(0, A, wcr(0xff, 3, 3));
  t.truthy(access(A, 1, KERNEL));
  write('mdscr_el1', MDE);
  t.is(access(A, 1, KERNEL), undefined);
  t.truthy(access(A));
  write('mdscr_el1', KDE);
  t.is(access(A), undefined);
});

test('PSTATE.D masks exceptions that EL1 would take from itself, never those of EL0', (t) => {
  const { silicon, write, read, access, watch } = unit();
  watch(0, A, wcr(0xff, 3, 3));
  write('daif', 0x3c0n);
  t.is(read('daif'), 0x200n);
  t.is(access(A, 1, KERNEL), undefined);
  t.truthy(access(A));
  t.is(silicon.retire({ ...KERNEL, singleStep: true }), undefined);
  t.truthy(silicon.retire({ ...USER, singleStep: true }));
});

test('BAS chooses bytes: those with a 0 do not match, gaps included', (t) => {
  const { access, watch } = unit();
  watch(0, A, wcr(0b0110_0110));
  const bytes = Array.from({ length: 10 }, (_, i) => access(A - 1n + BigInt(i)) !== undefined);
  t.deepEqual(bytes, [false, false, true, true, false, false, true, true, false, false]);
  t.is(access(A + 3n, 2), undefined);
  t.truthy(access(A + 3n, 3));
  t.truthy(access(A - 8n, 16));
});

test('with bit 2 of the address set, BAS has four bits', (t) => {
  const { access, watch } = unit();
  watch(0, A + 4n, wcr(0xff));
  t.deepEqual(
    [A + 3n, A + 4n, A + 7n, A + 8n].map((address) => access(address) !== undefined),
    [false, true, true, false],
  );
});

test('MASK leaves low bits of the address out: 8 bytes to 2 GiB', (t) => {
  const { access, watch } = unit();
  for (const bits of [3, 12, 20, 31]) {
    const first = (A >> BigInt(bits)) << BigInt(bits);
    watch(0, first, wcr(0xff) | MASK(bits));
    const end = first + (1n << BigInt(bits));
    t.deepEqual(
      [first - 1n, first, end - 1n, end].map((address) => access(address) !== undefined),
      [false, true, true, false],
      `MASK ${bits}`,
    );
  }
});

test('loads and stores by LSC; 00 is as if disabled', (t) => {
  const { access, watch } = unit();
  for (const lsc of [0, 1, 2, 3]) {
    watch(0, A, wcr(0xff, lsc));
    const fires = ([FILTER_READ, FILTER_WRITE] as const).map((part) => access(A, 1, USER, part) !== undefined);
    t.deepEqual(fires, [(lsc & 1) !== 0, (lsc & 2) !== 0], `LSC ${lsc}`);
  }
});

test('PAC by the level that the access is made at', (t) => {
  const { access, watch } = unit();
  for (const pac of [0, 1, 2, 3]) {
    watch(0, A, wcr(0xff, 3, pac));
    t.deepEqual(
      [USER, KERNEL].map((state) => access(A, 1, state) !== undefined),
      [pac >= 2, pac % 2 === 1],
    );
  }
});

test('the top byte is a tag: it takes no part, and bits above the highest of an address are copies of it', (t) => {
  const { access, read, write, watch } = unit();
  watch(0, A, wcr(0xff));
  t.truthy(access(A | (0x5an << 56n)));
  t.is(access(A | (1n << 40n)), undefined);
  write('dbgwvr1_el1', 0x0001_8000_0000_0043n);
  t.is(read('dbgwvr1_el1'), 0xffff_8000_0000_0040n);
  const wide = unit({ vaBits: 52 });
  wide.write('dbgwvr1_el1', 0x0001_8000_0000_0043n);
  t.is(wide.read('dbgwvr1_el1'), 0x0001_8000_0000_0040n);
});

test('FAR is what the CPU makes of it, and never outside of what the architecture allows', (t) => {
  const rows = [
    ['access', A + 0x13n],
    ['quadword', A + 0x20n],
    ['watched', A + 0x2an],
  ] as const;
  for (const [far, expected] of rows) {
    const { silicon, access, watch } = unit({ far });
    watch(2, A + 0x28n, wcr(0b1100));
    t.truthy(access(A + 0x13n, 64));
    t.is(silicon.far, expected, far);
    // Where the access begins behind the first watched byte, there is nothing to choose.
    t.truthy(access(A + 0x2bn, 4));
    t.is(silicon.far, A + 0x2bn, far);
  }
});

test('ESR tells class, level and direction', (t) => {
  const { silicon, access, fetch, watch, write } = unit();
  watch(0, A, wcr(0xff, 3, 3));
  write('dbgbvr0_el1', A);
  write('dbgbcr0_el1', 0x1e7n);
  const classes: (readonly [number, number])[] = [];
  const note = (): void => void classes.push([silicon.esr >>> 26, (silicon.esr >>> 6) & 1]);
  for (const state of [USER, KERNEL]) {
    for (const part of [FILTER_READ, FILTER_WRITE] as const) {
      access(A, 8, state, part);
      note();
    }
    fetch(A, state);
    note();
    silicon.retire({ ...state, singleStep: true });
    note();
  }
  t.deepEqual(classes, [
    [0x34, 0],
    [0x34, 1],
    [0x30, 0],
    [0x32, 0],
    [0x35, 0],
    [0x35, 1],
    [0x31, 0],
    [0x33, 0],
  ]);
});

test('a breakpoint is a word, or a halfword of T32; bits 1 and 3 of BAS copy bits 0 and 2', (t) => {
  const { fetch, write } = unit();
  write('dbgbvr1_el1', A);
  const rows: readonly (readonly [bas: number, at: number | undefined])[] = [
    [0b1111, 0],
    [0b0011, 0],
    [0b1100, 2],
    [0b1110, 2],
    [0b1000, undefined],
    [0b0000, undefined],
    [0b0001, 0],
  ];
  for (const [bas, at] of rows) {
    write('dbgbcr1_el1', BigInt((bas << 5) | 5));
    const where = [0, 1, 2, 3, 4].filter((offset) => fetch(A + BigInt(offset)) !== undefined);
    t.deepEqual(where, at === undefined ? [] : [at], `BAS ${bas.toString(2)}`);
  }
});

test('an instruction that is executed again hits again: there is no flag that makes it go by', (t) => {
  const { silicon, fetch, write } = unit();
  write('dbgbvr0_el1', A);
  write('dbgbcr0_el1', 0x1e5n);
  for (let i = 0; i < 3; i++) {
    t.truthy(fetch(A));
    silicon.discard();
  }
});

test('the lowest register that an access touches is reported, each access of an instruction by itself', (t) => {
  const { silicon, access, watch } = unit({ far: 'watched' });
  watch(3, A, wcr(0xff));
  watch(1, A + 8n, wcr(0xff));
  t.truthy(access(A, 16));
  t.is(silicon.far, A + 8n);
  t.truthy(access(A, 8));
  t.is(silicon.far, A);
});

test('registers by MSR and MRS: none in EL0, none beyond what there is, and what cannot be read or written', (t) => {
  const { silicon, read } = unit({ brps: 2, wrps: 3 });
  for (const name of ['dbgbvr0_el1', 'dbgwcr2_el1', 'mdscr_el1', 'oslsr_el1', 'id_aa64dfr0_el1', 'far_el1']) {
    t.is(read(name, USER), 'undefined', name);
    t.is(typeof read(name), 'bigint', name);
  }
  for (const name of ['dbgbvr2_el1', 'dbgwvr3_el1', 'dbgwcr15_el1', 'oslar_el1']) t.is(read(name), 'undefined', name);
  for (const register of ['oslsr_el1', 'id_aa64dfr0_el1'])
    t.is(silicon.move({ register, value: 0n }, KERNEL), 'undefined');
  for (const name of ['dbgbvr16x_el1', 'ttbr0_el1', 'dr7', 'constructor']) t.is(read(name), undefined, name);
  // BRPs and WRPs are numbers less 1.
  t.is(read('id_aa64dfr0_el1'), (2n << 20n) | (1n << 12n) | 6n);
});

test('reserved bits of control registers are 0', (t) => {
  const { read, write } = unit();
  write('dbgwcr0_el1', 0xffff_ffff_ffff_ffffn);
  write('dbgbcr0_el1', 0xffff_ffff_ffff_ffffn);
  t.is(read('dbgwcr0_el1'), 0x1f1f_ffffn);
  t.is(read('dbgbcr0_el1'), 0x00ff_e1e7n);
});

test('a register that there is not is a TypeError', (t) => {
  const silicon = new Arm64DebugUnit({ brps: 2 });
  t.throws(() => silicon.setBreakpoint(2, 0, 0, 0), { instanceOf: TypeError, message: /DBGBVR2_EL1.*number is 1/ });
});
