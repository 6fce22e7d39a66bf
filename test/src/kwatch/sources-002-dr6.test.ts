import { NOTIFY_DONE, priorities, program, USER_DEBUGGERS } from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import { Ptrace } from '@hwbp/ptrace';
import { A, type Debuggee, DR6, debuggee, dr7, hit, nop, store, systemCall } from '../ptrace/support.js';
import { both } from './both.js';
import { Rig, USER_DATA } from './support.js';

/*
 * The sentences of the kwatch thread of February 2007 (docs/sources.md, rows 002-1 to 002-5): who
 * owns which bit of DR6. The other rows are in sources-002-registers.test.ts.
 */

const PTRACE = 4;
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;
const write = (address: bigint) => ({ kind: 'write' as const, address, size: 1 });

/** A debuggee with watches of one byte in its registers 0 and 1, DR6 as agreed in 2007, and kwatch beside ptrace. */
function traced(options: object): {
  readonly d: Debuggee;
  readonly kwatch: Kwatch;
  readonly kernelHits: number[];
  seen: unknown[];
} {
  const d = debuggee({
    features: { accumulateDr6: true },
    strict: true,
    slotPolicy: priorities(),
    plugins: [Ptrace, Kwatch],
    ...options,
  });
  d.poke(0, A);
  d.poke(1, A + 8n);
  d.poke(7, dr7(0, 'w') | dr7(1, 'w'));
  const kwatch = d.kernel.get(Kwatch);
  const kernelHits: number[] = [];
  const seen: unknown[] = [];
  const triggered = (_watch: unknown, { breakpoint }: { readonly breakpoint: { readonly register: number } }): void => {
    kernelHits.push(breakpoint.register);
    seen.splice(0, 4, ...d.kernel.breakpoints.occupants(0).map((one) => one?.owner));
  };
  kwatch.registerKernel({ address: A + 16n, length: 1, type: 2, triggered });
  return { d, kwatch, kernelHits, seen };
}

both('002-1: each allocation owns the bit of DR6 that has its number', (t, scheduler) => {
  const { d, kernelHits, seen } = traced(scheduler);
  t.deepEqual(d.run(store(A)), [hit(4, 0b01)]);
  t.deepEqual(d.run(store(A + 8n)), [hit(4, 0b10)]);
  t.deepEqual(d.run(store(A + 16n)), []);
  t.deepEqual(kernelHits, [3]);
  t.deepEqual(seen, [USER_DEBUGGERS, USER_DEBUGGERS, undefined, 'kwatch'], 'users from below, the kernel from above');
});

both('002-2: a debugger sees the bits of user allocations only', (t, scheduler) => {
  const { d, kernelHits } = traced(scheduler);
  t.deepEqual(d.run(store(A + 16n), nop), [], 'a hit of the kernel stops nobody');
  t.is(d.peek(6), DR6);
  t.deepEqual(d.run(systemCall(write(A + 16n), write(A))), [hit(2, 0b01)]);
  t.is(d.peek(6), DR6 | 0b01n);
  t.is(kernelHits.length, 2);
});

both('002-3: who handles a hit takes away its own bit and leaves the rest of DR6', (t, scheduler) => {
  const { d, kernelHits, kwatch } = traced(scheduler);
  kwatch.registerKernel({ address: A, length: 1, type: 2, triggered: () => kernelHits.push(-1) });
  t.deepEqual(d.run(store(A)), [hit(4, 0b01)], 'one access, one exception, a hit of the kernel and one of the user');
  t.deepEqual(kernelHits, [-1]);
});

both(
  '002-4: a user hit, a kwatch hit and another user hit inside one system call leave exactly the two user bits',
  (t, scheduler) => {
    const places = [A, A + 16n, A + 8n] as const;
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const) {
      const { d, kernelHits } = traced(scheduler);
      const call = systemCall(...order.map((i) => write(places[i])));
      t.deepEqual(d.run(call, nop), [hit(2, 0b11)], 'one stop, where the system call returns to');
      t.is(d.peek(6), DR6 | 0b11n);
      t.deepEqual(kernelHits, [3]);
    }
  },
);

both('002-4: the same when an interrupt handler makes the hits, in the middle of the system call', (t, scheduler) => {
  const { d, kernelHits } = traced(scheduler);
  const { machine } = d.kernel;
  const cpu = machine.cpu(0);
  const kernelText = { pc: KERNEL_TEXT, length: 4 };
  machine.hooks.interrupt.add((on) => {
    for (const address of [A + 16n, A + 8n]) on.execute({ ...kernelText, accesses: [write(address)] });
  });
  const syscall = program(function* () {
    yield { ...kernelText, accesses: [write(A)] };
    cpu.interrupts.raise(7);
    yield kernelText;
  });
  t.deepEqual(d.run({ length: 2, syscall }, nop), [hit(2, 0b11)]);
  t.deepEqual(kernelHits, [3]);
});

both('002-5: several watches on one address are all reported from one exception', (t, scheduler) => {
  const rig = new Rig(scheduler);
  const task = rig.task('writer', USER_DATA);
  rig.wide('kernel one', { address: USER_DATA });
  rig.wide('kernel two', { address: USER_DATA });
  rig.user('user', task, PTRACE);
  let exceptions = 0;
  rig.kernel.machine.dieChain.register(() => {
    exceptions++;
    return NOTIFY_DONE;
  }, Number.MAX_SAFE_INTEGER);
  rig.kernel.machine.run(1);
  t.deepEqual(rig.told().sort(), ['!kernel one', '!kernel two', '!user']);
  t.is(exceptions, 1);
});
