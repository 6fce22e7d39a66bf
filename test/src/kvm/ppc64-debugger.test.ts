import { HW_BREAKPOINT_RW } from '@hwbp/core';
import type { GuestStop } from '@hwbp/kvm';
import test from 'ava';
import { at, CPUS, counted, GUEST_DATA, ppc64Pair, stores, writes } from './ppc64-support.js';

/* The debugger of a partition, on silicon that stops before the access. */

const OUTSIDE = GUEST_DATA + 0x100n;

for (const [name, features] of Object.entries(CPUS)) {
  test(`${name}: a watch stops the guest before each access, once; steps go past it`, (t) => {
    using p = ppc64Pair({ features });
    const task = p.guest.machine.spawn(stores(5, OUTSIDE));
    const own = counted(p.guest, task, GUEST_DATA);
    const stops: GuestStop[] = [];
    const { debugger: debug } = p.vm;
    debug.attach({
      name: 'test',
      stopped(stop) {
        stops.push(stop);
        debug.interrupt('stopped');
      },
    });
    const point = debug.claim({ ...writes(OUTSIDE), bp_type: HW_BREAKPOINT_RW });
    const next = (step?: number): unknown => {
      debug.resume(step === undefined ? {} : { step });
      debug.run(1000);
      const stop = stops.pop();
      return [stop?.cause, stop?.hits.includes(point), p.vcpu.cpu.context.pc, task.memory.readInteger(OUTSIDE, 8)];
    };
    t.deepEqual(next(), ['hit', true, at(0), 0n]);
    t.deepEqual(next(), ['hit', true, at(1), 0n]);
    t.deepEqual(next(), ['hit', true, at(2), 1n]);
    t.deepEqual(next(0), ['step', false, at(3), 2n]);
    t.deepEqual(next(), ['hit', true, at(3), 2n]);
    debug.detach();
    p.host.machine.run();
    t.deepEqual(task.exit, { code: 0 });
    t.is(own.hits, 0);
    t.deepEqual(p.log.entries, []);
  });
}
