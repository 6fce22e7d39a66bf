import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, type Plugin, program } from '@hwbp/core';
import { history } from '@hwbp/history';
import { alternate, beside, nanoseconds, ratio, sink } from './measure.js';
import type { Row } from './row.js';

const SWITCHES = 1000;
const HITS = 1000;
/** Breakpoints of each task: as many as there are registers. */
const EACH = 4;

/** Two tasks with 4 breakpoints each give the CPU to each other. */
function switching(...plugins: readonly Plugin[]): () => void {
  const { machine, breakpoints } = composeKernel({ arch: x86(), plugins });
  for (let i = 0; i < 2; i++) {
    const task = machine.spawn(program([]));
    for (let n = 0; n < EACH; n++) {
      const watch = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x2000n + 8n * BigInt(n), bp_len: 8 };
      breakpoints.registerUser(watch, () => {}, task);
    }
  }
  const cpu = machine.cpu(0);
  return () => {
    for (let i = 0; i < SWITCHES; i++) {
      // An instruction's time: a stay without any is none.
      cpu.beginRun();
      cpu.endRun(1);
      machine.schedule(0);
    }
  };
}

/** A program that stores to a watched place forever, or to one beside it. */
function storing(watched: boolean, ...plugins: readonly Plugin[]): () => void {
  const { machine, breakpoints } = composeKernel({ arch: x86(), plugins });
  const store = { pc: 0x1000n, length: 4, accesses: [{ kind: 'write' as const, address: 0x2000n, size: 8 }] };
  const task = machine.spawn(
    program(function* () {
      for (;;) yield store;
    }),
  );
  const handler = (): void => {
    sink.value++;
  };
  const watch = { bp_type: HW_BREAKPOINT_W, bp_addr: watched ? 0x2000n : 0x3000n, bp_len: 8 };
  breakpoints.registerUser(watch, handler, task);
  return () => void machine.run(HITS);
}

/** What a history costs where it looks, and that it costs nothing where it does not. */
export function historyCosts(): readonly Row[] {
  const switches = alternate(SWITCHES, { without: switching(), with: switching(history()) }, 300);
  const times = alternate(
    HITS,
    {
      without: storing(true),
      with: storing(true, history()),
      missing: storing(false),
      missingWith: storing(false, history()),
    },
    300,
  );
  const note = (of: readonly number[], base: readonly number[]): string =>
    `${nanoseconds(base).median.toFixed(0)} ns, and ${beside(of, base).median.toFixed(0)} ns for the history`;
  const most = { unit: 'x', bound: 'most' } as const;
  return [
    {
      ...most,
      what: 'context switch with 4 and 4 breakpoints, with a history / without',
      figure: ratio(switches.with, switches.without),
      target: 3,
      note: note(switches.with, switches.without),
    },
    {
      ...most,
      what: 'hit delivered to a handler, with a history / without',
      figure: ratio(times.with, times.without),
      target: 3,
      note: note(times.with, times.without),
    },
    {
      ...most,
      what: 'an instruction that misses, with a history / without',
      figure: ratio(times.missingWith, times.missing),
      target: 1.1,
    },
  ];
}
