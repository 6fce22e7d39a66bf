import type { VectorRig } from './support.js';

/**
 * The vectors of Linux's hw_breakpoint KUnit test (spec 3.8), step for step, with those that were added when they were
 * replayed on real hardware. `n` is the number of slots.
 */
export const KUNIT_VECTORS: Readonly<Record<string, <T>(rig: VectorRig<T>, n: number) => void>> = {
  '1 one cpu'(rig, n) {
    rig.fill('CPU c0', n);
    rig.full('cur/any', 'CPU c0');
    rig.on('CPU c1');
    rig.on('cur@c1');
  },
  '2 many cpus'(rig, n) {
    rig.fill('CPU c0', n);
    rig.full('CPU c0');
    rig.fill('CPU c1', n);
    rig.full('CPU c1', 'CPU c0');
  },
  '3 one task all cpus'(rig, n) {
    const [one] = rig.fill('cur/any', n);
    rig.full('cur/any', 'cur@c0', 'CPU c0');
    rig.remove(one);
    rig.on('CPU c0');
  },
  '4 two tasks all cpus'(rig, n) {
    const [one] = rig.fill('cur/any', n);
    rig.fill('oth/any', n);
    rig.full('cur/any', 'oth/any', 'cur@c0', 'oth@c0', 'CPU c0');
    rig.remove(one);
    rig.full('CPU c0');
  },
  '5 one task one cpu'(rig, n) {
    const [one] = rig.fill('cur@c0', n);
    rig.full('cur/any', 'cur@c0', 'CPU c0');
    rig.on('cur@c1');
    rig.on('CPU c1');
    rig.remove(one);
    rig.on('CPU c0');
  },
  '6 one task mixed'(rig, n) {
    const bound = rig.on('cur@c0');
    const [any] = rig.fill('cur/any', n - 1);
    rig.full('cur/any', 'cur@c0', 'CPU c0');
    rig.remove(rig.on('cur@c1'));
    rig.remove(bound, any);
    rig.fill('CPU c0', 2);
    rig.full('CPU c0');
  },
  '7 two tasks one cpu'(rig, n) {
    rig.fill('cur@c0', n);
    rig.fill('oth@c0', n);
    rig.full('cur/any', 'oth/any', 'cur@c0', 'oth@c0', 'CPU c0');
    rig.fill('CPU c1', n);
  },
  '8 two tasks one/all'(rig, n) {
    rig.fill('cur@c0', n);
    rig.fill('oth/any', n);
    rig.full('cur/any', 'oth/any', 'cur@c0', 'oth@c0', 'CPU c0', 'CPU c1');
  },
  '9 task on all and one'(rig, n) {
    rig.fill('cur/any', n - 2);
    const bound = rig.on('cur@c0');
    rig.on('cur/any');
    rig.full('cur/any', 'cur@c0', 'CPU c0');
    const other = rig.on('CPU c1');
    rig.full('CPU c1');
    rig.remove(bound);
    rig.full('cur/any');
    rig.remove(other);
    rig.on('cur/any');
    rig.full('cur/any', 'cur@c0', 'CPU c0', 'CPU c1');
  },
};
