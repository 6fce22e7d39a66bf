import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, PPC_BREAKPOINT_MODE_EXACT, PPC_BREAKPOINT_TRIGGER_WRITE, type Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';

/** How a debugger watches stores to one byte, on one architecture. */
export interface Chip {
  readonly name: string;
  readonly arch: Architecture;
  watch(tracer: Tracer, task: Task, address: bigint): void;
  /** What it has to do at a stop so that the next store stops too. */
  goOn(tracer: Tracer, task: Task, address: bigint): void;
}

/** DR0 is the address; DR7 enables it (L0), for stores (R/W0 = 01), of one byte (LEN0 = 00). It stays armed. */
const X86: Chip = {
  name: 'x86',
  arch: x86(),
  watch(tracer, task, address) {
    tracer.pokeUser(task, tracer.debugOffset(0), address);
    tracer.pokeUser(task, tracer.debugOffset(7), (0b01n << 16n) | 1n);
  },
  goOn() {},
};

/** A request, and a handle for it. A hit spends it: step over the access, take the handle back, ask again. */
const POWER8: Chip = {
  name: 'ppc64 power8',
  arch: ppc64({ cpu: 'power8' }),
  watch(tracer, task, addr) {
    const what = { trigger_type: PPC_BREAKPOINT_TRIGGER_WRITE, addr_mode: PPC_BREAKPOINT_MODE_EXACT, addr, addr2: 0n };
    tracer.setHwDebug(task, { version: 1, ...what, condition_mode: 0, condition_value: 0n });
  },
  goOn(tracer, task, address) {
    tracer.singleStep(task);
    tracer.wait(task);
    tracer.delHwDebug(task, 1);
    this.watch(tracer, task, address);
  },
};

export const CHIPS: readonly Chip[] = [X86, POWER8];
