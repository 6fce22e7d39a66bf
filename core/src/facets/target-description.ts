import type { ByteOrder, Context } from '../hardware/index.js';
import { Facet } from './facet.js';

/** One register of a target description. */
export interface TargetRegister {
  readonly name: string;
  /** Bits, a multiple of 8. */
  readonly bits: number;
}

/**
 * What a debugger from outside has to know of an architecture's registers (the GDB manual's appendix "Target
 * Descriptions"), and how they are read and written. Of the context that is the CPU's own: in the mode that it is in,
 * kernel mode included.
 *
 * For consumers: a register's number is its place in {@link registers}.
 *
 * For backend authors: a register that the machine does not model keeps what is written to it, so that a debugger that
 * writes all of them at once reads the same again.
 */
export interface TargetDescription {
  /** `target.xml`, complete: nothing is included from elsewhere. */
  readonly xml: string;
  /** Every register of the XML, in its order. */
  readonly registers: readonly TargetRegister[];
  readonly byteOrder: ByteOrder;
  /** Number of the program counter. */
  readonly counter: number;
  /** Registers that a debugger wants to see at every stop: program counter, stack pointer, ... */
  readonly expedited: readonly number[];
  /** The register's value, of as many bits as it has. */
  read(context: Context, register: number): bigint;
  /** Bits that cannot be written keep their value. */
  write(context: Context, register: number, value: bigint): void;
}

export const TARGET_DESCRIPTION = new Facet<TargetDescription>(
  "debugger's target description",
  'TargetDescription (target.xml and access to its registers), and offer it with TARGET_DESCRIPTION',
);
