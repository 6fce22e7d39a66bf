import { x86 } from '@hwbp/arch-x86';
import {
  assemble,
  composeKernel,
  directScheduler,
  HW_BREAKPOINT_W,
  type Instruction,
  perfEvents,
  program,
} from '@hwbp/core';
import { inLoads, unit } from './access-path.js';
import { alternate, beside, nanoseconds, ratio, type Sampled, sink } from './measure.js';
import type { Row } from './row.js';

/** The real thing for a counting hit, in nanoseconds. */
const REAL_HIT = 8400;
/** Few: a machine that others load interrupts a long sample more often than not. */
const HITS = 1000;
const STORE: Instruction = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8 }] };

/** A program that stores to the same place forever, which is watched or not. */
function storing(watched: boolean, scheduler = directScheduler()): () => void {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: scheduler });
  const forever = program(function* () {
    for (;;) yield STORE;
  });
  const task = kernel.machine.spawn(forever);
  const handler = (): void => {
    sink.value++;
  };
  if (watched) {
    kernel.breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n, bp_len: 8 }, handler, task);
  }
  return () => void kernel.machine.run(HITS);
}

/** The same store as a routine of an assembly, which is compiled; or a description that is made anew each time. */
function storingRoutine(): () => void {
  const stores = Array.from({ length: 63 }, () => 'store [word], r0').join('\n');
  const kernel = composeKernel({ arch: x86() });
  kernel.machine.spawn(assemble(`word: .u64 0\nmain: ${stores}\n jmp main`).program('main'));
  return () => void kernel.machine.run(HITS);
}

function storingAnew(): () => void {
  const kernel = composeKernel({ arch: x86() });
  const forever = program(function* () {
    for (let value = 0n; ; value++)
      yield { pc: 0x1000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 8, value }] };
  });
  kernel.machine.spawn(forever);
  return () => void kernel.machine.run(HITS);
}

/** An instruction without a hit, and what it is more from an access that hits to the handler and back. */
export function hits(): readonly Row[] {
  const engine = perfEvents();
  const times = alternate(
    HITS,
    {
      unit,
      routine: storingRoutine(),
      anew: storingAnew(),
      quiet: storing(false),
      hit: storing(true),
      quietEvents: storing(false, engine),
      hitEvents: storing(true, engine),
    },
    600,
  );
  const load = inLoads(times.unit, HITS);
  const note = ({ median }: Sampled): string => `${median.toFixed(0)} ns`;
  const direct = beside(times.hit, times.quiet);
  const events = beside(times.hitEvents, times.quietEvents);
  const most = { unit: 'U', bound: 'most' } as const;
  return [
    {
      ...most,
      what: "an instruction of a composed kernel, a routine's (one access)",
      figure: ratio(times.routine, load),
      target: 40,
      note: note(nanoseconds(times.routine)),
    },
    {
      ...most,
      what: "an instruction of a composed kernel, a generator's that makes each anew (one access, a value)",
      figure: ratio(times.anew, load),
      target: 200,
      note: note(nanoseconds(times.anew)),
    },
    {
      ...most,
      what: "an instruction of a composed kernel, a generator's (one access)",
      figure: ratio(times.quiet, load),
      target: 200,
      note: note(nanoseconds(times.quiet)),
    },
    {
      ...most,
      what: 'hit delivered to a handler',
      figure: beside(times.hit, times.quiet, load),
      target: 200,
      note: note(direct),
    },
    {
      ...most,
      what: 'events: hit delivered to a handler',
      figure: beside(times.hitEvents, times.quietEvents, load),
      target: 280,
      note: note(events),
    },
    {
      what: 'hit delivered / a real counting hit (8.4 us)',
      figure: beside(
        times.hit,
        times.quiet,
        times.hit.map(() => REAL_HIT),
      ),
      unit: 'x',
      bound: 'most',
      target: 0.05,
    },
  ];
}
