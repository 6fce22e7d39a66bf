import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  defineSlotPolicy,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  KernelError,
  program,
  UNCHANGED,
} from '@hwbp/core';
import test from 'ava';

const WATCH = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n, bp_len: 8 };
const nothing = (): void => {};
const kernelOf = (cpus = 1) => composeKernel({ arch: x86(), cpus });

/** Stores to the watched word, `count` times. */
const stores = (count: number) =>
  program(
    Array.from({ length: count }, () => ({
      pc: 0x1000n,
      length: 4,
      accesses: [{ kind: 'write' as const, address: 0x2000n, size: 8 }],
    })),
  );

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof KernelError ? error.code : error instanceof Error ? error.name : String(error);
  }
  return 'none';
}

test("another kernel's breakpoint, wide breakpoint and task are refused, and both kernels stay as they were", (t) => {
  using one = kernelOf();
  using other = kernelOf();
  const mine = one.breakpoints.registerCpu(WATCH, nothing, 0);
  const theirs = other.breakpoints.registerCpu(WATCH, nothing, 0);
  const wide = other.breakpoints.registerWide({ ...WATCH, bp_addr: 0x3000n }, nothing);
  const { breakpoints } = one;
  for (const action of [
    () => breakpoints.unregister(theirs),
    () => breakpoints.modify(theirs, { bp_len: 4 }),
    () => breakpoints.enable(theirs),
    () => breakpoints.disable(theirs),
    () => breakpoints.modifyWide(wide, { bp_len: 4 }),
    () => breakpoints.unregisterWide(wide),
    () => breakpoints.registerUser(WATCH, nothing, other.machine.spawn(stores(1))),
  ]) {
    t.throws(action, { instanceOf: TypeError, message: /another kernel|not one of this kernel/ });
  }
  t.deepEqual([mine.state, theirs.state, wide.members.get(0)?.state], ['active', 'active', 'active']);
});

test('a kernel that was disposed takes no breakpoint, and has left its die chain', (t) => {
  const kernel = kernelOf();
  const before = kernel.machine.dieChain.size;
  kernel.dispose();
  t.is(before - kernel.machine.dieChain.size, 1);
  t.is(
    code(() => kernel.breakpoints.registerCpu(WATCH, nothing, 0)),
    'HWBP_DISPOSED',
  );
  t.is(
    code(() => kernel.breakpoints.registerWide(WATCH, nothing)),
    'HWBP_DISPOSED',
  );
  t.false(kernel.breakpoints.isUsed);
});

test('a CPU that is stopped inside an exception cannot go offline: EBUSY, and no hit in flight is lost', (t) => {
  using kernel = kernelOf(2);
  const task = kernel.machine.spawn(stores(3), { affinity: [0] });
  const first = kernel.breakpoints.registerUser(WATCH, (hit) => hit.suspend('look'), task);
  const second = kernel.breakpoints.registerUser({ ...WATCH, bp_type: HW_BREAKPOINT_RW }, nothing, task);
  t.is(kernel.machine.run().reason, 'suspended');
  t.is(
    code(() => kernel.machine.setOnline(0, false)),
    'CPU_SUSPENDED',
  );
  while (kernel.machine.run().reason === 'suspended');
  t.deepEqual([first.hits, second.hits], [3, 3]);
});

test('a stop that was asked for beside a suspension is told by the next run', (t) => {
  using kernel = kernelOf();
  const task = kernel.machine.spawn(stores(1));
  kernel.breakpoints.registerUser(
    WATCH,
    (hit) => {
      kernel.machine.stop('mine');
      hit.suspend('look');
    },
    task,
  );
  t.like(kernel.machine.run(), { reason: 'suspended', message: 'look' });
  t.like(kernel.machine.run(), { reason: 'stopped', message: 'mine' });
  t.is(kernel.machine.run().reason, 'idle');
});

test('modify needs the privilege that registration had', (t) => {
  using kernel = kernelOf();
  const task = kernel.machine.spawn(stores(1));
  const kernelAddress = { bp_addr: 0xffff_ffff_8100_0000n };
  const plain = kernel.breakpoints.registerUser(WATCH, nothing, task, { privileged: false });
  t.is(
    code(() => kernel.breakpoints.modify(plain, kernelAddress)),
    'HWBP_KERNEL_ADDRESS_PRIVILEGE',
  );
  t.is(plain.attr.bp_addr, 0x2000n);
  kernel.breakpoints.modify(plain, kernelAddress, { privileged: true });
  t.is(plain.attr.bp_addr, kernelAddress.bp_addr);
});

test('misspelt fields and options, and budgets that are none, are a TypeError that names what there is', (t) => {
  using kernel = kernelOf();
  const { breakpoints, machine } = kernel;
  const misspelt = { ...WATCH, bp_length: 4 };
  t.throws(() => breakpoints.registerCpu(misspelt, nothing, 0), {
    instanceOf: TypeError,
    message: /bp_length.*bp_len/,
  });
  const options = { ownr: 'x' };
  t.throws(() => breakpoints.registerCpu(WATCH, nothing, 0, options as object), { message: /ownr.*owner/ });
  t.throws(() => breakpoints.registerCpu(WATCH, nothing, 0, { priority: Number.NaN }), { message: /priority/ });
  for (const budget of [-5, Number.NaN]) t.throws(() => machine.run(budget), { instanceOf: TypeError });
  t.false(breakpoints.isUsed);
});

test('a debugger that finds the accounting locked is told so before anything else is looked at', (t) => {
  let answer: unknown = 'not asked';
  using kernel = composeKernel({
    arch: x86(),
    slotPolicy: defineSlotPolicy('curious', () => ({
      name: 'curious',
      reserve() {
        answer = kernel.breakpoints.debugger.reserve({ ...WATCH, bp_type: 0 }, nothing, 0, 'kgdb');
        return { outcome: 'granted' };
      },
      change: () => ({ outcome: 'granted' }),
      release: () => UNCHANGED,
      place: () => 0,
      isUsed: false,
    })),
  });
  kernel.breakpoints.registerCpu(WATCH, nothing, 0);
  t.is(answer, undefined);
});
