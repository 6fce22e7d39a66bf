import type { DebugUnit } from '@hwbp/core';
import type { WatchLayout } from './watch-layout.js';

/**
 * What the driver needs of a ppc64 debug unit: `Ppc64DebugUnit` is one; somebody else's silicon can be another.
 * Addresses are given in two halves of either sign.
 */
export interface Ppc64Silicon extends DebugUnit {
  /** The watch registers that it has, in order. */
  readonly layouts: readonly WatchLayout[];
  /** DAR: what the latest exception says of the address. */
  readonly dar: bigint;
  /** DSISR of the latest exception. */
  readonly dsisr: number;
  /** Writes a watch register: its address register and its control register. Zeroes disarm it. */
  setWatch(register: number, hi: number, lo: number, control: number): void;
}
