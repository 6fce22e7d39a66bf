import { fc, testProp } from '@fast-check/ava';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { architecture, HW_BREAKPOINT_W, type Kernel, KernelError } from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import { Xmon, type XmonSession } from '@hwbp/xmon';
import { lostCount } from '../xmon/lost-count.js';

const ARCHES = {
  x86: x86(),
  power7: ppc64({ cpu: 'power7' }),
  power10: ppc64({ cpu: 'power10' }),
  fake: architecture(fakeBackend({ slots: 2, timing: 'before' })),
} as const;

const place = fc.constantFrom('requests', 'requests+8', 'serve', 'serve+4', 'serve+c', 'reset_stats', 'reset_stats+4');
const command = fc.oneof(
  fc.tuple(fc.constantFrom('b', 'bi', 'bd', 'bdr', 'bdw', 'bc'), place).map((words) => words.join(' ')),
  fc.constantFrom('x', 'X', 's', 's', 'bc', 'bi', 'b', 'c0', 'c1', 'e', 't', 'r', 'm8 requests 9'),
);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('line' as const), text: command }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('run' as const), budget: fc.nat(12) }) },
  fc.record({ kind: fc.constant('enter' as const) }),
  fc.record({ kind: fc.constant('online' as const), online: fc.boolean() }),
  fc.record({ kind: fc.constant('watch' as const), offset: fc.constantFrom(0n, 8n) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function perform(kernel: Kernel, session: XmonSession, one: Action): void {
  try {
    if (one.kind === 'line') session.line(one.text);
    else if (one.kind === 'run') session.run(one.budget);
    else if (one.kind === 'enter') session.enter();
    else if (one.kind === 'online') kernel.machine.setOnline(1, one.online);
    else watch(kernel, one.offset);
  } catch (error) {
    // A CPU inside an exception, a register that xmon has: refused, and told so.
    if (!(error instanceof KernelError)) throw error;
  }
}

/** Somebody else's watch. */
function watch(kernel: Kernel, offset: bigint): void {
  const bp_addr = kernel.breakpoints.manifest.directMap + 0x2000n + offset;
  kernel.breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len: 8 }, () => {}, 0);
}

/** Ranges that are armed on a CPU; software breakpoints are some of them while the machine runs. */
const armed = ({ machine }: Kernel, cpu: number): number => machine.cpu(cpu).unit.filter.ranges.length;

testProp(
  'whatever is typed while CPUs come and go: nothing is armed while xmon has the machine, and everything it took comes back',
  [fc.constantFrom(...(Object.keys(ARCHES) as (keyof typeof ARCHES)[])), fc.array(action, { maxLength: 40 })],
  (t, name, actions) => {
    using kernel = lostCount(ARCHES[name]);
    const { machine, breakpoints } = kernel;
    const session = kernel.get(Xmon).open();
    for (const one of actions) {
      perform(kernel, session, one);
      t.is(breakpoints.debugger.inside, session.inside ? 'xmon' : undefined);
      t.is(machine.gates, session.inside ? 1 : 0);
      if (!session.inside) continue;
      t.is(machine.planted.size, 0);
      for (const { index } of machine.onlineCpus) t.is(armed(kernel, index), 0, `CPU ${index}`);
      const [, ...points] = session.line('b').split('\n');
      const data = points.filter((line) => line.startsWith('   data')).length;
      const executes =
        name === 'power7' || name === 'power10' ? 0 : points.filter((line) => line.includes('inst')).length;
      for (const { index } of machine.onlineCpus) {
        const mine = breakpoints.debugger.claims.filter(({ breakpoint }) => breakpoint.cpu === index);
        t.true(mine.length <= data + executes, `CPU ${index} has what the list says, or less if others were first`);
        if (index === 0) t.is(mine.length, data + executes);
      }
    }
    const others = breakpoints.registered.length;
    session.close();
    t.deepEqual(breakpoints.debugger.claims, []);
    t.is(machine.planted.size, 0);
    t.is(machine.gates, 0);
    t.is(armed(kernel, 0), others);
    const { reason } = machine.run();
    t.true(reason === 'idle' || reason === 'suspended');
  },
  { numRuns: 200 },
);
