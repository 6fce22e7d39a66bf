import type { DebugUnit } from '../hardware/index.js';
import type { Delivery } from './attr.js';

/**
 * A validated request in the architecture's own encoding, made by `ArchBackend.parse` and opaque to everybody else
 * but for these fields. Immutable: a breakpoint that is modified gets a new one.
 */
export interface ArchBreakpoint {
  /** First byte, and number of bytes, that the request watches. */
  readonly address: bigint;
  readonly length: number;
  /** True if any watched byte lies in the kernel's part of the address space. */
  readonly kernelSpace: boolean;
}

/** What occupies a debug register: seen by the driver, implemented by the core's breakpoint. */
export interface Occupant<Info extends ArchBreakpoint = ArchBreakpoint> {
  readonly info: Info;
  readonly delivery: Delivery;
  /** Name of who registered it. */
  readonly owner: string;
}

/** Where a debug unit is found: a CPU, or an object of somebody's own emulator. */
export interface UnitHolder {
  readonly unit: DebugUnit;
}

/** Lets go of a mute: to be called once. */
export type Unmute = () => void;

/**
 * The kernel's software state of one CPU's debug registers.
 *
 * For backend authors: extend {@link DriverBase}, which keeps the software copy and counts mutes. `install` and
 * `uninstall` must touch nothing but the register that is named (and must leave every other breakpoint armed at every
 * moment in between); the software copy must never say "nothing armed" while the hardware is armed, because an
 * exception may arrive between any two writes.
 */
export interface CpuDriver<Info extends ArchBreakpoint = ArchBreakpoint> {
  /**
   * Who occupies each register, by register number (data registers first where the classes have pools of their own);
   * the length is the number of registers.
   */
  readonly occupants: readonly (Occupant<Info> | undefined)[];
  /** Programs a register that is free. */
  install(register: number, occupant: Occupant<Info>): void;
  /** Disarms the register and forgets its occupant. */
  uninstall(register: number): void;
  /** True if any register is armed according to the software copy. */
  readonly active: boolean;
  /**
   * Keeps the registers of this CPU quiet: nothing is armed until whoever muted has let go, by calling what this
   * returns. Counted: the last one who lets go writes the software copy to the hardware, once. In between installing
   * and removing change the software copy only. Where nothing is armed, and nothing changes meanwhile, no register is
   * written. For context switches, exception entries, debuggers, guests, suspend and kexec.
   *
   * `quiet` false: the writes wait, and what is armed stays armed meanwhile. For those who change several registers in
   * one go, as a context switch does, where nothing executes in between.
   */
  mute(quiet?: boolean): Unmute;
  /** What {@link mute} returns: for those who keep no closures. Throws if nobody mutes. */
  readonly unmute: Unmute;
  /** True while somebody mutes. */
  readonly muted: boolean;
  /** Somebody else had the registers: writes the software copy, whatever they hold; once nobody mutes. */
  restore(): void;
}
