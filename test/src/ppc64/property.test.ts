import assert from 'node:assert/strict';
import { CPU_MODELS } from '@hwbp/arch-ppc64';
import { KernelError } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { DebuggerModel, type ModelAccess } from './model.js';
import { A, type Debuggee, debuggee, load, store } from './support.js';

const near = fc.integer({ min: -24, max: 600 }).map((n) => A + BigInt(n));
const close = fc.integer({ min: -16, max: 40 }).map((n) => A + BigInt(n));
const address = fc.oneof({ weight: 4, arbitrary: close }, near);
const access: fc.Arbitrary<ModelAccess> = fc.record({
  kind: fc.constantFrom('read', 'write'),
  address,
  size: fc.constantFrom(1, 2, 4, 8, 16, 32, 128),
});
const length = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 8n }) },
  fc.constantFrom(-8n, 0n, 9n, 64n, 500n, 512n, 513n, 70000n),
);

const operation = fc.oneof(
  fc.record({ op: fc.constant('SET_DEBUGREG' as const), address, flags: fc.bigInt({ min: 0n, max: 7n }) }),
  fc.record({ op: fc.constant('SETHWDEBUG' as const), address, length, kinds: fc.nat(3) }),
  fc.record({ op: fc.constant('DELHWDEBUG' as const), handle: fc.integer({ min: 0, max: 3 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('access' as const),
      accesses: fc.array(access, { minLength: 1, maxLength: 5 }),
    }),
  },
  fc.record({ op: fc.constant('exec' as const) }),
  fc.record({ op: fc.constant('fork' as const), accesses: fc.array(access, { maxLength: 3 }) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function attempt<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}

const run = (d: Debuggee, accesses: readonly ModelAccess[]): number[] =>
  d
    .run(...accesses.map(({ kind, address: at, size }) => (kind === 'read' ? load(at, size) : store(at, size))))
    .map(([code, , at]) => {
      assert.equal(code, 'hwbkpt');
      return at;
    });

/** Performs one operation on both, and compares. Returns what was answered. */
function both(d: Debuggee, model: DebuggerModel, operation: Operation): string {
  const { tracer, task } = d;
  switch (operation.op) {
    case 'SET_DEBUGREG': {
      const data = (operation.address & ~7n) | operation.flags;
      const answer = attempt(() => tracer.setDebugReg(task, 0, data)) ?? 'ok';
      assert.equal(answer, model.setDebugReg(data));
      return answer;
    }
    case 'SETHWDEBUG': {
      const { address: addr, length: bytes, kinds } = operation;
      const trigger_type = ((kinds & 1) << 1) | ((kinds & 2) << 1);
      const mode = { version: 1, addr_mode: 1, condition_mode: 0, condition_value: 0n };
      const answer = attempt(() => tracer.setHwDebug(task, { ...mode, trigger_type, addr, addr2: addr + bytes }));
      assert.equal(answer, model.setHwDebug(addr, bytes, kinds));
      return String(answer);
    }
    case 'DELHWDEBUG': {
      const answer = attempt(() => tracer.delHwDebug(task, operation.handle)) ?? 'ok';
      assert.equal(answer, model.delHwDebug(operation.handle));
      return answer;
    }
    case 'access': {
      const stops = run(d, operation.accesses);
      assert.deepEqual(stops, model.access(operation.accesses));
      return stops.length > 0 ? 'stops' : 'no stop';
    }
    case 'exec':
      d.exec();
      model.clear();
      return 'exec';
    case 'fork': {
      const child = d.fork();
      assert.deepEqual(run(child, operation.accesses), [], 'a child has no breakpoints');
      assert.equal(child.readback, 0n);
      d.kernel.machine.exit(child.task);
      return 'fork';
    }
  }
}

for (const cpu of ['power7', 'power8', 'power10'] as const) {
  test(`random requests of a debugger on ${cpu}: every answer, readback and stop is what the rules say`, (t) => {
    const { watches, crosses } = CPU_MODELS[cpu];
    const seen = new Map<string, number>();
    const property = fc.property(fc.array(operation, { minLength: 1, maxLength: 25, size: 'max' }), (operations) => {
      const d = debuggee({ features: { cpu }, strict: true });
      const model = new DebuggerModel({ slots: watches.length, longest: BigInt(watches[0].longest), crosses });
      for (const one of operations) {
        const answer = both(d, model, one);
        seen.set(answer, (seen.get(answer) ?? 0) + 1);
        assert.equal(d.readback, model.readback);
        assert.equal(d.kernel.breakpoints.registered.length, model.used);
      }
      d.kernel.dispose();
    });
    check(t, property, 150);
    for (const answer of ['ok', '1', 'EINVAL', 'ENOSPC', 'ENOENT', 'EIO', 'stops', 'no stop']) {
      t.true((seen.get(answer) ?? 0) > 3, `the operations were chosen so that ${answer} is common`);
    }
  });
}
