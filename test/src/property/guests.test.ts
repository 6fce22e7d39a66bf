import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { worldOps } from './support/guest-operations.js';
import { GuestWorld, type WorldOp } from './support/guest-world.js';

/*
 * Guests that use their debug registers, a host that uses its own, debuggers of either, CPUs that change: whatever
 * comes in which order, no hit of one side reaches the other, what is read is what its owner wrote last, and no
 * register is left armed. Writes to the physical registers fail now and then, in the middle of an entry or an exit.
 */

function holds(nested: boolean): fc.IRawProperty<[readonly WorldOp[]]> {
  return fc.property(worldOps, (ops) => {
    using world = new GuestWorld(nested);
    for (const one of ops) world.perform(one);
    world.finish();
  });
}

test('host and guests keep their registers apart', (t) => check(t, holds(false), 60));

test('so do a guest and the guests that it has', (t) => check(t, holds(true), 25));
