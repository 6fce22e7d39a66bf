import { NT_ARM_HW_BREAK, NT_ARM_HW_WATCH } from '@hwbp/arch-arm64';
import type { Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';

/** An entry of a register set. */
export interface Entry {
  readonly address: bigint;
  readonly control: number;
  /** Default 0. */
  readonly pad?: number;
}

/** struct user_hwdebug_state. */
export interface HardwareDebugState {
  readonly info: number;
  readonly pad: number;
  readonly entries: readonly Entry[];
}

/** Note types of the register sets, by their names in transcripts. */
export const NOTES = Object.freeze({ break: NT_ARM_HW_BREAK, watch: NT_ARM_HW_WATCH });

const HEADER = 8;
const ENTRY = 16;
const ENTRIES = 16;
/** Bytes of the whole structure. */
const WHOLE = HEADER + ENTRIES * ENTRY;

/** Its first `length` bytes; 0 where it has no entry, and behind it. */
export function encodeState({ info, pad, entries }: HardwareDebugState, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(length, HEADER + entries.length * ENTRY));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, info, true);
  view.setUint32(4, pad, true);
  for (const [index, entry] of entries.entries()) {
    const at = HEADER + index * ENTRY;
    view.setBigUint64(at, entry.address, true);
    view.setUint32(at + 8, entry.control, true);
    view.setUint32(at + 12, entry.pad ?? 0, true);
  }
  return bytes.slice(0, length);
}

/** What is in bytes that may end anywhere: what is behind the end is 0; entries up to the last one that is not. */
export function decodeState(bytes: Uint8Array): HardwareDebugState {
  const whole = new Uint8Array(WHOLE);
  whole.set(bytes.subarray(0, WHOLE));
  const view = new DataView(whole.buffer);
  const entries = Array.from({ length: ENTRIES }, (_, index): Entry => {
    const at = HEADER + index * ENTRY;
    return { address: view.getBigUint64(at, true), control: view.getUint32(at + 8, true) };
  });
  const used = entries.findLastIndex(({ address, control }) => address !== 0n || control !== 0) + 1;
  return { info: view.getUint32(0, true), pad: view.getUint32(4, true), entries: entries.slice(0, used) };
}

/** A register set of a task, whole. */
export function readState(tracer: Tracer, task: Task, note: number): HardwareDebugState {
  return decodeState(tracer.getRegSet(task, note, WHOLE));
}

/** Writes as many entries as there are. */
export function writeState(tracer: Tracer, task: Task, note: number, state: HardwareDebugState): void {
  tracer.setRegSet(task, note, encodeState(state, HEADER + state.entries.length * ENTRY));
}
