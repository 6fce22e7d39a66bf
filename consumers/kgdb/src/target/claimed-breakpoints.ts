import type { Breakpoint, Hit } from '@hwbp/core';
import type { Claim, TouchedRegister } from './claims.js';

/** Which claim a breakpoint of the kernel's belongs to. */
export class ClaimedBreakpoints {
  readonly #claims = new WeakMap<Breakpoint, Claim>();

  add(breakpoint: Breakpoint, claim: Claim): void {
    this.#claims.set(breakpoint, claim);
  }

  /** The registers of claims that a hit's exception is about. */
  touched({ together }: Hit): readonly TouchedRegister[] {
    return together.flatMap((breakpoint) => {
      const claim = this.#claims.get(breakpoint);
      return claim === undefined || breakpoint.state !== 'active' ? [] : [{ claim, attr: breakpoint.attr }];
    });
  }
}
