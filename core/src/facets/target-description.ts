import type { Context } from '../hardware/index.js';
import { Facet } from './facet.js';
import type { TargetLayout } from './target-layout.js';

/**
 * What a debugger from outside has to know of an architecture's registers, and how they are read and written. Of the
 * context that is the CPU's own: in the mode that it is in, kernel mode included.
 *
 * For consumers: a register's number is its place in {@link TargetLayout.registers}.
 *
 * For backend authors: {@link targetLayout} makes the description of a list of registers. A register that the machine
 * does not model keeps what is written to it, so that a debugger that writes all of them at once reads the same again.
 */
export interface TargetDescription extends TargetLayout {
  /** The register's value, of as many bits as it has. */
  read(context: Context, register: number): bigint;
  /** Bits that cannot be written keep their value. */
  write(context: Context, register: number, value: bigint): void;
}

export const TARGET_DESCRIPTION = new Facet<TargetDescription>(
  "debugger's target description",
  'TargetDescription (target.xml and access to its registers), and offer it with TARGET_DESCRIPTION',
);
