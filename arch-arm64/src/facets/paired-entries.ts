import {
  type FacetServices,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_X,
  PairedDebugRegisters,
  type PairSetting,
  type PairValue,
  type Task,
} from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { CONTROL_ENABLE } from '../silicon/control.js';
import { requestOf, type SetKind } from './control-request.js';
import { signalHit } from './hit-signal.js';
import { type Entry, numberedRegister, type TaskEntries, type WrittenEntry } from './task-entries.js';

/** Nothing is watched: what type and length say does not matter. */
const OFF = { enabled: false, bp_len: 4 } as const;

/**
 * The register sets without the quirks: an entry is a breakpoint while it is enabled, and a write that fails is none.
 */
export class PairedEntries implements TaskEntries {
  readonly atomic = true;
  readonly registers: PairedDebugRegisters;
  readonly #wrps: number;

  constructor(services: FacetServices, { wrps, brps }: ResolvedFeatures) {
    this.#wrps = wrps;
    this.registers = new PairedDebugRegisters(services, {
      name: 'debug registers of arm64 tasks',
      pairs: wrps + brps,
      decode: (word, pair) => settingOf(numberedRegister(2 * pair, wrps).kind, Number(BigInt.asUintN(32, word))),
      hit: (hit, task, pair) => {
        const { kind, index } = numberedRegister(2 * pair, wrps);
        signalHit(services, hit, task, kind, index);
      },
    });
  }

  read(task: Task, kind: SetKind, index: number): Entry {
    const pair = this.#pairOf(kind, index);
    if (pair === undefined) return { address: 0n, control: 0n };
    return { address: this.registers.read(task, 2 * pair), control: this.registers.read(task, 2 * pair + 1) };
  }

  write(task: Task, kind: SetKind, entries: readonly WrittenEntry[]): void {
    const before: [pair: number, value: PairValue][] = [];
    try {
      for (const [index, { address, control }] of entries.entries()) {
        const held = this.read(task, kind, index);
        const wanted = { address, control: control ?? held.control };
        const pair = this.#pairOf(kind, index);
        // There is nothing there, and nothing is wanted there.
        if (pair === undefined && wanted.address === 0n && wanted.control === 0n) continue;
        this.registers.writePair(task, pair ?? this.registers.count, wanted);
        if (pair !== undefined) before.unshift([pair, held]);
      }
    } catch (error) {
      for (const [pair, held] of before) this.registers.writePair(task, pair, held);
      throw error;
    }
  }

  #pairOf(kind: SetKind, index: number): number | undefined {
    const pair = kind === 'watch' ? index : this.#wrps + index;
    const { kind: really, index: where } = numberedRegister(2 * pair, this.#wrps);
    return really === kind && where === index && 2 * pair < this.registers.count ? pair : undefined;
  }
}

function settingOf(kind: SetKind, control: number): PairSetting {
  if ((control & CONTROL_ENABLE) !== 0) return { enabled: true, ...requestOf(kind, control) };
  return { ...OFF, bp_type: kind === 'break' ? HW_BREAKPOINT_X : HW_BREAKPOINT_RW };
}
