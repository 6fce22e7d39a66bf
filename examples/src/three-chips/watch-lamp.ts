import { composeKernel } from '@hwbp/core';
import { LackeyReplay } from '@hwbp/lackey';
import { Ptrace } from '@hwbp/ptrace';
import type { Chip } from './chips.js';

/** Variables of the panel, in one doubleword: name, address, bytes. */
export const VARIABLES = [
  ['lamp', 0x1000_1010n, 1],
  ['mode', 0x1000_1011n, 1],
  ['level', 0x1000_1012n, 2],
  ['ticks', 0x1000_1014n, 4],
] as const;
const LAMP = VARIABLES[0][1];

/** A stop of the debugger: the program counter, and what the signal says. */
export interface Stop {
  readonly pc: bigint;
  readonly si_addr: bigint;
}

function replayOf(text: Uint8Array): LackeyReplay {
  const replay = new LackeyReplay();
  replay.feed(text);
  replay.end();
  return replay;
}

/** A debugger watches stores to the lamp: every stop. */
export function debugTrace(chip: Chip, text: Uint8Array): { readonly stops: readonly Stop[] } {
  using kernel = composeKernel({ arch: chip.arch, plugins: [Ptrace] });
  const task = kernel.machine.spawn(() => replayOf(text), { comm: 'panel' });
  const tracer = kernel.get(Ptrace).tracer('debugger');
  tracer.attach(task);
  tracer.wait(task);
  chip.watch(tracer, task, LAMP);
  const stops: Stop[] = [];
  for (;;) {
    tracer.cont(task);
    const status = tracer.wait(task);
    if (status?.kind !== 'signal') return { stops };
    stops.push({ pc: task.context.pc, si_addr: status.info.si_addr ?? 0n });
    chip.goOn(tracer, task, LAMP);
  }
}

/** The kernel's own breakpoint API watches the same: how often its handler runs. */
export function countHits(chip: Chip, text: Uint8Array): number {
  using kernel = composeKernel({ arch: chip.arch });
  const task = kernel.machine.spawn(() => replayOf(text), { comm: 'panel' });
  const breakpoint = kernel.breakpoints.registerUser({ bp_type: 2, bp_addr: LAMP, bp_len: 1 }, () => {}, task);
  kernel.machine.run();
  return breakpoint.hits;
}
