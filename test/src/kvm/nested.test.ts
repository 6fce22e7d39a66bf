import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import test from 'ava';
import { hosted } from './compose-in-guest.js';
import { DATA, nop, store, stores, TEXT, writes } from './support.js';

for (const depth of [1, 2, 3, 4]) {
  test(`${depth} deep: watches, steps and software breakpoints of the innermost kernel are its own`, (t) => {
    using below = hosted(depth, x86);
    const kernel = composeKernel({ arch: x86(), strict: true, hardware: below.hardware });
    const { machine } = kernel;
    let hits = 0;
    const task = machine.spawn(stores(30, DATA + 64n));
    kernel.breakpoints.registerUser(writes(DATA + 64n), () => void hits++, task);
    machine.run();
    t.is(hits, 30);
    // A software breakpoint follows the CPU to whatever filter its accesses are looked up in.
    const trapped = machine.spawn(program([nop(TEXT), nop(TEXT + 4n), nop(TEXT + 8n)]));
    machine.planted.plant(TEXT + 4n);
    const seen: string[] = [];
    trapped.tracer = {
      signal(_task, { si_signo }) {
        seen.push(si_signo);
        return 'stop';
      },
    };
    machine.run();
    t.deepEqual(seen, ['SIGTRAP']);
    t.is(trapped.context.pc, TEXT + 4n);
    machine.planted.lift(TEXT + 4n);
    machine.wake(trapped);
    machine.run();
    t.false(trapped.alive);
    t.is(machine.count, 30 + 3);
    kernel.dispose();
    const [physical] = below.hosts;
    below.hosts.at(-1)?.machine.run();
    // The first host's own watch, and nothing of anybody else's.
    t.is(physical?.machine.cpu(0).unit.filter.ranges.length, 1);
  });
}

test('a host that is preempted in the middle of its own guest goes on with it', (t) => {
  const physical = composeKernel({ arch: x86(), tick: 15_000, plugins: [Kvm] });
  const below = composeKernel({ arch: x86(), plugins: [Kvm], hardware: physical.get(Kvm).createVm().hardware });
  const kernel = composeKernel({ arch: x86(), hardware: below.get(Kvm).createVm().hardware });
  let hits = 0;
  let others = 0;
  const task = kernel.machine.spawn(stores(200));
  kernel.breakpoints.registerUser(writes(), () => void hits++, task);
  const middle = below.machine.spawn(program([store(DATA), store(DATA)]));
  below.breakpoints.registerUser(writes(), () => void others++, middle);
  physical.machine.spawn(stores(300));
  t.is(physical.machine.run().reason, 'idle');
  t.is(hits, 200);
  t.is(others, 2);
  t.is(physical.machine.cpu(0).unit.filter.ranges.length, 0);
});
