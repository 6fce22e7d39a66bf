import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { DB_FAULT, encodeDr7, X86DebugUnit, type X86Features, x86 } from '@hwbp/arch-x86';
import {
  type ControlAccess,
  type ControlTrap,
  composeKernel,
  Hardware,
  type Kernel,
  type KernelOptions,
  program,
  RingLogger,
  SI_CODES,
  type SignalInfo,
} from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, store, TEXT } from './support.js';

const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/**
 * Lets a task make these accesses one after the other: what it loaded, and the signals that it got, over each of which
 * it skips.
 */
function moves(kernel: Kernel, mode: 'user' | 'kernel', ...accesses: readonly ControlAccess[]) {
  const loaded: unknown[] = [];
  const signals: SignalInfo[] = [];
  let skip = false;
  const task = kernel.machine.spawn(
    () => ({
      get state() {
        return loaded.length < accesses.length ? ('ready' as const) : ('done' as const);
      },
      run(cpu) {
        const control = accesses[loaded.length];
        if (control === undefined) return 0;
        if (skip) {
          skip = false;
          loaded.push('skipped');
          return 0;
        }
        const got = cpu.execute({ pc: TEXT, length: 3, control });
        if (got !== undefined) loaded.push(got);
        return got === undefined ? 0 : 1;
      },
    }),
    { mode },
  );
  for (const signal of ['SIGSEGV', 'SIGILL'] as const) {
    task.handlers.set(signal, (info) => {
      signals.push(info);
      skip = true;
      return program([])();
    });
  }
  kernel.machine.run(100);
  return { loaded, signals };
}

const x86Kernel = (features: X86Features = {}, options: Partial<KernelOptions> = {}): Kernel =>
  kernelOf({ arch: x86(features), ...options });

const GP = { si_signo: 'SIGSEGV', si_code: SI_CODES.SI_KERNEL } as const;
const UD = { si_signo: 'SIGILL', si_code: SI_CODES.ILL_ILLOPN, si_addr: TEXT } as const;
/** On ppc64 it has another code (Linux: program_check_exception). */
const ILLEGAL = { ...UD, si_code: SI_CODES.ILL_ILLOPC } as const;

test('x86: MOV DR in user mode is a general protection fault, to and from, and nothing moves', (t) => {
  using kernel = x86Kernel();
  const { loaded, signals } = moves(
    kernel,
    'user',
    { register: 'dr0', value: 5n },
    { register: 'dr7', value: 0x2n },
    { register: 'dr6' },
  );
  t.deepEqual(signals, [GP, GP, GP]);
  t.deepEqual(loaded, ['skipped', 'skipped', 'skipped']);
  const { unit } = kernel.machine.cpu(0);
  t.true(unit instanceof X86DebugUnit && unit.address(0) === 0n && unit.control === 0x400);
  t.is(kernel.machine.count, 0, 'none of them has retired');
});

test('x86: a task that has no handler dies of it', (t) => {
  using kernel = x86Kernel();
  const task = kernel.machine.spawn(program([{ pc: TEXT, length: 3, control: { register: 'dr7' } }]));
  kernel.machine.run();
  t.deepEqual(task.exit, { signal: 'SIGSEGV' });
});

test('x86: DR4 and DR5 are invalid opcodes under CR4.DE, in user mode too, and aliases without it', (t) => {
  using extended = x86Kernel();
  t.deepEqual(moves(extended, 'user', { register: 'dr4' }, { register: 'dr5', value: 0n }).signals, [UD, UD]);
  t.deepEqual(moves(extended, 'user', { register: 'dabr' }).signals, [UD], 'a register of another architecture');
  using plain = x86Kernel({ debuggingExtensions: false });
  t.deepEqual(moves(plain, 'user', { register: 'dr4' }).signals, [GP]);
  const { loaded } = moves(plain, 'kernel', { register: 'dr4' }, { register: 'dr5' });
  t.deepEqual(loaded, [[0xffff_0ff0n], [0x400n]]);
});

test('x86: MOV DR in kernel mode gives the program the value, and MOV to DR7 arms the hardware', (t) => {
  using kernel = x86Kernel();
  const { machine } = kernel;
  const dr7 = BigInt(encodeDr7(0, 0x4c, 0x81));
  const read: unknown[] = [];
  const notified: number[] = [];
  machine.dieChain.register((record) => {
    notified.push(record.status);
    return 'stop';
  }, Number.MAX_SAFE_INTEGER);
  machine.spawn(
    program(function* () {
      yield { pc: KERNEL_TEXT, length: 3, accesses: [store()] };
      read.push(yield { pc: KERNEL_TEXT, length: 3, control: { register: 'dr0', value: DATA } });
      read.push(yield { pc: KERNEL_TEXT, length: 3, control: { register: 'dr7', value: dr7 } });
      read.push(yield { pc: KERNEL_TEXT, length: 3, control: { register: 'dr0' } });
      // The register's value comes first, then what memory gave.
      const load = { kind: 'read', address: DATA + 64n, size: 1 } as const;
      read.push(yield { pc: KERNEL_TEXT, length: 3, control: { register: 'dr7' }, accesses: [load] });
      yield { pc: KERNEL_TEXT, length: 3, accesses: [store()] };
    }),
    { mode: 'kernel' },
  );
  machine.run();
  t.deepEqual(read, [[], [], [DATA], [dr7 | 0x400n, 0n]]);
  t.deepEqual(notified, [1], 'the second store hits, by B0');
});

test('x86: general detect raises #DB before the instruction, which then executes', (t) => {
  using kernel = x86Kernel();
  const { machine } = kernel;
  const seen: unknown[] = [];
  machine.dieChain.register(({ exception, status, cpu }) => {
    const { unit } = cpu;
    seen.push([exception, status, cpu.context.pc, unit instanceof X86DebugUnit && unit.address(0)]);
    return 'stop';
  }, Number.MAX_SAFE_INTEGER);
  machine.spawn(
    program([
      { pc: KERNEL_TEXT, length: 3, control: { register: 'dr7', value: 0x2000n } },
      { pc: KERNEL_TEXT + 3n, length: 3, control: { register: 'dr0', value: DATA } },
    ]),
    { mode: 'kernel' },
  );
  t.is(machine.run().instructions, 2);
  t.deepEqual(seen, [[DB_FAULT, 0x2000, KERNEL_TEXT + 3n, 0n]]);
  const { unit } = machine.cpu(0);
  t.true(unit instanceof X86DebugUnit && unit.address(0) === DATA);
});

test('x86: a value that DR7 does not take does not happen in the kernel either, and is logged', (t) => {
  const logger = new RingLogger();
  using kernel = x86Kernel({}, { logger });
  const { machine } = kernel;
  machine.spawn(program([{ pc: KERNEL_TEXT, length: 3, control: { register: 'dr7', value: 1n << 32n } }]), {
    mode: 'kernel',
  });
  t.is(machine.run(1).instructions, 0);
  t.regex(logger.entries[0]?.message ?? '', /dr7.*value/);
});

const PRIVILEGED = { si_signo: 'SIGILL', si_code: SI_CODES.ILL_PRVOPC, si_addr: TEXT } as const;

test('ppc64: mtspr and mfspr of debug registers are privileged: SIGILL with ILL_PRVOPC', (t) => {
  using kernel = kernelOf({ arch: ppc64() });
  const { loaded, signals } = moves(kernel, 'user', { register: 'dawr0', value: 0x1000n }, { register: 'dar' });
  t.deepEqual(signals, [PRIVILEGED, PRIVILEGED]);
  t.deepEqual(loaded, ['skipped', 'skipped']);
  t.deepEqual(kernel.machine.cpu(0).unit.filter.ranges, []);
});

test('ppc64: an SPR that the CPU does not have is an illegal instruction, whoever asks', (t) => {
  using kernel = kernelOf({ arch: ppc64({ cpu: 'power8' }) });
  const { signals } = moves(
    kernel,
    'user',
    { register: 'dabr' },
    { register: 'dawr1', value: 0n },
    { register: 'dr7' },
  );
  t.deepEqual(signals, [ILLEGAL, ILLEGAL, ILLEGAL]);
});

test('ppc64: in kernel mode mtspr arms the hardware, and mfspr gives the value to the program', (t) => {
  using kernel = kernelOf({ arch: ppc64({ cpu: 'power8' }) });
  const { loaded, signals } = moves(
    kernel,
    'kernel',
    { register: 'dawr0', value: 0x1004n },
    { register: 'dawrx0', value: 0x4bn },
    { register: 'dawr0' },
    { register: 'dawrx0' },
  );
  t.deepEqual(loaded, [[], [], [0x1004n], [0x4bn]]);
  t.deepEqual(signals, []);
  t.like(kernel.machine.cpu(0).unit.filter.ranges, [{ address: 0x1000n, length: 8, write: true, read: false }]);
});

test('whoever owns a CPU can emulate an access: the result is what the instruction reads', (t) => {
  const hardware = new Hardware({ pageSize: 4096, createUnit: () => new X86DebugUnit() });
  const cpu = hardware.cpu(0);
  cpu.context.mode = 'user';
  const seen: ControlTrap[] = [];
  const guest = new Map<string, bigint>();
  cpu.traps = {
    trap(_, trap) {
      if (trap.kind !== 'control') return;
      seen.push({ ...trap });
      const { register, value } = trap.access;
      if (register === 'dr3') return;
      if (value !== undefined) guest.set(register, value);
      trap.result = guest.get(register) ?? 0n;
    },
  };
  const move = (control: ControlAccess) => cpu.execute({ pc: TEXT, length: 3, control });
  t.deepEqual(move({ register: 'dr7', value: 0x3n }), []);
  t.deepEqual(move({ register: 'dr7' }), [3n]);
  t.deepEqual(move({ register: 'cr8' }), [0n], 'one that the unit does not know');
  t.is(move({ register: 'dr3' }), undefined, 'nobody emulates it');
  t.deepEqual(
    seen.map(({ access, fault }) => [access.register, fault]),
    [
      ['dr7', 'privilege'],
      ['dr7', 'privilege'],
      ['cr8', 'undefined'],
      ['dr3', 'privilege'],
    ],
  );
  t.is(cpu.instructions, 3);
  t.is(cpu.context.pc, TEXT, 'the last one has not happened');
  t.deepEqual(cpu.unit.filter.ranges, [], 'the hardware’s own register was not written');
});

test('an access that is emulated under a kernel completes, and costs an instruction and no more', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const cpu = machine.cpu(0);
  const { traps } = cpu;
  cpu.traps = {
    trap(on, trap) {
      if (trap.kind === 'control') trap.result = 42n;
      else traps.trap(on, trap);
    },
  };
  const read: unknown[] = [];
  const task = machine.spawn(
    program(function* () {
      read.push(yield { pc: TEXT, length: 3, control: { register: 'dr6' } });
    }),
  );
  t.is(machine.run(1).instructions, 1);
  machine.run();
  t.deepEqual(read, [[42n]]);
  t.deepEqual(task.exit, { code: 0 });
});

for (const [name, arch, register] of [
  ['x86', x86(), 'dr9'],
  ['ppc64', ppc64(), 'dabr2'],
  ['arm64', arm64(), 'dbgwvr4_el1'],
] as const) {
  test(`${name}: a kernel that accesses a register that is not there loses its task, and says it once`, (t) => {
    const logger = new RingLogger();
    using kernel = kernelOf({ arch, logger });
    const { machine } = kernel;
    const task = machine.spawn(program([{ pc: KERNEL_TEXT, length: 4, control: { register } }]), { mode: 'kernel' });
    t.is(machine.run().reason, 'idle');
    t.deepEqual(task.exit, { signal: 'SIGSEGV' });
    t.is(logger.entries.filter(({ message }) => message.includes(register)).length, 1);
    const cpu = machine.cpu(0);
    t.is(
      machine.aside(cpu, () => cpu.execute({ pc: KERNEL_TEXT, length: 4, control: { register } })),
      undefined,
    );
  });
}
