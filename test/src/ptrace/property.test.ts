import fc from 'fast-check';
import { ADDRESSES, Model } from './model.js';
import test from './schedulers.js';
import {
  A,
  copyOut,
  type Debuggee,
  debuggee,
  debuggeeIn,
  execHit,
  hit,
  load,
  ptraceKernel,
  type Stop,
  stepped,
  store,
  systemCall,
  TEXT,
} from './support.js';

const word = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const address = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ADDRESSES) }, { weight: 1, arbitrary: word });
/** A field of each register and any enables: mostly what can be, sometimes any 64 bits. */
const field = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0n, 1n, 3n, 5n, 7n, 9n, 11n, 13n, 15n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 15n }) },
);
const control = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        fields: fc.tuple(field, field, field, field),
        enables: fc.bigInt({ min: 0n, max: 0xffn }),
        rest: fc.constantFrom(0n, 0x300n, 0x2000n, 0xdc00n, 0xffff_ffff_0000_0000n),
      })
      .map(({ fields, enables, rest }) =>
        fields.reduce((bits, one, register) => bits | (one << BigInt(16 + 4 * register)), enables | rest),
      ),
  },
  { weight: 1, arbitrary: word },
);
const poke = fc
  .oneof(
    fc.tuple(fc.integer({ min: 0, max: 3 }), address),
    fc.tuple(fc.constant(7), control),
    fc.tuple(fc.constantFrom(4, 5, 6, 8), word),
  )
  .map(([register, value]) => ({ op: 'poke' as const, register, value }));
const touch = fc.record({
  op: fc.constant('touch' as const),
  stores: fc.boolean(),
  address: fc.integer({ min: -8, max: 24 }).map((offset) => A + BigInt(offset)),
  size: fc.constantFrom(1, 2, 4, 8, 16),
  step: fc.boolean(),
});
const call = fc.record({ op: fc.constant('call' as const) });
const life = fc.record({ op: fc.constantFrom('exec' as const, 'fork' as const, 'thread' as const) });
const step = fc.oneof(
  { weight: 12, arbitrary: poke },
  { weight: 4, arbitrary: touch },
  { weight: 1, arbitrary: call },
  { weight: 1, arbitrary: life },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `0x${inner.toString(16)}` : inner));

function same(what: string, got: unknown, expected: unknown): void {
  if (text(got) !== text(expected)) throw new Error(`${what}: expected ${text(expected)}, got ${text(got)}`);
}

/** One instruction at TEXT that makes an access, then INT3: what stops it on the way. */
function expectedStops(
  model: Model,
  { stores, address: at, size, step: steps }: Extract<Step, { op: 'touch' }>,
): Stop[] {
  const stops: Stop[] = [];
  const before = model.executeBits(TEXT);
  if (before !== 0) {
    stops.push(execHit(0, before));
    model.stop(before);
  }
  const bits = model.dataBits(stores, at, size);
  if (steps || bits !== 0) {
    stops.push(steps ? stepped(4, bits) : hit(4, bits));
    model.stop(bits, steps);
  }
  const behind = model.executeBits(TEXT + 4n);
  if (behind !== 0) {
    stops.push(execHit(4, behind));
    model.stop(behind);
  }
  return stops;
}

/** A system call of 2 bytes at TEXT in which the kernel fills what the debugger watches. */
function expectedCallStops(model: Model): Stop[] {
  const before = model.executeBits(TEXT);
  if (before === 0) return [];
  model.stop(before);
  return [execHit(0, before)];
}

/** Plays one step on both, and compares everything that can be read. */
function play(d: Debuggee, model: Model, one: Step): void {
  const before = d.registers;
  if (one.op === 'poke') {
    const errno = d.tryPoke(one.register, one.value);
    same('errno', errno, model.poke(one.register, one.value));
    if (errno !== 'ok') same('registers after a refusal', d.registers, before);
  } else if (one.op === 'touch') {
    const code = (one.stores ? store : load)(one.address, one.size);
    const expected = expectedStops(model, one);
    same('stops', one.step ? d.step(code) : d.run(code), expected);
  } else if (one.op === 'call') {
    const expected = expectedCallStops(model);
    same('stops', d.run(systemCall(...copyOut(A - 8n, 32))), expected);
  } else if (one.op === 'exec') {
    // A breakpoint on the system call itself would only stop it once more.
    if (model.executeBits(TEXT) !== 0) return;
    d.run(d.execCall());
    model.reset();
  } else {
    if (model.executeBits(TEXT) !== 0 || model.executeBits(TEXT + 2n) !== 0) return;
    const child = d.bear(one.op === 'thread');
    same('addresses of a child', child.registers.slice(0, 4), [0n, 0n, 0n, 0n]);
    same('slots of a child', child.slots, 0);
    d.kernel.machine.exit(child.task);
    d.tracer.poll(child.task);
  }
  same('registers', d.registers, model.registers);
  same('slots', d.slots, model.used);
}

for (const strict of [true, false]) {
  test(`${strict ? 'strict' : 'with the quirks'}: random POKEs, accesses, system calls, execs and children: every PEEK, errno, slot and stop is what a plain model says`, (t) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 40 }), (held, steps) => {
        const d = debuggee({ strict, trace: { traceFork: true, traceClone: true } });
        // Somebody else's breakpoints, away from everything: they only take room.
        const others = Array.from({ length: held }, (_, i) =>
          d.kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: 0x7000n + BigInt(i), bp_len: 1 }, () => {}, 0),
        );
        const model = new Model(4 - held, !strict);
        for (const one of steps) play(d, model, one);
        d.kernel.machine.exit(d.task);
        for (const other of others) d.kernel.breakpoints.unregister(other);
        same('what is left after exit', d.kernel.breakpoints.isUsed, false);
        same('what is registered after exit', d.kernel.breakpoints.registered.length, 0);
        same('what is armed after exit', d.kernel.machine.cpu(0).unit.filter.ranges.length, 0);
        d.kernel.dispose();
      }),
      { numRuns: 400 },
    );
    t.pass();
  });
}

test('strict: a refused write leaves every PEEK, every slot and what it watches as it was', (t) => {
  const setting = (d: Debuggee): string =>
    text(d.kernel.breakpoints.registered.map(({ attr, state }) => ({ ...attr, state })));
  let refused = 0;
  fc.assert(
    fc.property(fc.array(poke, { maxLength: 25 }), (pokes) => {
      const d = debuggee({ strict: true });
      for (const { register, value } of pokes) {
        const before = [d.registers, setting(d)];
        if (d.tryPoke(register, value) === 'ok') continue;
        refused++;
        same(`after ${register} := ${value}`, [d.registers, setting(d)], before);
      }
      d.kernel.dispose();
    }),
    { numRuns: 300 },
  );
  t.true(refused > 500, `${refused} writes were refused`);
});

test('two debuggers of two tasks, on one CPU or two: neither ever sees the state of the other', (t) => {
  const who = fc.integer({ min: 0, max: 1 });
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(1, 2),
      fc.array(fc.tuple(who, fc.oneof(poke, touch, call)), { maxLength: 40 }),
      fc.boolean(),
      (strict, cpus, steps, detaches) => {
        const kernel = ptraceKernel({ strict, cpus });
        const pair = [debuggeeIn(kernel), debuggeeIn(kernel)] as const;
        const models = [new Model(4, !strict), new Model(4, !strict)] as const;
        for (const [index, one] of steps) {
          const [mine, other] = index === 0 ? pair : [pair[1], pair[0]];
          const before = other.registers;
          play(mine, models[index === 0 ? 0 : 1], one);
          same("the other task's registers", other.registers, before);
          same("the other task's slots", other.slots, models[index === 0 ? 1 : 0].used);
        }
        if (detaches) {
          pair[0].tracer.close();
          same('after the other debugger died', pair[1].registers, models[1].registers);
        }
        kernel.machine.exit(pair[0].task);
        same('after the other task ended', pair[1].registers, models[1].registers);
        kernel.machine.exit(pair[1].task);
        same('at the end', kernel.breakpoints.isUsed, false);
        kernel.dispose();
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('seed mode: any hits inside one system call leave exactly the bits of the debugger’s slots that were hit, and one stop', (t) => {
  const owner = fc.constantFrom<'debugger' | 'kernel'>('debugger', 'kernel');
  fc.assert(
    fc.property(
      fc.array(owner, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
      fc.boolean(),
      (owners, hits, strict) => {
        const d = debuggee({ strict, features: { accumulateDr6: true } });
        const at = (i: number): bigint => A + BigInt(8 * i);
        const counts = owners.map(() => 0);
        // The debugger's slot i is for place i, whichever hardware registers are left for it.
        let enables = 0n;
        owners.forEach((one, i) => {
          if (one === 'debugger') {
            d.poke(i, at(i));
            enables |= (0x1_0000n << BigInt(4 * i)) | (1n << BigInt(2 * i));
            d.poke(7, enables);
          } else {
            const attr = { bp_type: 2, bp_addr: at(i), bp_len: 1 };
            const count = (): void => {
              counts[i] = (counts[i] ?? 0) + 1;
            };
            d.kernel.breakpoints.registerCpu(attr, count, 0);
          }
        });
        const accesses = hits.map((i) => ({ kind: 'write' as const, address: at(i), size: 1 }));
        const bits = hits.reduce((all, i) => (owners[i] === 'debugger' ? all | (1 << i) : all), 0);
        same('stops', d.run(systemCall(...accesses)), bits === 0 ? [] : [hit(2, bits)]);
        same(
          'the kernel’s own hits',
          counts,
          owners.map((one, i) => (one === 'kernel' ? hits.filter((place) => place === i).length : 0)),
        );
        d.kernel.dispose();
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
