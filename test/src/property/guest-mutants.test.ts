import { x86 } from '@hwbp/arch-x86';
import test from 'ava';
import fc from 'fast-check';
import { GUEST_MUTANTS } from './mutants/guest-mutants.js';
import { worldOps } from './support/guest-operations.js';
import { GuestWorld } from './support/guest-world.js';

/** How many random worlds it takes until one fails; `undefined`: none did. */
function found(arch: Parameters<typeof GuestWorld.of>[0]): number | undefined {
  const property = fc.property(worldOps, (ops) => {
    using world = GuestWorld.of(arch);
    for (const one of ops) world.perform(one);
    world.finish();
  });
  const { failed, numRuns } = fc.check(property, { numRuns: 200, seed: 20091108, endOnFailure: true });
  return failed ? numRuns : undefined;
}

test('without a fault nothing is found', (t) => t.is(found(x86), undefined));

for (const [name, arch] of Object.entries(GUEST_MUTANTS)) {
  test(`found: ${name}`, (t) => t.not(found(arch), undefined));
}
