import fc from 'fast-check';
import { DATA } from './support.js';

/** CPUs of the worlds. */
export const CPUS = 3;
/** Places that are watched, far from each other. */
const PLACES = 3;
export const place = (at: number): bigint => DATA + BigInt(at) * 64n;

const cpu = fc.nat(CPUS - 1);
const at = fc.nat(PLACES - 1);

/** Where a way is refused; `undefined`: nowhere. */
const refusal = fc.constantFrom(undefined, undefined, undefined, 'prepare', 'online', 'devices', 'core');

/** What may happen. */
export const powerOps = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('ofCpu' as const), cpu, at }),
    fc.record({ op: fc.constant('wide' as const), at }),
    fc.record({ op: fc.constant('ofTask' as const), cpu, at }),
    fc.record({ op: fc.constant('drop' as const), which: fc.nat(20) }),
    fc.record({ op: fc.constant('enable' as const), which: fc.nat(20) }),
    fc.record({ op: fc.constant('disable' as const), which: fc.nat(20) }),
    fc.record({ op: fc.constant('store' as const), cpu, at }),
    fc.record({ op: fc.constant('offline' as const), cpu, refusal }),
    fc.record({ op: fc.constant('online' as const), cpu, refusal }),
    fc.record({ op: fc.constant('suspend' as const), refusal }),
    fc.record({ op: fc.constant('debugger' as const) }),
    fc.record({ op: fc.constant('nmi' as const), cpu, at }),
    fc.record({ op: fc.constant('guest' as const), at }),
    fc.record({ op: fc.constantFrom('kexec' as const, 'crash' as const) }),
  ),
  { minLength: 3, maxLength: 30 },
);
export type PowerOp = typeof powerOps extends fc.Arbitrary<(infer One)[]> ? One : never;
