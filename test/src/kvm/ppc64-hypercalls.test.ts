import { H_SET_DABR, H_SET_MODE, H_SET_XDABR, HCALL_STATUS, type Ppc64Features } from '@hwbp/arch-ppc64';
import { type Loaded, type MachineInstruction, program, SI_CODES, type SignalInfo } from '@hwbp/core';
import test from 'ava';
import {
  at,
  counted,
  GUEST_DATA,
  KERNEL_TEXT,
  type PairOptions,
  type Ppc64Pair,
  ppc64Pair,
  store,
  stores,
  TEXT,
  writes,
} from './ppc64-support.js';

/** What these instructions of the guest's kernel load, one after the other. */
function inKernel(
  { guest, host }: Ppc64Pair,
  ...codes: readonly Partial<MachineInstruction>[]
): (Loaded | undefined)[] {
  const loaded: (Loaded | undefined)[] = [];
  guest.machine.spawn(
    () => ({
      get state() {
        return loaded.length < codes.length ? ('ready' as const) : ('done' as const);
      },
      run(cpu) {
        const got = cpu.execute({ pc: KERNEL_TEXT, length: 4, ...codes[loaded.length] });
        loaded.push(got);
        return got === undefined ? 0 : 1;
      },
    }),
    { mode: 'kernel' },
  );
  host.machine.run();
  return loaded;
}

const hcall = (number: number, ...args: bigint[]): Partial<MachineInstruction> => ({ hypercall: { number, args } });
/** As r3 has it. */
const status = (name: keyof typeof HCALL_STATUS): Loaded => [BigInt.asUintN(64, BigInt(HCALL_STATUS[name]))];

test('sc 1 of the guest’s kernel sets its watch, and what it returns is in r3', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power7' } });
  const results = inKernel(
    p,
    hcall(H_SET_XDABR, GUEST_DATA | 6n, 0n),
    hcall(H_SET_MODE, 0n, 2n, GUEST_DATA, 0x53n),
    hcall(0x1234),
    hcall(H_SET_DABR, GUEST_DATA | 6n),
  );
  t.deepEqual(results, [status('H_PARAMETER'), status('H_P2'), status('H_FUNCTION'), status('H_SUCCESS')]);
  t.deepEqual(p.debug.registers.watch(0), { hi: 0, lo: Number(GUEST_DATA | 6n), control: 3 });
  t.true((p.vcpu.stats.exits.hcall ?? 0) >= 4);
});

test('sc 1 of user mode is a privileged instruction: the hypervisor tells the guest’s kernel', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power8' } });
  const signals: SignalInfo[] = [];
  const task = p.guest.machine.spawn(() => ({
    state: signals.length > 0 ? 'done' : 'ready',
    run: (cpu) => (cpu.execute({ pc: TEXT, length: 4, ...hcall(H_SET_DABR, 7n) }) === undefined ? 0 : 1),
  }));
  p.host.machine.run(1000);
  t.deepEqual(task.exit, { signal: 'SIGILL' });
  t.deepEqual(p.debug.registers.watch(0), { hi: 0, lo: 0, control: 0 });
  t.is(task.context.get('trap'), 0x700n);
});

for (const [cpu, register, fault] of [
  ['power7', 'dabr', 'privilege'],
  ['power7', 'dabrx', 'privilege'],
  ['power8', 'dawr0', 'undefined'],
  ['power10', 'dawrx1', 'undefined'],
  ['power10', 'ciabr', 'undefined'],
] as const) {
  test(`mtspr and mfspr of ${register} are not the guest's kernel's on ${cpu}: ${fault}`, (t) => {
    for (const value of [undefined, 0x1007n]) {
      using p = ppc64Pair({ features: { cpu } });
      const control = value === undefined ? { register } : { register, value };
      inKernel(p, { control });
      t.regex(p.log.entries.at(-1)?.message ?? '', new RegExp(`may not access ${register} so \\(${fault}\\)`));
      t.deepEqual([p.debug.registers.watch(0).lo, p.debug.registers.ciabr], [0, 0n]);
    }
  });
}

test('user mode may not either, and DAR and DSISR are the guest’s kernel’s own', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power8' } });
  const task = p.guest.machine.spawn(() => ({
    state: 'ready',
    run: (cpu) => (cpu.execute({ pc: TEXT, length: 4, control: { register: 'dawr0' } }) === undefined ? 0 : 1),
  }));
  const signals: unknown[] = [];
  task.handlers.set('SIGILL', ({ si_code }) => {
    signals.push(si_code);
    p.guest.machine.exit(task, { code: 0 });
    return { state: 'done', run: () => 0 };
  });
  p.host.machine.run(1000);
  t.deepEqual(signals, [SI_CODES.ILL_PRVOPC]);
  t.deepEqual(
    inKernel(
      p,
      { control: { register: 'dar', value: 0x1234n } },
      { control: { register: 'dar' } },
      { control: { register: 'dsisr', value: 0x1_0040_0000n } },
      { control: { register: 'dsisr' } },
    ),
    [[], [0x1234n], [], [0x40_0000n]],
  );
});

test('CIABR by hypercall: a trace interrupt of the guest’s own, and none of the host’s', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power8' } });
  inKernel(p, hcall(H_SET_MODE, 0n, 1n, at(2) | 1n, 0n));
  const signals: unknown[] = [];
  const task = p.guest.machine.spawn(stores(4, GUEST_DATA));
  task.handlers.set('SIGTRAP', ({ si_code, si_addr }) => {
    signals.push([si_code, si_addr]);
    return { state: 'done', run: () => 0 };
  });
  const own = p.host.machine.spawn(stores(4, GUEST_DATA));
  p.host.machine.run();
  t.deepEqual(signals, [[SI_CODES.TRAP_TRACE, at(3)]]);
  t.deepEqual(task.exit, { code: 0 });
  t.deepEqual(own.exit, { code: 0 });
  t.deepEqual(p.host.machine.cpu(0).unit.filter.ranges, []);
});

/** A watch that the hypervisor refuses: how often it fires, and what the guest's log says. */
function refused(options: PairOptions, bp_addr = GUEST_DATA) {
  using p = ppc64Pair(options);
  const task = p.guest.machine.spawn(stores(3, GUEST_DATA));
  let hits = 0;
  const breakpoint = p.guest.breakpoints.registerUser(writes(bp_addr), () => hits++, task);
  p.host.machine.run();
  return { hits, enabled: breakpoint.enabled, log: p.log.entries.map(({ message }) => message) };
}

for (const [cpu, name, why] of [
  ['power7', 'DABR', 'H_RESERVED_DABR (-8)'],
  ['power8', 'DAWR', 'H_P2 (-55)'],
] as const) {
  test(`${cpu}: a host that keeps the register for itself: the guest's watch does not fire, and its log says so once`, (t) => {
    const { hits, enabled, log } = refused({
      features: { cpu, guestWatchReserved: true },
      guestFeatures: { cpu },
    });
    t.is(hits, 0);
    t.true(enabled);
    t.deepEqual(log, [`CPU 0: the hypervisor refuses ${name} for 0x20000400: ${why}; the breakpoint does not fire`]);
  });
}

test('a partition without DAWR1: its second watch does not fire, the first one does', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power10', guestDawr1: false }, guestFeatures: { cpu: 'power10' } });
  const more = [0, 1, 2].map((i) => store(at(3 + i), GUEST_DATA + 8n));
  const task = p.guest.machine.spawn(program([...[0, 1, 2].map((i) => store(at(i), GUEST_DATA)), ...more]));
  const first = counted(p.guest, task, GUEST_DATA);
  const other = counted(p.guest, task, GUEST_DATA + 8n);
  p.host.machine.run();
  t.deepEqual([first.hits, other.hits], [3, 0]);
  t.regex(p.log.entries[0]?.message ?? '', /DAWR1 .* H_FUNCTION \(-2\)/);
  t.is(p.log.entries.length, 1);
});

test('a watch of no mode that PAPR knows is refused: DABRX would be 0', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power7' } });
  const task = p.guest.machine.spawn(stores(3, GUEST_DATA));
  const attr = { ...writes(GUEST_DATA), exclude_user: true, exclude_kernel: true };
  p.guest.breakpoints.registerUser(attr, () => t.fail(), task);
  p.host.machine.run();
  t.regex(p.log.entries[0]?.message ?? '', /H_PARAMETER \(-4\)/);
});

test('a hypervisor that has H_SET_DABR only, and a guest that knows', (t) => {
  const features: Ppc64Features = { cpu: 'power7', dabrx: false };
  t.is(refused({ features }).hits, 3);
  const { hits, log } = refused({ features, guestFeatures: { cpu: 'power7' } });
  t.is(hits, 0);
  t.regex(log[0] ?? '', /H_FUNCTION/, 'H_SET_XDABR');
});

test('POWER9: a guest may use the DAWR if its host does, and is not composed otherwise (ENODEV)', (t) => {
  const dangerous: Ppc64Features = { cpu: 'power9', dawrEnableDangerous: true };
  t.is(refused({ features: dangerous }).hits, 3);
  t.throws(() => ppc64Pair({ features: { cpu: 'power9' }, guestFeatures: dangerous }), {
    message: /dawrEnableDangerous: the hypervisor does not let this partition use the DAWR/,
  });
  using p = ppc64Pair({ features: { cpu: 'power9' } });
  const task = p.guest.machine.spawn(stores(1, GUEST_DATA));
  t.throws(() => counted(p.guest, task, GUEST_DATA), { message: /power9/ });
  p.host.machine.run();
  t.deepEqual(p.log.entries, [], 'to disarm nothing is no reason to complain');
});

test('kernels for older CPUs run on newer ones: DABR is the first DAWR', (t) => {
  for (const [host, guest] of [
    ['power8', 'power7'],
    ['power10', 'power7'],
    ['power10', 'power8'],
  ] as const) {
    using p = ppc64Pair({ features: { cpu: host }, guestFeatures: { cpu: guest } });
    const task = p.guest.machine.spawn(stores(3, GUEST_DATA));
    const own = counted(p.guest, task, GUEST_DATA);
    p.host.machine.run();
    t.is(own.hits, 3, `${guest} on ${host}`);
    t.deepEqual(p.log.entries, []);
  }
});
