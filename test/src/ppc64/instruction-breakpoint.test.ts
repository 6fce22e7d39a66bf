import { Ppc64DebugUnit, type Ppc64Features, ppc64 } from '@hwbp/arch-ppc64';
import {
  composeKernel,
  type DieRecord,
  HW_BREAKPOINT_W,
  INSTRUCTION_BREAKPOINT,
  type InstructionBreakpoint,
  type Kernel,
  KernelError,
  type KernelOptions,
  program,
} from '@hwbp/core';
import test from 'ava';

const TEXT = 0xc000_0000_0001_0000n;

function compose(features: Ppc64Features, options: Partial<KernelOptions> = {}): Kernel {
  return composeKernel({ arch: ppc64(features), cpus: 2, strict: true, ...options });
}

function registerOf(kernel: Kernel): InstructionBreakpoint {
  const facet = kernel.facet(INSTRUCTION_BREAKPOINT);
  if (facet === undefined) throw new Error('no CIABR');
  return facet;
}

/** Ten instructions of the kernel's on a CPU, or of a program's. */
function spawn(kernel: Kernel, cpu: number, mode: 'user' | 'kernel' = 'kernel'): void {
  const code = Array.from({ length: 10 }, (_, i) => ({ pc: TEXT + 4n * BigInt(i), length: 4 }));
  kernel.machine.spawn(program(code), { mode, affinity: [cpu] });
}

function ciabr({ machine }: Kernel): unknown[] {
  const state = { mode: 'hypervisor', singleStep: false, resume: false } as const;
  return machine.cpus.map(({ unit }) => unit.move({ register: 'ciabr' }, state));
}

test('CIABR came with POWER8', (t) => {
  for (const cpu of ['power7', 'power8', 'power9', 'power10'] as const) {
    using kernel = compose({ cpu });
    t.is(kernel.facet(INSTRUCTION_BREAKPOINT) !== undefined, cpu !== 'power7', cpu);
  }
});

test('it reports an instruction of the kernel on every CPU, behind it, and stops the machine there', (t) => {
  using kernel = compose({ cpu: 'power8' });
  const told: DieRecord[] = [];
  registerOf(kernel).claim('somebody', TEXT + 8n, (record) => {
    told.push(record);
    return { reason: 'here' };
  });
  spawn(kernel, 0);
  spawn(kernel, 1);
  const first = kernel.machine.run();
  t.deepEqual([first.reason, first.message, first.cpu, first.instructions], ['suspended', 'here', 0, 3]);
  t.is(kernel.machine.cpu(0).context.pc, TEXT + 12n);
  t.is(kernel.machine.run().cpu, 1);
  t.is(kernel.machine.run().reason, 'idle');
  t.deepEqual(
    told.map(({ cpu, event }) => `${event} ${cpu.index}`),
    ['step 0', 'step 1'],
  );
});

test('never in user mode', (t) => {
  using kernel = compose({ cpu: 'power10' });
  registerOf(kernel).claim('somebody', TEXT, () => ({ reason: 'here' }));
  spawn(kernel, 0, 'user');
  t.is(kernel.machine.run().reason, 'idle');
});

test('it moves, is quiet while its CPU is muted, and is cleared when it is given back', (t) => {
  using kernel = compose({ cpu: 'power8' });
  const claim = registerOf(kernel).claim('somebody', TEXT, () => undefined);
  t.deepEqual(ciabr(kernel), [TEXT + 2n, TEXT + 2n]);
  kernel.breakpoints.debugger.enter('somebody');
  t.deepEqual(ciabr(kernel), [0n, 0n]);
  claim.move(TEXT + 4n);
  t.deepEqual(ciabr(kernel), [0n, 0n]);
  kernel.breakpoints.debugger.leave();
  t.deepEqual(ciabr(kernel), [TEXT + 6n, TEXT + 6n]);
  claim.release();
  claim.release();
  t.deepEqual(ciabr(kernel), [0n, 0n]);
  t.throws(() => claim.move(TEXT), { instanceOf: TypeError });
  spawn(kernel, 0);
  t.is(kernel.machine.run().reason, 'idle');
});

test('what is claimed and given back inside a mute is never written, and comes on CPUs that come online', (t) => {
  using kernel = compose({ cpu: 'power8' }, { offline: [1] });
  kernel.breakpoints.debugger.enter('somebody');
  registerOf(kernel)
    .claim('somebody', TEXT, () => undefined)
    .release();
  kernel.breakpoints.debugger.leave();
  t.deepEqual(ciabr(kernel), [0n, 0n]);
  registerOf(kernel).claim('somebody', TEXT, () => undefined);
  t.deepEqual(ciabr(kernel), [TEXT + 2n, 0n]);
  kernel.machine.setOnline(1, true);
  t.deepEqual(ciabr(kernel), [TEXT + 2n, TEXT + 2n]);
});

test('one has it at a time, and whoever is refused is told who; addresses are of the kernel, in words', (t) => {
  using kernel = compose({ cpu: 'power8' });
  const facet = registerOf(kernel);
  const code = (action: () => unknown): string | undefined =>
    t.throws(action, { instanceOf: KernelError })?.message.split(/[;:] ?/)[1];
  t.is(
    code(() => facet.claim('one', 0x1000n, () => undefined)),
    'no instruction of the kernel can stand at 0x1000',
  );
  t.is(
    code(() => facet.claim('one', TEXT + 2n, () => undefined)),
    'no instruction of the kernel can stand at 0xc000000000010002',
  );
  t.is(facet.owner, undefined);
  const claim = facet.claim('one', TEXT, () => undefined);
  t.is(facet.owner, 'one');
  t.is(
    code(() => facet.claim('two', TEXT, () => undefined)),
    'one has CIABR',
  );
  t.throws(() => claim.move(1n), { instanceOf: KernelError });
  t.deepEqual(ciabr(kernel), [TEXT + 2n, TEXT + 2n]);
});

test('no breakpoint ever gets it, and a kernel that takes a computer over clears it', (t) => {
  const units = [0, 1].map(() => new Ppc64DebugUnit({ layouts: [], ciabr: true }));
  units[0]?.move({ register: 'ciabr', value: TEXT + 2n }, { mode: 'hypervisor', singleStep: false, resume: false });
  using kernel = compose({ cpu: 'power8' }, { createUnit: (cpu) => units[cpu] as Ppc64DebugUnit });
  t.deepEqual(ciabr(kernel), [0n, 0n]);
  t.is(kernel.breakpoints.manifest.slots.instruction, 0);
});

test('a hit before the access that is to restart hits again, until somebody lets it pass', (t) => {
  using kernel = compose({ cpu: 'power8' });
  const address = 0xc000_0000_0000_0000n;
  kernel.machine.physical.allocate();
  let hits = 0;
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: address, bp_len: 8 };
  const reservation = kernel.breakpoints.debugger.reserve(
    attr,
    ({ record }) => {
      record.restart = ++hits < 5;
    },
    0,
    'somebody',
  );
  reservation?.install();
  const store = { pc: TEXT, length: 4, accesses: [{ kind: 'write' as const, address, size: 4, value: 7n }] };
  kernel.machine.spawn(program([store]), { mode: 'kernel', affinity: [0] });
  kernel.machine.run();
  t.is(hits, 5);
  t.is(kernel.machine.cpu(0).instructions, 1);
});
