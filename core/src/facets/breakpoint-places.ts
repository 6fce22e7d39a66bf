import { Facet } from './facet.js';

/**
 * Which instructions a kernel's debugger must not put a breakpoint on, in software or by a register, because the
 * instruction could not be gone past: where it is in memory as bytes.
 *
 * For consumers: programs need not be bytes in memory. Where there are none, nothing is refused.
 *
 * For backend authors: offer it where the manual names such instructions.
 */
export interface BreakpointPlaces {
  /** Bytes that tell, from an instruction's address on. */
  readonly length: number;
  /**
   * Why there must not be one on an instruction, in the words of the architecture's debugger; `undefined`: there may.
   */
  refusal(bytes: Uint8Array): string | undefined;
}

export const BREAKPOINT_PLACES = new Facet<BreakpointPlaces>(
  'places of breakpoints',
  'BreakpointPlaces (instructions on which no breakpoint may be), and offer it with BREAKPOINT_PLACES',
);
