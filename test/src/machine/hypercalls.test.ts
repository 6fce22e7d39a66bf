import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  Hardware,
  type HypercallTrap,
  NullDebugUnit,
  program,
  RingLogger,
  WatchFilter,
} from '@hwbp/core';
import test from 'ava';

const TEXT = 0x1000_0000n;
const hypercall = { number: 0x28, args: [0x1000n] };

for (const [name, arch] of [
  ['x86', x86()],
  ['ppc64', ppc64()],
  ['arm64', arm64()],
] as const) {
  test(`${name}: without a hypervisor a hypercall is an illegal instruction, and in the kernel an oops`, (t) => {
    const logger = new RingLogger();
    using kernel = composeKernel({ arch, logger });
    const user = kernel.machine.spawn(program([{ pc: TEXT, length: 4, hypercall }]));
    kernel.machine.run();
    t.deepEqual(user.exit, { signal: 'SIGILL' });
    t.is(user.context.pc, TEXT);
    const thread = kernel.machine.spawn(program([{ pc: TEXT, length: 4, hypercall }]), { mode: 'kernel' });
    kernel.machine.run();
    t.deepEqual(thread.exit, { signal: 'SIGSEGV' });
    t.regex(logger.entries.at(-1)?.message ?? '', /may not make hypercall 40 at 0x10000000/);
  });
}

test('whoever owns a CPU can answer a hypercall: what it returns is loaded first, and the instruction retires', (t) => {
  const hardware = new Hardware({ pageSize: 4096, createUnit: () => new NullDebugUnit(new WatchFilter()) });
  const cpu = hardware.cpu(0);
  const seen: HypercallTrap['request'][] = [];
  cpu.traps = {
    trap(_cpu, trap) {
      if (trap.kind !== 'hypercall') return;
      seen.push(trap.request);
      if (seen.length > 1) trap.result = -4n;
    },
  };
  const accesses = [{ kind: 'read', address: 0x100n, size: 1 }] as const;
  cpu.beginRun();
  t.is(cpu.execute({ pc: TEXT, length: 4, hypercall, accesses }), undefined);
  t.is(cpu.faults, 1);
  t.deepEqual(cpu.execute({ pc: TEXT, length: 4, hypercall, accesses }), [-4n, 0n]);
  t.is(cpu.faults, 1);
  cpu.endRun(1);
  t.is(cpu.context.pc, TEXT + 4n);
  t.deepEqual(seen, [hypercall, hypercall]);
});
