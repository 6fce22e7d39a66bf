import { Arm64DebugUnit, arm64 } from '@hwbp/arch-arm64';
import { Ppc64DebugUnit, ppc64 } from '@hwbp/arch-ppc64';
import { encodeDr7, X86DebugUnit, x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  composeKernel,
  type Hardware,
  HW_BREAKPOINT_W,
  type Kernel,
  NOBODY,
  program,
} from '@hwbp/core';
import test from 'ava';

const DATA = 0x1000n;
const WRITE = { bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 4 };
const stores = program(
  [DATA, DATA + 64n, DATA].map((address, i) => {
    const access = { kind: 'write', address, size: 4, value: 7n } as const;
    return { pc: BigInt(0x400 + 4 * i), length: 4, accesses: [access] };
  }),
);

/** Arms register 0 of a CPU for stores to DATA, past any kernel. */
function armByHand({ cpus: [cpu] }: Hardware): void {
  const unit = cpu?.unit;
  if (unit instanceof X86DebugUnit) {
    unit.setAddress(0, 0, Number(DATA));
    unit.setControl(encodeDr7(0, 0x4c, 0x81));
  } else if (unit instanceof Ppc64DebugUnit) {
    // DW, WTI, user and kernel.
    unit.setWatch(1, 0, Number(DATA), 0x4b);
  } else if (unit instanceof Arm64DebugUnit) {
    // MDE and KDE; BAS of four bytes, stores, EL0 and EL1, enabled.
    unit.osLock = false;
    unit.mdscr = 0xa000;
    unit.setWatchpoint(0, 0, Number(DATA), (0xf << 5) | (2 << 3) | (3 << 1) | 1);
  } else throw new TypeError('no unit that this test knows');
}

/** Runs the stores to their end, or as long as one may expect. */
function play({ machine, breakpoints }: Kernel, bp_addr: bigint) {
  const task = machine.spawn(stores);
  const breakpoint = breakpoints.registerUser({ ...WRITE, bp_addr }, () => {}, task);
  const { reason, instructions } = machine.run(50);
  return { reason, instructions, exit: task.exit, hits: breakpoint.hits };
}

const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = { x86, ppc64, arm64 };

for (const [name, arch] of Object.entries(ARCHITECTURES)) {
  const SOUND = { reason: 'idle', instructions: 3, exit: { code: 0 } };

  test(`two kernels one after the other on one hardware: each counts its own, time and memory go on (${name})`, (t) => {
    const first = composeKernel({ arch: arch(), cpus: 2, tick: 2000 });
    const { hardware } = first;
    t.deepEqual(play(first, DATA), { ...SOUND, hits: 2 });
    const kept = first.machine.physical.allocate();
    first.machine.physical.frame(kept)[5] = 42;
    first.dispose();
    for (const cpu of hardware.cpus) {
      t.deepEqual(cpu.unit.filter.ranges, []);
      t.is(cpu.traps, NOBODY);
      t.is(cpu.alarms.next, Number.POSITIVE_INFINITY, 'nothing ticks');
    }
    const second = composeKernel({ arch: arch(), hardware, tick: 2000 });
    t.is(second.hardware, hardware);
    t.is(second.machine.cpus.length, 2);
    const ticks: number[] = [];
    second.machine.hooks.tick.add(({ clock }) => ticks.push(clock.now));
    t.deepEqual(play(second, DATA + 64n), { ...SOUND, hits: 1 });
    t.deepEqual(ticks, [4000, 6000], 'in step with the clock that goes on');
    t.is(hardware.retired, 6);
    t.is(hardware.memory.frame(kept)[5], 42, 'nobody gets a page that somebody has');
    t.is(hardware.memory.used, 1, 'and those of tasks that have ended are given back');
    t.is(first.machine.count, 6, 'the first sees what happens, and takes no part in it');
    second.dispose();
  });

  for (const strict of [false, true]) {
    test(`what is left in the debug registers concerns the next kernel in no way (${name}, strict ${strict})`, (t) => {
      const before = composeKernel({ arch: arch() });
      before.machine.cpu(0).context.set('rax', 1n);
      before.dispose();
      const { hardware } = before;
      armByHand(hardware);
      const kernel = composeKernel({ arch: arch(), hardware, strict });
      const notified: unknown[] = [];
      kernel.machine.dieChain.register((record) => {
        notified.push(record.event);
        return 'done';
      });
      // Before anything of its own is in a register, and afterwards.
      const task = kernel.machine.spawn(stores);
      t.like(kernel.machine.run(50), { reason: 'idle', instructions: 3 });
      t.deepEqual(task.exit, { code: 0 });
      t.deepEqual(play(kernel, DATA + 64n), { ...SOUND, hits: 1 });
      t.deepEqual(notified, []);
      kernel.breakpoints.unregister(kernel.breakpoints.registered[0]);
      t.deepEqual(hardware.cpu(0).unit.filter.ranges, []);
      kernel.dispose();
    });
  }
}

test('a kernel of another kind finds out that the hardware is not for it', (t) => {
  const { hardware } = composeKernel({ arch: x86() });
  t.throws(() => composeKernel({ arch: ppc64(), hardware }), { instanceOf: TypeError, message: /pages of 4096 bytes/ });
  const pages = ppc64({ pageSize: 4096 });
  t.throws(() => composeKernel({ arch: pages, hardware }), {
    instanceOf: TypeError,
    code: 'COMPOSE_INVALID_OPTION',
    message: /needs a ppc64 debug unit/,
  });
  for (const cpu of hardware.cpus) t.not(cpu.traps, NOBODY, 'it is still the first one’s');
});
