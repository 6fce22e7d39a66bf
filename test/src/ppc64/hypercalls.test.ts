import {
  CPU_MODELS,
  describeStatus,
  GuestRegisters,
  H_SET_DABR,
  H_SET_MODE,
  H_SET_MODE_CIABR,
  H_SET_MODE_DAWR0,
  H_SET_MODE_DAWR1,
  H_SET_XDABR,
  HCALL_STATUS,
  type HcallStatusName,
  Hypercalls,
  type HypervisorFacts,
  offersDawr,
  type Ppc64Cpu,
  setByHypercall,
} from '@hwbp/arch-ppc64';
import test from 'ava';

const HI = 0xc000_0000 | 0;
const ADDRESS = 0xc000_0000_0001_2340n;

/** Hypercalls to a hypervisor on a CPU, and the registers that they write. */
function partition(cpu: Ppc64Cpu, facts: Partial<HypervisorFacts> = {}) {
  const { watches, usable, isa } = CPU_MODELS[cpu];
  const registers = new GuestRegisters(watches);
  const hypercalls = new Hypercalls(
    { watches, usable, ciabr: isa > 2.06, dabrx: true, dawr1: true, reserved: false, ...facts },
    {
      writeWatch: (register, value) => void registers.setWatch(register, value),
      writeCiabr: (value) => void registers.setCiabr(value),
    },
  );
  const hypercall = (number: number, ...args: bigint[]): number => hypercalls.call(number, args);
  const call = (number: number, ...args: bigint[]): HcallStatusName => {
    const status = hypercall(number, ...args);
    const known = Object.entries(HCALL_STATUS).find(([, value]) => value === status);
    if (known === undefined) throw new Error(`no status: ${status}`);
    return known[0] as HcallStatusName;
  };
  const mode = (resource: number, value1: bigint, value2 = 0n, flags = 0n): HcallStatusName =>
    call(H_SET_MODE, flags, BigInt(resource), value1, value2);
  return { registers, call, mode, hypercall };
}

test('the numbers are those of PAPR', (t) => {
  t.deepEqual([H_SET_DABR, H_SET_XDABR, H_SET_MODE], [0x28, 0x134, 0x31c]);
  t.deepEqual([H_SET_MODE_CIABR, H_SET_MODE_DAWR0, H_SET_MODE_DAWR1], [1, 2, 5]);
  t.is(describeStatus(-8), 'H_RESERVED_DABR (-8)');
  t.is(describeStatus(-99), '-99');
  t.is(partition('power8').call(0x1c), 'H_FUNCTION');
});

test('H_SET_DABR: DABR alone, in user and kernel mode', (t) => {
  const { call, registers } = partition('power7');
  t.is(call(H_SET_DABR, ADDRESS | 6n), 'H_SUCCESS');
  t.deepEqual(registers.watch(0), { hi: HI, lo: 0x1_2346, control: 3 });
  t.is(call(H_SET_DABR), 'H_SUCCESS');
  t.deepEqual(registers.watch(0), { hi: 0, lo: 0, control: 3 });
  t.deepEqual(registers.loads, []);
});

test('H_SET_XDABR: DABRX is user, kernel or both, with or without BTI', (t) => {
  const { call, registers } = partition('power7');
  for (const dabrx of [1n, 2n, 3n, 9n, 0xbn]) {
    t.is(call(H_SET_XDABR, ADDRESS | 7n, dabrx), 'H_SUCCESS');
    t.deepEqual(registers.watch(0), { hi: HI, lo: 0x1_2347, control: Number(dabrx) });
  }
  for (const dabrx of [0n, 4n, 5n, 8n, 0x11n, 1n << 40n, (1n << 40n) | 1n]) {
    t.is(call(H_SET_XDABR, 0n, dabrx), 'H_PARAMETER', `DABRX ${dabrx}`);
  }
  t.deepEqual(registers.watch(0), { hi: HI, lo: 0x1_2347, control: 0xb }, 'a refused call changes nothing');
  t.is(partition('power7', { dabrx: false }).call(H_SET_XDABR, 0n, 1n), 'H_FUNCTION');
});

test('since POWER8 both write DAWR0, for guests of an older kind', (t) => {
  const { call, registers } = partition('power8');
  t.is(call(H_SET_DABR, ADDRESS | 6n), 'H_SUCCESS');
  t.deepEqual(registers.watch(0), { hi: HI, lo: 0x1_2340, control: 0x53 });
  t.is(call(H_SET_XDABR, ADDRESS | 1n, 9n), 'H_SUCCESS');
  t.deepEqual(registers.watch(0), { hi: HI, lo: 0x1_2340, control: 0x29 });
  t.is(partition('power9').call(H_SET_DABR, 0n), 'H_HARDWARE', 'its DAWR is switched off');
  t.is(partition('power9', { usable: true }).call(H_SET_DABR, 0n), 'H_SUCCESS');
});

test('a hypervisor that has taken the register for itself', (t) => {
  const power7 = partition('power7', { reserved: true });
  t.is(power7.call(H_SET_DABR, 7n), 'H_RESERVED_DABR');
  t.is(power7.call(H_SET_XDABR, 7n, 1n), 'H_RESERVED_DABR');
  t.is(power7.call(H_SET_XDABR, 7n, 4n), 'H_PARAMETER');
  t.deepEqual(power7.registers.loads, []);
  const power10 = partition('power10', { reserved: true });
  t.is(power10.mode(H_SET_MODE_DAWR0, 0n), 'H_P2');
  t.is(power10.mode(H_SET_MODE_DAWR1, 0n), 'H_P2');
  t.is(power10.mode(H_SET_MODE_CIABR, 0n), 'H_SUCCESS');
});

test('H_SET_MODE: DAWR0 and DAWR1, but not for the hypervisor, and without flags', (t) => {
  const { mode, registers } = partition('power10');
  for (const [resource, register] of [
    [H_SET_MODE_DAWR0, 0],
    [H_SET_MODE_DAWR1, 1],
  ] as const) {
    t.is(mode(resource, ADDRESS, 0x457n), 'H_P4', 'the bit of the hypervisor');
    t.is(mode(resource, ADDRESS, 0x453n, 1n), 'H_UNSUPPORTED_FLAG_START');
    t.deepEqual(registers.watch(register), { hi: 0, lo: 0, control: 0 });
    t.is(mode(resource, ADDRESS, 0x453n), 'H_SUCCESS');
    t.deepEqual(registers.watch(register), { hi: HI, lo: 0x1_2340, control: 0x453 });
  }
  t.deepEqual(
    registers.loads.map(([register]) => register),
    [0, 1],
  );
});

test('H_SET_MODE: what this CPU, or this hypervisor, does not have', (t) => {
  t.is(partition('power7').mode(H_SET_MODE_CIABR, 0n), 'H_P2');
  t.is(partition('power7').mode(H_SET_MODE_DAWR0, 0n), 'H_P2');
  t.is(partition('power8').mode(H_SET_MODE_DAWR1, 0n), 'H_P2');
  t.is(partition('power9').mode(H_SET_MODE_DAWR0, 0n), 'H_P2');
  t.is(partition('power9').mode(H_SET_MODE_DAWR0, 0n, 4n, 1n), 'H_P2', 'looked at first');
  t.is(partition('power10', { dawr1: false }).mode(H_SET_MODE_DAWR1, 0n), 'H_FUNCTION');
  t.is(partition('power10').mode(3, 0n), 'H_P2', 'resources that have nothing to do with debugging');
  t.is(partition('power10').mode(77, 0n), 'H_P2');
});

test('H_SET_MODE: CIABR, of user and kernel mode', (t) => {
  const { mode, registers } = partition('power8');
  t.is(mode(H_SET_MODE_CIABR, ADDRESS | 2n, 1n), 'H_P4');
  t.is(mode(H_SET_MODE_CIABR, ADDRESS | 3n, 0n, 1n), 'H_UNSUPPORTED_FLAG_START');
  t.is(mode(H_SET_MODE_CIABR, ADDRESS | 3n), 'H_P3');
  t.is(registers.ciabr, 0n);
  for (const privilege of [1n, 2n]) {
    t.is(mode(H_SET_MODE_CIABR, ADDRESS | privilege), 'H_SUCCESS');
    t.is(registers.loadedCiabr, ADDRESS | privilege);
  }
  t.is(mode(H_SET_MODE_CIABR, ADDRESS), 'H_SUCCESS');
  t.is(registers.loadedCiabr, 0n, 'in no mode');
});

test('what a driver passes: bits of the hypervisor are left out, and one mode is always named', (t) => {
  const { watches } = CPU_MODELS.power10;
  const [dabr] = CPU_MODELS.power7.watches;
  const calls: [number, ...bigint[]][] = [];
  const hypervisor = {
    hypercall(number: number, ...args: bigint[]) {
      calls.push([number, ...args]);
      return 0;
    },
  };
  const value = { hi: HI, lo: 0x1_2340, control: 0x57 };
  setByHypercall(hypervisor, watches[0], value, true);
  setByHypercall(hypervisor, watches[1], { ...value, control: 0 }, true);
  setByHypercall(hypervisor, dabr, { ...value, lo: 0x1_2346, control: 7 }, true);
  setByHypercall(hypervisor, dabr, { ...value, lo: 0x1_2346, control: 7 }, false);
  setByHypercall(hypervisor, dabr, { hi: 0, lo: 0, control: 0 }, true);
  t.deepEqual(calls, [
    [H_SET_MODE, 0n, 2n, ADDRESS, 0x53n],
    [H_SET_MODE, 0n, 5n, ADDRESS, 0n],
    [H_SET_XDABR, ADDRESS | 6n, 3n],
    [H_SET_DABR, ADDRESS | 6n],
    [H_SET_XDABR, 0n, 1n],
  ]);
});

test('a partition finds out whether its DAWR may be used, and changes nothing by that', (t) => {
  for (const [usable, expected] of [
    [false, false],
    [true, true],
  ] as const) {
    const one = partition('power9', { usable });
    one.mode(H_SET_MODE_DAWR0, ADDRESS, 0x53n);
    const before = one.registers.watch(0);
    t.is(offersDawr(one), expected);
    t.deepEqual(one.registers.watch(0), before);
  }
});
