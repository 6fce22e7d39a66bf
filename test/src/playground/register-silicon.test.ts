import { Arm64DebugUnit } from '@hwbp/arch-arm64';
import {
  CIABR_PRIV,
  CPU_MODELS,
  DABR_BT,
  DABR_DR,
  DABR_DW,
  DABRX_BTI,
  DAWRX_DR,
  DAWRX_DW,
  DAWRX_WT,
  DAWRX_WTI,
  DSISR_DABRMATCH,
  DSISR_ISSTORE,
  Ppc64DebugUnit,
  PRIVILEGE_HYPERVISOR,
  PRIVILEGE_KERNEL,
  PRIVILEGE_USER,
} from '@hwbp/arch-ppc64';
import { Riscv64DebugUnit, type Riscv64Options } from '@hwbp/arch-riscv64';
import {
  DR6_BD,
  DR6_BS,
  DR6_BT,
  DR6_TRAP_BITS,
  DR7_GD,
  DR7_GE,
  DR7_GLOBAL_ENABLES,
  DR7_LE,
  encodeDr7,
  X86_BREAKPOINT_LEN_8,
  X86_BREAKPOINT_WRITE,
  X86_MODELS,
  X86DebugUnit,
} from '@hwbp/arch-x86';
import { type DebugUnit, FILTER_WRITE, type Mode } from '@hwbp/core';
import { MODELS, type RegisterView } from '@hwbp/playground/model';
import test from 'ava';
import { type Held, type ModelName, registerOf } from './registers-of.js';

/** Bits that are set, as the silicon's own constants have them, and the fields that are not 0 then. */
const CONSTANTS: readonly (readonly [model: ModelName, name: string, bits: number, fields: readonly string[]])[] = [
  ['x86', 'DR6', DR6_TRAP_BITS, ['B3', 'B2', 'B1', 'B0']],
  ['x86-amd', 'DR6', DR6_BD | DR6_BS | DR6_BT, ['BT', 'BS', 'BD']],
  ['x86', 'DR7', DR7_GLOBAL_ENABLES, ['G3', 'G2', 'G1', 'G0']],
  ['x86-amd', 'DR7', DR7_GD | DR7_GE | DR7_LE, ['GD', 'GE', 'LE']],
  ['x86', 'DR7', encodeDr7(2, X86_BREAKPOINT_LEN_8, X86_BREAKPOINT_WRITE), ['LEN2', 'R/W2', 'GE', 'G2']],
  ['power7', 'DABR', DABR_BT | DABR_DW | DABR_DR, ['BT', 'DW', 'DR']],
  ['power7', 'DABRX', DABRX_BTI | PRIVILEGE_HYPERVISOR, ['BTI', 'PRIVM:HYP']],
  ['power8', 'DAWRX', DAWRX_DW | DAWRX_DR | DAWRX_WT | DAWRX_WTI, ['DW', 'DR', 'WT', 'WTI']],
  ['power10', 'DAWRX0', PRIVILEGE_KERNEL | PRIVILEGE_USER, ['PRIVM:PNH', 'PRIVM:PRO']],
  ['power9', 'DSISR', DSISR_DABRMATCH | DSISR_ISSTORE, ['ISSTORE', 'DABRMATCH']],
  ['power10', 'CIABR', CIABR_PRIV, ['PRIV']],
];

const setFields = ({ fields }: RegisterView): readonly string[] =>
  fields.filter(({ value }) => Number(value) !== 0).map(({ name }) => name);

test("the silicon's constants are the fields of their names", (t) => {
  for (const [model, name, bits, fields] of CONSTANTS) {
    const key = name.toLowerCase();
    const held: Held = { [/^dawrx?$/.test(key) ? `${key}0` : key]: BigInt(bits >>> 0) };
    t.deepEqual(setFields(registerOf(model, name, held)), fields, `${model} ${name}`);
  }
});

const state = (mode: Mode) => ({ mode, singleStep: false, resume: false });

/** A unit, as its most privileged code reads and writes it. */
function driven(unit: DebugUnit, mode: Mode) {
  const write = (register: string, value: bigint): void => void unit.move({ register, value }, state(mode));
  const read = (register: string): bigint => {
    const value = unit.move({ register }, state(mode));
    return typeof value === 'bigint' ? value : 0n;
  };
  const see = (model: ModelName, name: string): RegisterView => {
    const registers = MODELS[model].registers((register, select) => {
      if (select !== undefined) write(select.register, select.value);
      return read(register);
    });
    const found = registers.find((register) => register.name === name);
    if (found === undefined) throw new TypeError(`${model} has no ${name}`);
    return found;
  };
  const meaning = (model: ModelName, name: string, field: string): string =>
    see(model, name).fields.find((one) => one.name === field)?.meaning ?? 'no such field';
  const store = (address: number): void => {
    unit.access(FILTER_WRITE, 0, address, 8, state('user'));
    unit.retire(state('user'));
  };
  return { write, read, see, meaning, store };
}

test('what a hit leaves in the registers is told: x86, ppc64, arm64', (t) => {
  const x86 = driven(new X86DebugUnit(), 'kernel');
  x86.write('dr1', 0x1000n);
  x86.write('dr7', BigInt(encodeDr7(1, X86_BREAKPOINT_LEN_8, X86_BREAKPOINT_WRITE)));
  x86.store(0x1000);
  t.deepEqual(setFields(x86.see('x86-intel', 'DR6')), ['reserved', 'RTM', 'BLD', 'reserved', 'B1']);
  t.regex(x86.meaning('x86-intel', 'DR7', 'LEN1'), /^8 bytes/);

  const ppc64 = driven(new Ppc64DebugUnit({ layouts: CPU_MODELS.power8.watches, ciabr: true }), 'kernel');
  ppc64.write('dawr0', 0x2000n);
  ppc64.write('dawrx0', BigInt(DAWRX_DW | DAWRX_WT | PRIVILEGE_USER));
  ppc64.store(0x2000);
  t.deepEqual(setFields(ppc64.see('power8', 'DSISR')), ['ISSTORE', 'DABRMATCH']);
  t.is(ppc64.see('power8', 'DAR').value, '0x0000000000002000');

  const arm64 = driven(new Arm64DebugUnit(), 'kernel');
  arm64.write('oslar_el1', 0n);
  arm64.write('mdscr_el1', 0x8000n);
  arm64.write('dbgwvr0_el1', 0x3000n);
  arm64.write('dbgwcr0_el1', 0x1ff5n);
  arm64.store(0x3000);
  t.deepEqual(setFields(arm64.see('arm64', 'ESR_EL1')), ['EC', 'IL', 'WnR', 'DFSC']);
  t.regex(arm64.meaning('arm64', 'ESR_EL1', 'EC'), /^watchpoint, from user mode/);
  t.is(arm64.see('arm64', 'FAR_EL1').value, '0x0000000000003000');
});

test('what a hit leaves in the registers is told: riscv64, by either type of trigger', (t) => {
  const hit = (model: ModelName, options: Riscv64Options, type: bigint) => {
    const riscv64 = driven(Riscv64DebugUnit.of(options), 'hypervisor');
    riscv64.write('tselect', 1n);
    riscv64.write('tdata1', (type << 60n) | (1n << 3n) | 2n);
    riscv64.write('tdata2', 0x4000n);
    riscv64.store(0x4000);
    return (field: string): string => riscv64.meaning(model, 'tdata1 [1]', field);
  };
  t.regex(hit('riscv64', {}, 6n)('hit0'), /is 1: it fired before the instruction retired$/);
  t.regex(hit('riscv64-after', { dataTiming: 'after' }, 6n)('hit1'), /is 3: it fired immediately after/);
  const old = hit('riscv64-mcontrol', { triggerType: 'mcontrol', dataTiming: 'after' }, 2n);
  t.is(old('hit'), 'it has fired, or matched');
  t.regex(old('timing'), /^fires after/);
  t.regex(old('maskmax'), /4096 bytes$/);
});

test('what can be set in a register is in a field of a name', (t) => {
  const ones = 2n ** 64n - 1n;
  const kept = (unit: DebugUnit, mode: Mode, model: ModelName, name: string, writes: Held): readonly string[] => {
    const silicon = driven(unit, mode);
    for (const [register, value] of Object.entries(writes)) silicon.write(register, value);
    const { value, fields } = silicon.see(model, name);
    t.true(BigInt(value) !== 0n, `${name}: something was kept`);
    return fields.filter((one) => one.name === 'reserved' && Number(one.value) !== 0).map(({ meaning }) => meaning);
  };
  const constant = 'reserved: reads as 1, whatever is written';
  const x86 = (model: 'intel' | 'amd') => new X86DebugUnit({ model: X86_MODELS[model] });
  t.deepEqual(kept(x86('intel'), 'kernel', 'x86-intel', 'DR6', { dr6: 0xffff_ffffn }), [constant, constant]);
  t.deepEqual(kept(x86('amd'), 'kernel', 'x86-amd', 'DR6', { dr6: 0xffff_ffffn }), [constant, constant]);
  t.deepEqual(kept(x86('intel'), 'kernel', 'x86-intel', 'DR7', { dr7: 0xffff_ffffn }), [constant]);
  t.deepEqual(kept(x86('amd'), 'kernel', 'x86-amd', 'DR7', { dr7: 0xffff_ffffn }), [constant]);
  for (const [name, writes] of [
    ['DBGWVR3_EL1', { dbgwvr3_el1: ones }],
    ['DBGWCR3_EL1', { dbgwcr3_el1: ones }],
    ['DBGBVR5_EL1', { dbgbvr5_el1: ones }],
    ['DBGBCR5_EL1', { dbgbcr5_el1: ones }],
    ['MDSCR_EL1', { mdscr_el1: ones }],
  ] as const) {
    t.deepEqual(kept(new Arm64DebugUnit(), 'kernel', 'arm64', name, writes), [], name);
  }
  const rest = ones >> 4n;
  for (const [model, options, name, writes] of [
    ['riscv64', {}, 'tdata1 [0]', { tselect: 0n, tdata1: (6n << 60n) | rest }],
    ['riscv64-mcontrol', { triggerType: 'mcontrol' }, 'tdata1 [0]', { tselect: 0n, tdata1: (2n << 60n) | rest }],
    ['riscv64', {}, 'tdata1 [4]', { tselect: 4n, tdata1: ones }],
    ['riscv64', {}, 'tinfo [4]', { tselect: 4n }],
    ['riscv64', {}, 'tcontrol', { tcontrol: ones }],
    ['riscv64', {}, 'mcontext', { mcontext: ones }],
    ['riscv64', {}, 'scontext', { scontext: ones }],
    ['riscv64', {}, 'tdata3 [0]', { tselect: 0n, tdata3: ones - 6n - (3n << 48n) }],
  ] as const) {
    t.deepEqual(kept(Riscv64DebugUnit.of(options), 'hypervisor', model, name, writes), [], `${model} ${name}`);
  }
});
