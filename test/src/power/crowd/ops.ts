import fc from 'fast-check';
import { DATA } from '../support.js';

/** CPUs of the machine. */
export const CPUS = 3;
/** Places that everybody watches, far from each other. */
const PLACES = 3;
export const place = (at: number): bigint => DATA + BigInt(at) * 64n;
/** Watched by gdb alone: whoever stores there is stopped. */
export const OF_GDB = PLACES;
/** Watched by tracers alone, where a tracer is told before the access and everybody else behind it. */
export const OF_TRACERS = PLACES + 1;

/** Watched by nobody. */
export const OF_NOBODY = PLACES + 2;

const cpu = fc.nat(CPUS - 1);
const at = fc.nat(PLACES - 1);
const which = fc.nat(20);
const does = <T extends string>(...ops: readonly T[]) => fc.constantFrom(...ops);

/** Where a way is refused; `undefined`: nowhere. `wake-up`: an interrupt comes that wakes. */
const refusal = fc.constantFrom(undefined, undefined, undefined, 'prepare', 'online', 'devices', 'core', 'wake-up');

/** Something that happens to a kernel with everybody in it. */
export const crowdOp = fc.oneof(
  fc.record({ op: does('ofCpu', 'perfOfCpu'), cpu, at }),
  fc.record({ op: does('wide'), at }),
  fc.record({ op: does('ofTask', 'perfOfTask', 'trace'), which, at }),
  fc.record({
    op: does('kwatch'),
    at,
    attitude: does('break-ptrace', 'keep-ptrace', 'step-aside'),
    waits: fc.boolean(),
  }),
  fc.record({ op: does('spawn'), cpu }),
  fc.record({
    op: does('exit', 'linger', 'detach', 'drop', 'dropWide', 'close', 'dropKwatch', 'enable', 'disable'),
    which,
  }),
  fc.record({ op: does('store'), cpu, at }),
  fc.record({ op: does('storeOfTask'), which, at }),
  fc.record({ op: does('storeOfTask'), which, at: fc.constant(OF_TRACERS) }),
  fc.record({ op: does('gdbStop', 'gdbGo', 'gdbWatch', 'gdbUnwatch', 'gdbLeave') }),
  fc.record({ op: does('gdbHit'), cpu }),
  fc.record({ op: does('guest'), at }),
  fc.record({ op: does('offline', 'online'), cpu, refusal }),
  fc.record({ op: does('suspend'), refusal }),
  fc.record({ op: does('kexec', 'crash') }),
);
export const crowdOps = fc.array(crowdOp, { minLength: 5, maxLength: 40 });
export type CrowdOp = typeof crowdOp extends fc.Arbitrary<infer One> ? One : never;
