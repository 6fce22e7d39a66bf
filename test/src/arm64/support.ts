import { type Arm64Features, arm64, NT_ARM_HW_BREAK, NT_ARM_HW_WATCH } from '@hwbp/arch-arm64';
import { composeKernel, type Kernel, type KernelOptions, perfEvents } from '@hwbp/core';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { Debuggee as AnyDebuggee, debuggeeIn } from '../ptrace/debuggee.js';

export { A, errnoOf, load, store, systemCall } from '../ptrace/debuggee.js';

/** An entry of a register set: address, control word. */
export type Entry = readonly [address: bigint, control: number];

/** Control words of watchpoints: BAS from bit 5, LSC, EL0, enabled. */
export const wcr = (bas: number, type: 1 | 2 | 3 = 3): number => (bas << 5) | (type << 3) | (2 << 1) | 1;
/** That of a breakpoint. */
export const BCR = (0xf << 5) | (2 << 1) | 1;

export interface Options extends Partial<KernelOptions> {
  readonly features?: Arm64Features;
}

function kernelOf({ features = {}, ...options }: Options = {}): Kernel {
  return composeKernel({
    arch: arm64(features),
    breakpointScheduler: perfEvents(),
    plugins: [Ptrace, Perf],
    ...options,
  });
}

/** Bytes of struct user_hwdebug_state with these entries. */
export function stateOf(entries: readonly Entry[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + 16 * entries.length));
  for (const [i, [address, control]] of entries.entries()) {
    view.setBigUint64(8 + 16 * i, address, true);
    view.setUint32(16 + 16 * i, control, true);
  }
  return new Uint8Array(view.buffer);
}

/** The entries of struct user_hwdebug_state, without those at its end that hold nothing. */
export function entriesOf(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  for (let at = 8; at + 16 <= bytes.length; at += 16) {
    entries.push([view.getBigUint64(at, true), view.getUint32(at + 8, true)]);
  }
  while (entries.at(-1)?.[0] === 0n && entries.at(-1)?.[1] === 0) entries.pop();
  return entries;
}

/** A debuggee of arm64, by its register sets. */
export class Debuggee extends AnyDebuggee {
  watch(...entries: readonly Entry[]): void {
    this.tracer.setRegSet(this.task, NT_ARM_HW_WATCH, stateOf(entries));
  }

  break(...entries: readonly Entry[]): void {
    this.tracer.setRegSet(this.task, NT_ARM_HW_BREAK, stateOf(entries));
  }

  get watches(): Entry[] {
    return entriesOf(this.tracer.getRegSet(this.task, NT_ARM_HW_WATCH, 264));
  }

  get breaks(): Entry[] {
    return entriesOf(this.tracer.getRegSet(this.task, NT_ARM_HW_BREAK, 264));
  }
}

export const debuggee = (options: Options = {}): Debuggee => new Debuggee(debuggeeIn(kernelOf(options), 'pc'));
