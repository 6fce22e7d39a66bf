import fc from 'fast-check';
import { PLACES, type WorldOp } from './guest-world.js';

const vcpu = fc.constantFrom(0, 1);
const place = fc.nat(PLACES - 1);
const register = fc.nat(3);

const op: fc.Arbitrary<WorldOp> = fc.oneof(
  fc.record({ op: fc.constant('guest stores' as const), vcpu, place }),
  fc.record({ op: fc.constant('guest stores' as const), vcpu, place }),
  fc.record({ op: fc.constant('guest moves address' as const), vcpu, register, place }),
  fc.record({ op: fc.constant('guest enables' as const), vcpu, registers: fc.nat(15) }),
  fc.record({ op: fc.constant('guest reads' as const), vcpu, register: fc.constantFrom(0, 1, 2, 3, 6, 7) }),
  fc.record({ op: fc.constant('host stores' as const), task: vcpu, place }),
  fc.record({
    op: fc.constant('host watches' as const),
    target: fc.constantFrom('cpu' as const, 'task' as const),
    index: vcpu,
    place,
  }),
  fc.record({ op: fc.constant('host forgets' as const), index: fc.nat(9) }),
  fc.record({ op: fc.constant('migrates' as const), vcpu, cpu: fc.constantFrom(0, 1) }),
  fc.record({ op: fc.constant('debugs' as const), vcpu, place }),
  fc.record({ op: fc.constant('lets go' as const), vcpu }),
  fc.record({ op: fc.constant('claims' as const), cpu: vcpu, place }),
  fc.record({ op: fc.constant('gives back' as const) }),
  fc.record({ op: fc.constant('fails' as const), writes: fc.integer({ min: 1, max: 8 }) }),
);

/** What happens in a world of guests. */
export const worldOps: fc.Arbitrary<WorldOp[]> = fc.array(op, { minLength: 5, maxLength: 40 });
