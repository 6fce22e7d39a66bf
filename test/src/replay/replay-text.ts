import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import { type LackeyOptions, LackeyReplay } from '@hwbp/lackey';
import type { ModelHit, ModelResult, ModelWatch } from './lackey-model.js';

const BP_TYPE = { w: HW_BREAKPOINT_W, rw: HW_BREAKPOINT_RW, x: HW_BREAKPOINT_X } as const;

/** The bytes of a text in pieces of the given sizes, used by turns. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/**
 * What an x86 kernel reports for a trace that it is fed in pieces, running after each. `repeats`: see `LackeyOptions`.
 */
export function replayText(
  pieces: readonly Uint8Array[],
  watches: readonly ModelWatch[],
  quantum = 100,
  repeats?: LackeyOptions['repeats'],
): ModelResult & { readonly endPc: bigint; readonly instructions: number } {
  using kernel = composeKernel({ arch: x86(), quantum, handlerErrors: 'stop' });
  const { machine, breakpoints } = kernel;
  const replay = new LackeyReplay(repeats === undefined ? {} : { repeats });
  const hits: ModelHit[] = [];
  for (const [watch, { type, address, length }] of watches.entries()) {
    const attr = { bp_type: BP_TYPE[type], bp_addr: address, bp_len: type === 'x' ? 8 : length };
    breakpoints.registerWide(attr, ({ pc, ip }) => hits.push({ step: replay.steps, watch, pc, ip }));
  }
  const task = machine.spawn(() => replay);
  for (const piece of pieces) {
    replay.feed(piece);
    machine.wake(task);
    machine.run();
  }
  replay.end();
  machine.wake(task);
  const { reason, detail } = machine.run();
  if (reason !== 'idle') throw new Error(`the machine stopped: ${reason}`, { cause: detail });
  const { steps, loads, stores, modifies, skipped, firstSkipped } = replay;
  return {
    counts: { I: steps, L: loads, S: stores, M: modifies, other: skipped },
    firstOther: firstSkipped?.line,
    hits,
    endPc: task.context.pc,
    instructions: machine.cpus[0]?.instructions ?? 0,
  };
}
