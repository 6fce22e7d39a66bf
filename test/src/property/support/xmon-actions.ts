import { fc } from '@fast-check/ava';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { architecture, HW_BREAKPOINT_W, type Kernel, KernelError } from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import { Xmon, type XmonSession } from '@hwbp/xmon';

/** Where they are played. */
export const ARCHES = {
  x86: x86(),
  power7: ppc64({ cpu: 'power7' }),
  power10: ppc64({ cpu: 'power10' }),
  fake: architecture(fakeBackend({ slots: 2, timing: 'before' })),
} as const;

export type ArchName = keyof typeof ARCHES;

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
export type XmonAction = typeof action extends fc.Arbitrary<infer T> ? T : never;
/** What somebody types, and what happens meanwhile. */
export const xmonActions = fc.array(action, { maxLength: 40 });

function perform(kernel: Kernel, session: XmonSession, one: XmonAction): void {
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

/** Registers that xmon has by its list, on each CPU that was there in time. */
function listed(session: XmonSession, name: ArchName): number {
  const [, ...points] = session.line('b').split('\n');
  const executes = name === 'x86' || name === 'fake';
  return points.filter((line) => line.startsWith('   data') || (executes && line.includes(' inst '))).length;
}

/** Plays actions on a kernel; everything that is not as it has to be. */
export function play(kernel: Kernel, name: ArchName, actions: readonly XmonAction[]): readonly string[] {
  const { machine, breakpoints } = kernel;
  const wrong: string[] = [];
  const check = (what: string, holds: boolean): void => void (holds || wrong.push(what));
  const session = kernel.get(Xmon).open();
  const claimed = (cpu: number): number =>
    breakpoints.debugger.claims.filter(({ breakpoint }) => breakpoint.cpu === cpu).length;
  for (const one of actions) {
    perform(kernel, session, one);
    check('the layer knows who has the machine', breakpoints.debugger.inside === (session.inside ? 'xmon' : undefined));
    check('there is one gate while xmon has the machine', machine.gates === (session.inside ? 1 : 0));
    if (!session.inside) continue;
    check('no software breakpoint is in place', machine.planted.size === 0);
    check(
      'nothing is armed',
      machine.onlineCpus.every(({ index }) => armed(kernel, index) === 0),
    );
    check('CPU 0 has what the list says', claimed(0) === listed(session, name));
    check('CPU 1 has no more than that', claimed(1) <= listed(session, name));
  }
  const others = breakpoints.registered.length;
  session.close();
  check('every register is given back', breakpoints.debugger.claims.length === 0);
  check('no software breakpoint is left', machine.planted.size === 0);
  check('no gate is left', machine.gates === 0);
  check('what others have is armed', armed(kernel, 0) === others);
  return wrong;
}
