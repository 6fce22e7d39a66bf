import { PPC64_QUIRKS } from '@hwbp/arch-ppc64';
import type { KernelOptions } from '@hwbp/core';
import { PERF_TYPE_BREAKPOINT, Perf } from '@hwbp/perf';
import test, { type ExecutionContext } from 'ava';
import { A, type Debuggee, debuggee, errnoOf, load, type Options, store } from './support.js';

/** Each quirk by what it leaves behind, and what is left without it. */
const SHOWN: Readonly<
  Record<string, (t: ExecutionContext, on: boolean, make: (options?: Options) => Debuggee) => void>
> = {
  'ppc64-length-is-16-bits': (t, on, make) => {
    const d = make();
    t.is(
      errnoOf(() => d.watch(A, 65536n + 8n)),
      on ? 'ok' : 'EINVAL',
    );
    t.is(d.run(store(A + 7n)).length, on ? 1 : 0);
  },
  'ppc64-ignores-type-bits': (t, on, make) => {
    const { kernel, task } = make();
    t.is(
      errnoOf(() => kernel.breakpoints.registerUser({ bp_type: 9, bp_addr: A, bp_len: 1 }, () => {}, task)),
      on ? 'ok' : 'EINVAL',
    );
  },
  'ppc64-dabr-takes-address-bits': (t, on, make) => {
    const d = make({ features: { cpu: 'power7' } });
    let calls = 0;
    d.kernel.breakpoints.registerUser({ bp_type: 1, bp_addr: A + 7n, bp_len: 1 }, () => calls++, d.task);
    d.queue(store(A), load(A + 7n));
    if (!on) {
      t.deepEqual(d.run(), []);
      t.is(calls, 1);
      return;
    }
    // The store matches, nobody wants it, and the task gets a SIGTRAP again and again.
    for (let i = 0; i < 5; i++) {
      d.tracer.cont(d.task);
      const status = d.tracer.wait(d.task);
      t.is(status?.kind === 'signal' ? status.info.si_addr : undefined, A);
    }
    t.is(calls, 0);
  },
  'ppc64-unmatched-hit-disarms': (t, on, make) => {
    const d = make({ features: { cpu: 'power7', dabrx: false } });
    const attr = { bp_type: 2, bp_addr: A, bp_len: 8, exclude_user: true };
    d.kernel.breakpoints.registerCpu(attr, () => t.fail('excluded'), 0);
    t.deepEqual(d.run(store(A)).slice(0, 1), on ? [['hwbkpt', 0, 0]] : []);
  },
  'ppc64-reserve-disables': (t, on, make) => {
    const d = make();
    let calls = 0;
    const attr = { bp_type: 3, bp_addr: A, bp_len: 8 };
    const breakpoint = d.kernel.breakpoints.registerUser(attr, () => calls++, d.task);
    d.run({ ...load(A, 8), reserve: true }, store(A, 8));
    t.is(calls, on ? 0 : 2);
    t.is(breakpoint.enabled, !on);
  },
  'ppc64-debugger-hit-takes-all': (t, on, make) => {
    const d = make();
    const seen: bigint[] = [];
    const attr = { bp_type: 2, bp_addr: A + 4n, bp_len: 4 };
    d.kernel.breakpoints.registerUser(attr, () => seen.push(d.task.memory.readInteger(A + 4n, 1)), d.task);
    d.set(A);
    t.is(d.run(store(A)).length, 1);
    t.deepEqual(seen, on ? [0n] : [], 'told of bytes that it did not ask for');
    d.set(A);
    t.is(d.run(store(A + 4n)).length, 1);
    t.deepEqual(seen, on ? [0n, 0n, 0x2an] : [0x2an], 'told before the access, and again after it');
  },
  'ppc64-readback-is-stale': (t, on, make) => {
    const d = make();
    d.set(A);
    d.set(0n, 0n);
    t.is(d.readback, on ? A | 7n : 0n);
    d.set(A + 8n);
    d.tracer.delHwDebug(d.task, 1);
    t.is(d.readback, on ? (A + 8n) | 7n : 0n);
    t.false(d.kernel.breakpoints.isUsed);
  },
  'ppc64-readback-survives-fork-and-exec': (t, on, make) => {
    const d = make();
    d.set(A);
    const child = d.fork();
    t.is(child.readback, on ? A | 7n : 0n);
    t.is(child.run(store(A)).length, 0);
    d.exec();
    t.is(d.readback, on ? A | 7n : 0n);
    t.is(d.run(store(A)).length, 0);
  },
  'ppc64-detach-keeps-breakpoints': (t, on, make) => {
    const d = make();
    d.set(A);
    d.queue(store(A));
    d.tracer.detach(d.task);
    t.is(d.kernel.breakpoints.isUsed, on);
    d.kernel.machine.run(1000);
    t.deepEqual(d.task.exit, { signal: 'SIGTRAP' }, 'of the watch, or of the trap behind it');
    t.is(d.task.memory.readInteger(A, 1), on ? 0n : 0x2an);
  },
};

/** Shown where the rule is: overlap.test.ts. */
const ELSEWHERE = 'ppc64-overlap-ignores-task';

test('every quirk is shown', (t) => {
  t.deepEqual([...Object.keys(SHOWN), ELSEWHERE].sort(), PPC64_QUIRKS.map(({ name }) => name).sort());
  for (const quirk of PPC64_QUIRKS) {
    for (const field of ['what', 'versions', 'evidence', 'sane'] as const) t.true(quirk[field].length > 5);
  }
});

/** All quirks off but this one, or all on but this one. */
function only(name: string, on: boolean): Pick<KernelOptions, 'strict' | 'quirks'> {
  return { strict: on, quirks: { [name]: on } };
}

for (const name of Object.keys(SHOWN)) {
  for (const on of [true, false]) {
    test(`${name}, ${on ? 'on' : 'off'}`, (t) => {
      SHOWN[name]?.(t, on, (options) => {
        // What it depends on, or what hides it, is as it must be.
        const needs = name === 'ppc64-dabr-takes-address-bits' ? { 'ppc64-unmatched-hit-disarms': on } : {};
        const { strict = false, quirks = {} } = only(name, on);
        return debuggee({ ...options, strict, quirks: { ...needs, ...quirks } });
      });
    });
  }
}

test('perf events hear of a quirk as any breakpoint does: a load-reserve turns the event off', (t) => {
  const d = debuggee();
  const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 3, bp_addr: A, bp_len: 8 };
  const file = d.kernel.get(Perf).open(attr, { pid: d.task.pid });
  d.run(store(A), { ...load(A, 8), reserve: true }, store(A));
  const values = file.values();
  t.is(values !== undefined && 'value' in values ? values.value : undefined, 1n);
});

test('whoever is told at once and is no debugger in user space stays armed, quirks or not, and is told of each access', (t) => {
  for (const strict of [false, true]) {
    const d = debuggee({ strict });
    let calls = 0;
    const attr = { bp_type: 2, bp_addr: A, bp_len: 8 };
    d.kernel.breakpoints.registerCpu(attr, () => calls++, 0, { delivery: 'silicon' });
    t.deepEqual(d.run(store(A), {}, store(A)), []);
    t.is(calls, 2);
  }
});

test('without ppc64-unmatched-hit-disarms alone, an access of the wrong kind completes, and nobody is told', (t) => {
  const d = debuggee({ features: { cpu: 'power7' }, quirks: { 'ppc64-unmatched-hit-disarms': false } });
  // DABR takes the low address bits: this watch for loads matches stores too.
  const attr = { bp_type: 1, bp_addr: A + 7n, bp_len: 1 };
  const watch = d.kernel.breakpoints.registerUser(attr, () => t.fail('told of a store'), d.task);
  t.deepEqual(d.run(store(A)), []);
  t.is(d.task.memory.readInteger(A, 1), 0x2an);
  t.is(watch.hits, 0);
});
