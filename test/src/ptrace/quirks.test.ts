import { X86_QUIRKS } from '@hwbp/arch-x86';
import { HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import test from './schedulers.js';
import {
  A,
  type Debuggee,
  type DebugOptions,
  DR6,
  debuggee,
  dr7,
  hit,
  killedBy,
  nop,
  ptraceKernel,
  store,
} from './support.js';

const LEAVES_TRACES = 'x86-dr7-failure-leaves-traces';
const DETACH_KEEPS = 'x86-detach-keeps-breakpoints';
const FORK_COPIES = 'x86-fork-copies-dr6-dr7';
/** Of ranges and of guests: no debugger meets them. */
const OF_OTHERS = ['x86-range-enters-kernel', 'x86-kvm-injected-breakpoint-lost', 'x86-kvm-guest-dr6-leaks'];

test('the quirks of x86 are these, each with what, versions, evidence and the sane behaviour; on by default, off under strict', (t) => {
  t.deepEqual(
    X86_QUIRKS.map(({ name }) => name),
    [LEAVES_TRACES, DETACH_KEEPS, FORK_COPIES, ...OF_OTHERS],
  );
  for (const quirk of X86_QUIRKS) {
    t.true(Object.isFrozen(quirk));
    for (const text of [quirk.what, quirk.versions, quirk.evidence, quirk.sane]) t.true(text.length > 5);
  }
  const states = (options: DebugOptions): boolean[] =>
    ptraceKernel(options)
      .describe()
      .quirks.filter(({ name }) => name.startsWith('x86-') && !OF_OTHERS.includes(name))
      .map(({ on }) => on);
  t.deepEqual(states({}), [true, true, true]);
  t.deepEqual(states({ strict: true }), [false, false, false]);
  t.deepEqual(states({ quirks: { [DETACH_KEEPS]: false } }), [true, false, true]);
  t.deepEqual(states({ strict: true, quirks: { [FORK_COPIES]: true } }), [false, false, true]);
});

/** A composition with only this quirk on, or everything but it, and the same by `strict`. */
function eachWay(name: string): { readonly on: readonly DebugOptions[]; readonly off: readonly DebugOptions[] } {
  return {
    on: [{}, { strict: true, quirks: { [name]: true } }],
    off: [{ strict: true }, { quirks: { [name]: false } }],
  };
}

const ways = (options: DebugOptions): string => JSON.stringify(options);

test(`${LEAVES_TRACES}, on: a slot that the refused write made stays, off, and readable as 0`, (t) => {
  for (const options of eachWay(LEAVES_TRACES).on) {
    const d = debuggee(options);
    t.is(d.tryPoke(7, dr7(0, 'w') | dr7(1, 'io')), 'EINVAL');
    t.is(d.slots, 1, ways(options));
    t.deepEqual(d.registers, [0n, 0n, 0n, 0n, DR6, 0n]);
    t.like(d.kernel.breakpoints.registered[0]?.attr, { bp_type: HW_BREAKPOINT_X, disabled: true });
    t.deepEqual(d.run(store(0n)), []);
  }
});

test(`${LEAVES_TRACES}, off: it is given back`, (t) => {
  for (const options of eachWay(LEAVES_TRACES).off) {
    const d = debuggee(options);
    t.is(d.tryPoke(7, dr7(0, 'w') | dr7(1, 'io')), 'EINVAL');
    t.is(d.slots, 0, ways(options));
    t.false(d.kernel.breakpoints.isUsed);
  }
});

/** A slot that is off, of 8 bytes, and a refused write that is about another slot. */
function refusedWithSlotOff(options: DebugOptions): Debuggee {
  const d = debuggee(options);
  d.poke(7, dr7(0, 'w', 8));
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 8, 0) | dr7(1, 'w'));
  d.poke(1, A + 1n);
  return d;
}

test(`${LEAVES_TRACES}, on: a slot that is off becomes execute, 1 byte, so that it takes any address afterwards`, (t) => {
  for (const options of eachWay(LEAVES_TRACES).on) {
    const d = refusedWithSlotOff(options);
    t.is(d.tryPoke(0, A + 1n), 'EINVAL', 'it has 8 bytes');
    t.is(d.tryPoke(7, dr7(0, 'w', 8, 0) | dr7(1, 'w', 4)), 'EINVAL');
    t.is(d.tryPoke(0, A + 1n), 'ok', ways(options));
    t.deepEqual(d.run(store(A + 1n)), [hit(4, 2)], 'slot 1 is armed as before');
  }
});

test(`${LEAVES_TRACES}, off: it keeps its type and length`, (t) => {
  for (const options of eachWay(LEAVES_TRACES).off) {
    const d = refusedWithSlotOff(options);
    t.is(d.tryPoke(7, dr7(0, 'w', 8, 0) | dr7(1, 'w', 4)), 'EINVAL');
    t.is(d.tryPoke(0, A + 1n), 'EINVAL', ways(options));
    t.like(d.kernel.breakpoints.registered.find(({ address }) => address === A)?.attr, {
      bp_type: HW_BREAKPOINT_W,
      bp_len: 8,
    });
  }
});

test(`${LEAVES_TRACES}: on or off, armed slots and every readable register are as before the refused write`, (t) => {
  for (const strict of [false, true]) {
    const d = debuggee({ strict });
    d.poke(0, A);
    d.poke(2, A + 9n);
    d.poke(7, dr7(0, 'rw', 4) | 0x300n);
    const before = d.registers;
    t.is(d.tryPoke(7, dr7(0, 'w', 2) | dr7(1, 'w') | dr7(2, 'w', 4)), 'EINVAL');
    t.deepEqual(d.registers, before);
    t.deepEqual(d.run(store(A + 3n), store(A + 9n), nop), [hit(4, 1)]);
  }
});

test(`${DETACH_KEEPS}, on: slots and registers outlive the debugger, and the next hit kills the task with SIGTRAP`, (t) => {
  for (const options of eachWay(DETACH_KEEPS).on) {
    for (const leave of ['detach', 'close'] as const) {
      const d = debuggee(options);
      d.poke(0, A);
      d.poke(7, dr7(0, 'w'));
      d.queue(nop, store(A), nop);
      if (leave === 'detach') d.tracer.detach(d.task);
      else d.tracer.close();
      t.is(d.slots, 1, ways(options));
      d.kernel.machine.run(10);
      t.is(killedBy(d.task), 'SIGTRAP', `${leave}, ${ways(options)}`);
      t.false(d.kernel.breakpoints.isUsed, 'the end gives the slot back');
    }
  }
});

test(`${DETACH_KEEPS}, on: a handler of SIGTRAP saves the task, and sees where the hit was`, (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  const seen: unknown[] = [];
  d.task.handlers.set('SIGTRAP', (info) => {
    seen.push(info);
    return { state: 'done', run: () => 0 };
  });
  d.queue(store(A), ...new Array(20).fill(nop));
  d.tracer.detach(d.task);
  d.kernel.machine.run(10);
  t.true(d.task.alive);
  t.deepEqual(seen, [{ si_signo: 'SIGTRAP', si_code: 4, si_addr: 0x40_0004n }]);
});

test(`${DETACH_KEEPS}, off: nothing is left, and the store is harmless`, (t) => {
  for (const options of eachWay(DETACH_KEEPS).off) {
    for (const leave of ['detach', 'close'] as const) {
      const d = debuggee(options);
      d.poke(0, A);
      d.poke(6, 1n);
      d.poke(7, dr7(0, 'w'));
      d.queue(nop, store(A), ...new Array(20).fill(nop));
      if (leave === 'detach') d.tracer.detach(d.task);
      else d.tracer.close();
      t.is(d.slots, 0, `${leave}, ${ways(options)}`);
      d.kernel.machine.run(10);
      t.true(d.task.alive);
    }
  }
});

test(`${FORK_COPIES}, on: DR6 and DR7 of a child read as its parent's, and arm nothing`, (t) => {
  for (const options of eachWay(FORK_COPIES).on) {
    for (const thread of [false, true]) {
      const d = debuggee({ ...options, trace: { traceFork: true, traceClone: true } });
      d.poke(0, A);
      d.poke(7, dr7(0, 'w') | 0x2300n);
      t.deepEqual(d.run(store(A)), [hit(4, 1)]);
      const child = d.bear(thread);
      t.deepEqual(child.registers, [0n, 0n, 0n, 0n, DR6 | 1n, dr7(0, 'w') | 0x2300n], ways(options));
      t.is(child.slots, 0);
      t.deepEqual(child.run(store(A)), []);
      child.poke(0, A);
      t.deepEqual(child.run(store(A)), [], 'an address alone does not arm what DR7 only seems to say');
      child.poke(7, child.peek(7));
      t.deepEqual(child.run(store(A)), [hit(4, 1)]);
    }
  }
});

test(`${FORK_COPIES}, off: a child's registers read as if never written`, (t) => {
  for (const options of eachWay(FORK_COPIES).off) {
    const d = debuggee({ ...options, trace: { traceFork: true, traceClone: true } });
    d.poke(0, A);
    d.poke(7, dr7(0, 'w'));
    d.poke(6, 0x55n);
    for (const thread of [false, true]) {
      t.deepEqual(d.bear(thread).registers, [0n, 0n, 0n, 0n, DR6, 0n], ways(options));
    }
  }
});
