import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { directScheduler, HW_BREAKPOINT_W, type Kernel, perfEvents, priorities, program } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import test from 'ava';
import { KERNEL_DATA, Rig, USER_DATA } from './support.js';

const DATA = 0xc000_0000_0000_1000n;
const SUBJECTS = [
  { title: 'x86, direct', arch: x86, scheduler: directScheduler, data: KERNEL_DATA },
  { title: 'x86, events', arch: x86, scheduler: perfEvents, data: KERNEL_DATA },
  { title: 'ppc64 power7, events', arch: () => ppc64({ cpu: 'power7' }), scheduler: perfEvents, data: DATA },
  { title: 'ppc64 power10, direct', arch: () => ppc64({ cpu: 'power10' }), scheduler: directScheduler, data: DATA },
  { title: 'arm64, events', arch: () => arm64(), scheduler: perfEvents, data: 0xffff_0000_0000_1000n },
];

/** A task of the kernel's that stores where a watch is, on every CPU that is there. */
function storeEverywhere({ machine }: Kernel, address: bigint): void {
  const accesses = [{ kind: 'write', address, size: 4 } as const];
  for (const { index } of machine.onlineCpus) {
    machine.spawn(program([{ pc: address + 0x10_0000n, length: 4, accesses }]), { mode: 'kernel', affinity: [index] });
  }
  machine.run(1000);
}

for (const { title, arch, scheduler, data } of SUBJECTS) {
  const made = () => {
    const rig = new Rig({ arch: arch(), breakpointScheduler: scheduler(), cpus: 2 });
    // Something behind the direct map.
    for (let frame = 0; frame < 4; frame++) rig.kernel.machine.physical.allocate();
    return rig;
  };

  test(`a suspend: what is installed is armed again, what waits keeps its place, and nobody is told anything (${title})`, (t) => {
    const rig = made();
    const { kernel } = rig;
    const slots = kernel.breakpoints.manifest.slots.data;
    const strong = Array.from({ length: slots }, (_, i) => rig.wide(`strong ${i}`, { address: data, priority: 5 }));
    const [first, second] = ['first', 'second'].map((name) => rig.wide(name, { address: data, priority: 1 }));
    const states = () => [...strong, first, second].map((watch) => watch?.installed);
    const before = states();
    t.deepEqual(before, [...strong.map(() => true), false, false]);
    kernel.suspend();
    for (const { unit } of kernel.hardware.cpus) t.deepEqual(unit.filter.ranges, []);
    kernel.resume();
    t.deepEqual([states(), rig.told()], [before, []]);
    storeEverywhere(kernel, data);
    t.deepEqual(rig.told().sort(), strong.flatMap((_, i) => [`!strong ${i}`, `!strong ${i}`]).sort());
    rig.kwatch.unregister(strong[0]);
    t.deepEqual([states().slice(-2), rig.told()], [[true, false], ['+first']], 'first come, first served');
    kernel.dispose();
  });

  test(`a watch of a task goes with it over a suspend (${title})`, (t) => {
    const rig = made();
    const task = rig.task('watched', USER_DATA);
    rig.user('own', task, 3);
    rig.kernel.machine.run(6);
    const before = rig.told().length;
    t.true(before > 0);
    t.is(before, task.instructions);
    rig.kernel.suspend();
    rig.kernel.resume();
    rig.kernel.machine.run(6);
    t.is(before + rig.told().length, task.instructions);
    t.true(task.instructions > before);
    rig.kernel.dispose();
  });

  test(`a watch follows CPUs, and is told when one that comes has no room for it (${title})`, (t) => {
    const rig = made();
    const { kernel } = rig;
    const { breakpoints, machine } = kernel;
    const watch = rig.wide('watch', { address: data, priority: 3 });
    t.true(watch.installed);
    machine.setOnline(1, false);
    storeEverywhere(kernel, data);
    machine.setOnline(1, true);
    storeEverywhere(kernel, data);
    t.deepEqual(rig.told(), ['!watch', '!watch', '!watch']);
    const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: data + 64n, bp_len: 4 };
    for (let i = 0; i < breakpoints.manifest.slots.data; i++) {
      breakpoints.registerCpu(attr, () => {}, 1, { priority: 9 });
    }
    t.deepEqual([watch.installed, rig.told()], [false, ['-watch']], 'it has one register, the same on every CPU');
    machine.setOnline(1, false);
    t.deepEqual([watch.installed, rig.told()], [true, ['+watch']], 'nobody is in its way where it still watches');
    machine.setOnline(1, true);
    t.deepEqual([watch.installed, rig.told()], [false, ['-watch']], 'slots stay taken');
    for (const one of breakpoints.registered) if (one.owner !== 'kwatch') breakpoints.unregister(one);
    t.deepEqual([watch.installed, rig.told()], [true, ['+watch']]);
    kernel.dispose();
  });

  for (const how of ['kexec', 'crash'] as const) {
    test(`${how}: watches of the kernel before are told nothing any more, and the next one has every register (${title})`, (t) => {
      const rig = made();
      const { kernel } = rig;
      const slots = kernel.breakpoints.manifest.slots.data;
      for (let i = 0; i <= slots; i++) rig.wide(`old ${i}`, { address: data, priority: 5 });
      storeEverywhere(kernel, data);
      t.is(rig.told().length, 2 * slots);
      const next = kernel[how]({
        arch: arch(),
        breakpointScheduler: scheduler(),
        slotPolicy: priorities(),
        strict: true,
        plugins: [Kwatch],
      });
      const hits: number[] = [];
      const request = { address: data, length: 4, type: HW_BREAKPOINT_W, priority: 1 };
      const watches = Array.from({ length: slots }, (_, i) =>
        next.get(Kwatch).registerKernel({ ...request, triggered: () => hits.push(i) }),
      );
      t.true(watches.every(({ installed }) => installed));
      storeEverywhere(next, data);
      t.is(hits.length, 2 * slots);
      kernel.dispose();
      storeEverywhere(next, data);
      t.is(hits.length, 4 * slots);
      t.deepEqual(rig.told(), [], 'no hit, no register taken, none to be had');
      next.dispose();
    });
  }
}
