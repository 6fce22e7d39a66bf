import { arm64, NT_ARM_HW_WATCH } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, PPC_BREAKPOINT_MODE_EXACT, PPC_BREAKPOINT_TRIGGER_WRITE, type Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';

/** How a debugger watches stores to one byte, on one architecture. */
export interface Chip {
  readonly name: string;
  readonly arch: Architecture;
  watch(tracer: Tracer, task: Task, address: bigint): void;
  /** How the task gets past the store, for people. */
  readonly goingOn: string;
  /** What it has to do at a stop so that the next store stops too. */
  goOn(tracer: Tracer, task: Task, address: bigint): void;
}

/** DR0 is the address; DR7 enables it (L0), for stores (R/W0 = 01), of one byte (LEN0 = 00). It stays armed. */
const X86: Chip = {
  name: 'x86',
  goingOn: 'the task just goes on',
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
  goingOn: 'the hit has spent the register: the debugger steps over the store, and asks again',
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

/** struct user_hwdebug_state up to the first entry: dbg_info and a pad, address and control. */
function watchEntry(address: bigint, control: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setBigUint64(8, address, true);
  view.setUint32(16, control, true);
  return new Uint8Array(view.buffer);
}

/** Byte 0 of the address (BAS), stores, EL0, enabled. */
const STORES_OF_ONE_BYTE = (0b1 << 5) | (0b10 << 3) | (0b10 << 1) | 1;

/** An entry of a register set. It stays armed, and hits again: only the debugger gets the task past the store. */
const ARM64: Chip = {
  name: 'arm64',
  goingOn:
    'the register stays armed, and the store would hit for ever: the debugger disarms it, steps, and arms it again',
  arch: arm64(),
  watch: (tracer, task, address) =>
    void tracer.setRegSet(task, NT_ARM_HW_WATCH, watchEntry(address, STORES_OF_ONE_BYTE)),
  goOn(tracer, task, address) {
    tracer.setRegSet(task, NT_ARM_HW_WATCH, watchEntry(address, 0));
    tracer.singleStep(task);
    tracer.wait(task);
    this.watch(tracer, task, address);
  },
};

export const CHIPS: readonly Chip[] = [X86, POWER8, ARM64];
