import type { ArchManifest, SlotClass } from '../arch/index.js';
import type { Machine } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { SlotClaim } from './claim.js';

/**
 * A policy's answer. `granted`: the claim has a register wherever it is scheduled. `waiting`: it is registered without one
 * and may be granted later (`SlotHost.granted`). `refused`: ENOSPC; `holders` are the claims in its way, and `reason` says why they
 * are, if not because they have every register.
 */
export type Admission =
  | { readonly outcome: 'granted' }
  | { readonly outcome: 'waiting' }
  | {
      readonly outcome: 'refused';
      readonly used: number;
      readonly limit: number;
      readonly holders: readonly SlotClaim[];
      readonly reason?: string;
    };

/** The one answer that needs no fields. */
export const GRANTED: Admission = Object.freeze({ outcome: 'granted' });
export const WAITING: Admission = Object.freeze({ outcome: 'waiting' });

/** What a policy may ask of the kernel that it serves. */
export interface SlotHost {
  readonly manifest: ArchManifest;
  readonly machine: Machine;
  readonly quirks: QuirkSet;
  /** Takes a granted claim's registers away at once and tells its owner; the claim is now waiting. */
  displaced(claim: SlotClaim): void;
  /** Lets a waiting claim be scheduled and tells its owner. */
  granted(claim: SlotClaim): void;
}

/**
 * Decides who gets debug registers. Injected into the breakpoint PMU: `linuxSlotPolicy` is the default.
 *
 * For policy authors: a claim is an object; the same object comes to `reserve`, `change` and `release`. `reserve` that
 * refuses, and `change` that refuses, must leave the policy exactly as it was. `release` must accept waiting claims.
 * `place` is only asked for granted claims, and at least one register must be free whenever granted pinned claims are scheduled
 * together on a CPU: that is what a policy promises. Flexible claims may find none, and take turns; a policy that cannot have that treats
 * them as pinned. `displaced` and `granted` may be called from `reserve`, `change` and
 * `release`, at the end, when the policy's own state is consistent.
 */
export interface SlotPolicy {
  readonly name: string;
  /** Asks for a register for a claim that is not yet known. */
  reserve(claim: SlotClaim): Admission;
  /**
   * Moves a claim to another class of registers, and sets `claim.slotClass`; it may be granted or have to wait there, whatever it was
   * before. On refusal it keeps what it has.
   */
  change(claim: SlotClaim, slotClass: SlotClass): Admission;
  /** Gives back what a claim has, or its place in the queue. */
  release(claim: SlotClaim): void;
  /** The register of the CPU, among those of the claim's class (`registersOf`), that a granted claim is put in; -1: none is free. */
  place(claim: SlotClaim, occupied: readonly unknown[]): number;
  /** True while any claim is held or waiting. */
  readonly isUsed: boolean;
}

/** Makes a policy for a kernel. */
export type SlotPolicyFactory = (host: SlotHost) => SlotPolicy;

/** The lowest free register of a range, by default of all: Linux's placement. */
export function firstFree(occupied: readonly unknown[], first = 0, end = occupied.length): number {
  for (let register = first; register < end; register++) if (occupied[register] === undefined) return register;
  return -1;
}
