import { ARM64_QUIRKS } from '@hwbp/arch-arm64';
import type { HwBreakpointAttr } from '@hwbp/core';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import test, { type ExecutionContext } from 'ava';
import { A, BCR, type Debuggee, debuggee, errnoOf, load, type Options, store, systemCall, wcr } from './support.js';

const STORES: HwBreakpointAttr = { bp_type: 2, bp_addr: A, bp_len: 8 };

/** A perf event of the debuggee, and what it has counted. */
function counting({ kernel, task }: Debuggee, attr: Partial<HwBreakpointAttr> = {}): () => bigint {
  const { bp_type, bp_addr, bp_len } = { ...STORES, ...attr };
  const all = { ...attr, type: PERF_TYPE_BREAKPOINT, bp_type, bp_addr, bp_len: BigInt(bp_len) };
  const file = kernel.get(Perf).open(all, { pid: task.pid, cpu: -1 });
  return () => {
    const values = file.values();
    return values !== undefined && 'value' in values ? values.value : -1n;
  };
}

/** Each quirk by what it leaves behind, and what is left without it. */
const SHOWN: Readonly<
  Record<string, (t: ExecutionContext, on: boolean, make: (options?: Options) => Debuggee) => void>
> = {
  'arm64-touched-entries-take-slots': (t, on, make) => {
    const d = make();
    d.watch([0n, 0], [0n, 0]);
    const free = (): number => {
      const attr = { ...STORES, bp_addr: A + 0x80n, disabled: true };
      const held = Array.from({ length: 5 }, () =>
        errnoOf(() => d.kernel.breakpoints.registerUser(attr, () => {}, d.task)),
      );
      return held.filter((one) => one === 'ok').length;
    };
    t.is(free(), on ? 2 : 4);
    const other = make();
    other.watch([A, wcr(0xff)]);
    // The address alone does not suit the length that the entry has.
    t.is(
      errnoOf(() => other.watch([A + 4n, wcr(0x0f)])),
      on ? 'EINVAL' : 'ok',
    );
    t.deepEqual(other.watches[0]?.[0], on ? A : A + 4n);
    const third = make();
    // The second entry is refused: what is left of the first?
    t.is(
      errnoOf(() => third.watch([A, wcr(0xff)], [A + 8n, wcr(0)])),
      'EINVAL',
    );
    t.is(third.watches.length, on ? 2 : 0);
    const moved = make();
    moved.watch([A + 2n, wcr(0x80)]);
    moved.watch([A + 2n, 0]);
    t.deepEqual(moved.watches, on ? [[A, 0x9c]] : [[A + 2n, 0]]);
  },
  'arm64-accepts-any-execution': (t, on, make) => {
    const d = make();
    const ask = (bp_addr: bigint, bp_len: number): string =>
      errnoOf(() =>
        d.kernel.breakpoints.unregister(
          d.kernel.breakpoints.registerUser({ bp_type: 4, bp_addr, bp_len }, () => {}, d.task),
        ),
      );
    t.deepEqual(
      [ask(A, 4), ask(A, 8), ask(A, 3), ask(A + 1n, 4), ask(A, 9)],
      ['ok', 'ok', on ? 'ok' : 'EINVAL', on ? 'ok' : 'EINVAL', 'EINVAL'],
    );
  },
  'arm64-level-follows-address': (t, on, make) => {
    const { kernel, task } = make();
    const address = kernel.breakpoints.manifest.directMap + 0x1000n;
    const attr = { ...STORES, bp_addr: address };
    t.is(
      errnoOf(() => kernel.breakpoints.registerUser(attr, () => {}, task)),
      on ? 'EINVAL' : 'ok',
    );
    t.is(
      errnoOf(() => kernel.breakpoints.registerCpu(attr, () => {}, 0)),
      'ok',
    );
  },
  'arm64-shifted-mask-hides-kernel': (t, on, make) => {
    const { kernel } = make();
    const { taskSize } = kernel.breakpoints.manifest;
    const ask = (bp_addr: bigint, bp_len: number): string =>
      errnoOf(() => kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr, bp_len, exclude_kernel: true }, () => {}, 0));
    t.deepEqual(
      [ask(taskSize, 4), ask(taskSize + 4n, 4), ask(taskSize + 12n, 4)],
      ['EINVAL', on ? 'ok' : 'EINVAL', 'EINVAL'],
    );
  },
  'arm64-steps-like-a-tracer': (t, on, make) => {
    const d = make();
    const count = counting(d);
    d.watch([A, wcr(0xff)]);
    // The debugger is told before the store, which happens once it has let go of its watch.
    d.queue(store(A, 8), store(A, 8), store(A, 8));
    d.tracer.cont(d.task);
    t.is(d.tracer.wait(d.task)?.kind, 'signal');
    d.watch([A, 0]);
    t.deepEqual(d.run(), []);
    // By Linux the event has begun a step, which PTRACE_CONT has lost: all watches of the task are dead.
    t.is(count(), on ? 1n : 3n);
    const fresh = make();
    const seen: bigint[] = [];
    const { breakpoints } = fresh.kernel;
    breakpoints.registerUser(STORES, () => seen.push(fresh.task.memory.readInteger(A, 8)), fresh.task);
    fresh.run(store(A, 8));
    t.deepEqual(seen, [on ? 0n : 0x2an], 'before the store, or behind it');
    const both = make();
    const [first, second] = [counting(both), counting(both, { bp_addr: A + 0x40n })];
    // One instruction that touches both: only the reported one counts.
    both.run({
      accesses: [
        { kind: 'write', address: A, size: 8, value: 1n },
        { kind: 'write', address: A + 0x40n, size: 8, value: 1n },
      ],
    });
    t.deepEqual([first(), second()], [1n, on ? 0n : 1n]);
  },
  'arm64-copies-are-silent': (t, on, make) => {
    const d = make();
    const count = counting(d);
    d.run(systemCall({ kind: 'write', address: A, size: 8, value: 1n, unprivileged: true }));
    t.is(count(), on ? 0n : 1n);
    t.is(d.task.memory.readInteger(A, 8), 1n);
    const excluded = counting(d, { exclude_kernel: true });
    d.run(systemCall({ kind: 'write', address: A, size: 8, value: 2n, unprivileged: true }));
    t.deepEqual([count(), excluded()], [on ? 0n : 2n, 0n]);
  },
  'arm64-stepped-call-stops-twice': (t, on, make) => {
    const d = make();
    const stops = d.step(systemCall(), store(A));
    t.deepEqual(
      stops.map(([code, at]) => [code, at]),
      [...(on ? [['user', 4]] : []), ['step', 4], ['step', 8]],
    );
  },
  'arm64-detach-keeps-breakpoints': (t, on, make) => {
    const d = make();
    d.watch([A, wcr(0xff)]);
    d.queue(store(A));
    d.tracer.detach(d.task);
    d.kernel.machine.run(100);
    t.is(d.task.exit !== undefined && 'signal' in d.task.exit ? d.task.exit.signal : undefined, 'SIGTRAP');
    t.is(d.task.memory.readInteger(A, 1), on ? 0n : 0x2an);
  },
};

test('every quirk is shown', (t) => {
  t.deepEqual(Object.keys(SHOWN).toSorted(), ARM64_QUIRKS.map(({ name }) => name).toSorted());
});

for (const [name, show] of Object.entries(SHOWN)) {
  test(`${name}: on by default`, (t) => show(t, true, debuggee));
  test(`${name}: alone off`, (t) => show(t, false, (options) => debuggee({ ...options, quirks: { [name]: false } })));
  test(`${name}: off under strict`, (t) => show(t, false, (options) => debuggee({ ...options, strict: true })));
}

test('a breakpoint stops before the instruction, again and again, until its debugger steps over it', (t) => {
  for (const strict of [false, true]) {
    const d = debuggee({ strict });
    d.break([0x1000_0004n, BCR]);
    d.queue(load(A), store(A), load(A));
    for (let i = 0; i < 3; i++) {
      d.tracer.cont(d.task);
      const stop = d.tracer.wait(d.task);
      t.is(stop?.kind === 'signal' ? stop.info.si_addr : undefined, 0x1000_0004n);
    }
    d.break([0x1000_0004n, 0]);
    t.deepEqual(d.run(), []);
  }
});
