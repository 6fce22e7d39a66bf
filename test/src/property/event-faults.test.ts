import { x86 } from '@hwbp/arch-x86';
import {
  type BreakpointEventAttr,
  composeKernel,
  EVENT_TYPE,
  flexible,
  type Kernel,
  linuxSlotPolicy,
  perfEvents,
  priorities,
  program,
  type SlotPolicyPlugin,
  stateName,
  type Task,
} from '@hwbp/core';
import { Perf, type PerfEventAttr } from '@hwbp/perf';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { EventChaos, MISCHIEF } from './support/event-chaos.js';
import { fakeArch } from './support/fake-arch.js';
import { Faults } from './support/faults.js';

const where = fc.oneof(
  fc.record({
    bp_type: fc.constantFrom(2, 3),
    bp_addr: fc.nat(7).map((n) => 0x1000n + BigInt(8 * n)),
    bp_len: fc.constantFrom(4, 8),
  }),
  fc.record({
    bp_type: fc.constant(4),
    bp_addr: fc.nat(7).map((n) => 0x40_0000n + BigInt(4 * n)),
    bp_len: fc.constant(8),
  }),
);
const flags = fc.record({
  disabled: fc.nat(3).map((n) => n === 0),
  pinned: fc.boolean(),
  exclusive: fc.nat(3).map((n) => n === 0),
  inherit: fc.boolean(),
  enable_on_exec: fc.boolean(),
  sample_period: fc.constantFrom(0, 1, 1, 2),
});
const attr: fc.Arbitrary<BreakpointEventAttr> = fc
  .tuple(where, flags)
  .map(([what, how]) => ({ type: EVENT_TYPE.BREAKPOINT, ...what, ...how }));
const mischief = fc.record({ what: fc.constantFrom(...MISCHIEF), attr, index: fc.nat(40) });
const scenario = fc.record({
  script: fc.array(mischief, { minLength: 2, maxLength: 60, size: 'max' }),
  breaks: fc.array(
    fc.nat(3).map((n) => n === 0),
    { maxLength: 40, size: 'max' },
  ),
});

const POLICIES: Readonly<Record<string, SlotPolicyPlugin>> = {
  linux: linuxSlotPolicy(),
  flexible: flexible(),
  'priority, which takes registers away': priorities(),
};

for (const [name, slotPolicy] of Object.entries(POLICIES)) {
  test(`debug units that fail, handlers that call anything or throw, CPUs that go: nothing leaks (${name})`, (t) => {
    let calls = 0;
    let failures = 0;
    const property = fc.property(scenario, fc.boolean(), (what, exclusiveBreakpoints) => {
      const arch = exclusiveBreakpoints ? fakeArch({ data: 2, instruction: 1, shared: false }) : x86();
      const chaos = new EventChaos({ arch, slotPolicy, exclusiveBreakpoints, ...what });
      chaos.play();
      chaos.kernel.dispose();
      calls += chaos.calls;
      failures += chaos.failures;
    });
    check(t, property, 200);
    t.true(calls > 1000, `handlers were called: ${calls}`);
    t.true(failures > 300, `installations failed: ${failures}`);
  });
}

const STORE = { pc: 0x40_0000n, length: 4, accesses: [{ kind: 'write', address: 0x1000n, size: 4 }] } as const;
const WRITES: PerfEventAttr = { type: EVENT_TYPE.BREAKPOINT, bp_type: 2, bp_addr: 0x1000n, bp_len: 4, read_format: 3 };

/** A task that stores to 0x1000 for ever, on a CPU of its own, and hardware that can break down. */
function storing(): { kernel: Kernel; perf: Perf; task: Task; faults: Faults } {
  const faults = new Faults();
  const kernel = composeKernel({
    arch: faults.arch(x86()),
    slotPolicy: faults.policy(linuxSlotPolicy()),
    breakpointScheduler: perfEvents(),
    plugins: [Perf],
    quantum: 4,
    tick: 4000,
  });
  const store = function* () {
    for (;;) yield STORE;
  };
  const task = kernel.machine.spawn(program(store));
  kernel.machine.run(1);
  return { kernel, perf: kernel.get(Perf), task, faults };
}

for (const how of ['throws', 'full'] as const) {
  test(`a pinned event that finds no register is in error, reads as end of file, and waits to be enabled (${how})`, (t) => {
    const { kernel, perf, task, faults } = storing();
    faults.set(how, 0x1000n, true);
    const file = perf.open({ ...WRITES, pinned: true }, { pid: task.pid });
    t.is(stateName(file.event.state), 'ERROR');
    t.is(file.read().length, 0, 'end of file');
    file.enable();
    t.is(stateName(file.event.state), 'ERROR', 'tried, in vain');
    faults.set(how, 0x1000n, false);
    kernel.machine.run(40);
    t.is(stateName(file.event.state), 'ERROR', 'nobody tries again by himself');
    file.enable();
    kernel.machine.run(5);
    t.is(stateName(file.event.state), 'ACTIVE');
    t.like(file.values(), { value: 5n, time_enabled: 5000n, time_running: 5000n });
    file.close();
    t.false(kernel.breakpoints.isUsed);
    kernel.dispose();
  });

  test(`a flexible event that finds no register stays inactive and is tried again at each tick (${how})`, (t) => {
    const { kernel, perf, task, faults } = storing();
    faults.set(how, 0x1000n, true);
    const file = perf.open(WRITES, { pid: task.pid });
    t.is(stateName(file.event.state), 'INACTIVE');
    kernel.machine.run(9);
    t.is(stateName(file.event.state), 'INACTIVE');
    t.like(file.values(), { time_enabled: 9000n, time_running: 0n });
    faults.set(how, 0x1000n, false);
    kernel.machine.run(8);
    t.is(stateName(file.event.state), 'ACTIVE', 'a tick came by');
    const hits = BigInt(file.breakpoint?.hits ?? 0);
    t.true(hits > 0n);
    const values = { value: hits, time_enabled: 17_000n, time_running: hits * 1000n };
    t.like(file.values(), values, 'a count that can be scaled');
    file.close();
    t.false(kernel.breakpoints.isUsed);
    kernel.dispose();
  });

  test(`a group of which one member finds no register is off as a whole (${how})`, (t) => {
    const { kernel, perf, task, faults } = storing();
    faults.set(how, 0x1008n, true);
    const leader = perf.open(WRITES, { pid: task.pid });
    kernel.machine.run(3);
    const member = perf.open({ ...WRITES, bp_addr: 0x1008n }, { pid: task.pid, groupFd: leader.fd });
    kernel.machine.run(20);
    for (const { event } of [leader, member]) t.is(stateName(event.state), 'INACTIVE');
    t.like(leader.values(), { value: 3n });
    member.close();
    kernel.machine.run(8);
    t.is(stateName(leader.event.state), 'ACTIVE', 'at the next tick');
    leader.close();
    t.false(kernel.breakpoints.isUsed);
    kernel.dispose();
  });
}
