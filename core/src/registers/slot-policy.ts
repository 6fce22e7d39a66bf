import type { ArchManifest, SlotClass } from '../arch/index.js';
import type { ImageReader, ImageValue } from '../image/index.js';
import type { Machine } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { SlotClaim } from './claim.js';

/**
 * What a policy's decision did to claims that it knows: the kernel does it to their breakpoints, in this order, and
 * tells their owners.
 */
export interface PlacementChanges {
  /** Lost their slots: they have to wait. */
  readonly displaced?: readonly SlotClaim[];
  /** Waited, and have slots now. */
  readonly granted?: readonly SlotClaim[];
}

/**
 * A policy's answer. `granted`: the claim has a register wherever it is scheduled. `waiting`: it is registered without
 * one and may be granted later. `refused`: ENOSPC; `holders` are the claims in its way, and `reason` says why they are,
 * if not because they have every register.
 */
export type Admission = Granted | Refused;

/** The claim is known from now on. */
export interface Granted extends PlacementChanges {
  readonly outcome: 'granted' | 'waiting';
}

export interface Refused {
  readonly outcome: 'refused';
  readonly used: number;
  readonly limit: number;
  readonly holders: readonly SlotClaim[];
  readonly reason?: string;
}

/** The answers that need no fields. */
export const GRANTED: Granted = Object.freeze({ outcome: 'granted' });
export const WAITING: Granted = Object.freeze({ outcome: 'waiting' });
/** Nothing happened to anybody else. */
export const UNCHANGED: PlacementChanges = Object.freeze({});

/** What a policy may ask of the kernel that it serves. */
export interface SlotHost {
  readonly manifest: ArchManifest;
  readonly machine: Machine;
  readonly quirks: QuirkSet;
}

/**
 * Decides who gets debug registers: `linuxSlotPolicy()` is the default of a composition.
 *
 * For policy authors: a claim is an object; the same object comes to `reserve`, `change` and `release`. `reserve` that
 * refuses, and `change` that refuses, must leave the policy exactly as it was. `release` must accept waiting claims.
 * What a decision does to others is said in the answer: it happens to their breakpoints only once the request is known
 * to be valid; a request that turns out to be invalid is released again at once, which must undo exactly what it did:
 * nobody hears of either. So are the claims of a wide request (`claim.wide`) that a later CPU refuses, the latest
 * first. `place` is only asked for granted claims, and at least one register must be free whenever
 * granted pinned claims are scheduled together on a CPU: that is what a policy promises. Flexible claims may find none,
 * and take turns; a policy that cannot have that treats them as pinned.
 */
export interface SlotPolicy {
  readonly name: string;
  /** Asks for a register for a claim that is not yet known. */
  reserve(claim: SlotClaim): Admission;
  /**
   * Moves a claim to another class of registers, and sets `claim.slotClass`; it may be granted or have to wait there,
   * whatever it was before. On refusal it keeps what it has.
   */
  change(claim: SlotClaim, slotClass: SlotClass): Admission;
  /** Gives back what a claim has, or its place in the queue. */
  release(claim: SlotClaim): PlacementChanges;
  /**
   * The register of the CPU, among those of the claim's class (`registersOf`), that a granted claim is put in; -1: none
   * is free.
   */
  place(claim: SlotClaim, occupied: readonly unknown[]): number;
  /** True while any claim is held or waiting. */
  readonly isUsed: boolean;
  /**
   * Called once, for a policy that changes its mind by itself, such as at a context switch: `apply` does to breakpoints
   * what it has decided.
   */
  follow?(apply: (changes: PlacementChanges) => void): void;
  /**
   * What an image has of the decisions, beside the claims themselves, which are all admitted again before
   * {@link restore}. `numberOf`: how the image refers to a claim. Without these two no image can be made.
   */
  save?(numberOf: (claim: SlotClaim) => number): ImageValue;
  /** Decides as it had: every claim is where it was, and nobody is told. Throws EINVAL for what is none of its. */
  restore?(from: ImageReader, claimOf: (number: ImageReader) => SlotClaim): void;
}

/** The lowest free register of a range, by default of all: Linux's placement. */
export function firstFree(occupied: readonly unknown[], first = 0, end = occupied.length): number {
  for (let register = first; register < end; register++) if (occupied[register] === undefined) return register;
  return -1;
}

/** What a decision about a claim does to that itself, too. */
export function withOwn(claim: SlotClaim, { outcome, displaced = [], granted = [] }: Granted): PlacementChanges {
  if (outcome === 'granted') return { displaced, granted: [claim, ...granted] };
  return { displaced: [claim, ...displaced], granted };
}
