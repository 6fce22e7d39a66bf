import { x86 } from '@hwbp/arch-x86';
import {
  type BreakpointEventAttr,
  EVENT_TYPE,
  flexibleSlotPolicy,
  linuxSlotPolicy,
  type SlotPolicyFactory,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { PriorityPolicy } from '../policies/priority-policy.js';
import { check } from './support/check.js';
import { EventChaos, MISCHIEF } from './support/event-chaos.js';
import { fakeArch } from './support/fake-arch.js';

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

const POLICIES: Readonly<Record<string, SlotPolicyFactory>> = {
  linux: linuxSlotPolicy,
  flexible: flexibleSlotPolicy,
  'priority, which takes registers away': (host) => new PriorityPolicy(host),
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
