import type { Cpu, DebugUnit } from '../hardware/index.js';
import type { DieChain, DieRecord, ExceptionEntry, Logger, Machine, Verdict } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { Delivery, HwBreakpointAttr } from './attr.js';
import type { ArchManifest } from './manifest.js';

/**
 * A validated request in the architecture's own encoding, made by {@link ArchBackend.parse} and opaque to everybody else
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
}

/**
 * The kernel's software state of one CPU's debug registers.
 *
 * For backend authors: `install` and `uninstall` must touch nothing but the register that is named (and must leave every
 * other breakpoint armed at every moment in between); the software copy must never say "nothing armed" while the hardware is
 * armed, because an exception may arrive between any two writes.
 */
export interface CpuDriver<Info extends ArchBreakpoint = ArchBreakpoint> {
  /**
   * Who occupies each register, by register number (data registers first where the classes have pools of their own); the
   * length is the number of registers.
   */
  readonly occupants: readonly (Occupant<Info> | undefined)[];
  /** Programs a register that is free. */
  install(register: number, occupant: Occupant<Info>): void;
  /** Disarms the register and forgets its occupant. */
  uninstall(register: number): void;
  /**
   * Several changes follow, as in a context switch: they may reach the hardware together, in {@link release}. Nothing executes and
   * no exception comes in between. A driver for which it makes no difference does nothing in both.
   */
  hold(): void;
  /** What was changed since {@link hold} is in the hardware when this returns. */
  release(): void;
  /** True if any register is armed according to the software copy. */
  readonly active: boolean;
  /** Disarms the hardware; the software copy stays. For suspend, guests and debuggers. */
  disable(): void;
  /** Writes the software copy to the hardware again. */
  restore(): void;
}

/** What a backend is given to work with, once, when a kernel is composed. */
export interface ArchHost {
  readonly machine: Machine;
  readonly dieChain: DieChain;
  readonly logger: Logger;
  /** The driver of a CPU. */
  driver(cpu: Cpu): CpuDriver;
  /** A kind of state that is kept with every task. */
  defineTaskState: Machine['defineTaskState'];
  /** Which quirks of the architecture are on in this kernel. */
  readonly quirks: QuirkSet;
  /**
   * Disables a breakpoint whose hits this kernel cannot handle, out of its register too; it keeps its slot, and its owner may
   * enable it again. For exceptions at instructions that can be neither stepped nor emulated.
   */
  giveUp(occupant: Occupant): void;
}

/** A handler's wish to stop the machine inside the exception. */
export interface SuspendRequest {
  readonly reason: string;
  readonly detail?: unknown;
}

/**
 * Called by {@link ArchPort.notify} for each occupant that was hit, in register order. It filters, counts and calls the
 * consumer's handler. If that asks to stop here, the backend must answer a `Suspension` with the request's fields, whose
 * `resume` goes on with the next hit.
 */
export type Deliver = (occupant: Occupant, record: DieRecord) => SuspendRequest | undefined;

/** A backend at work in one kernel. */
export interface ArchPort extends ExceptionEntry {
  /** The breakpoint layer's notifier, first in the die chain: consumes the status bits of its own hits and of no other. */
  notify(record: DieRecord, deliver: Deliver): Verdict;
}

/**
 * What a kernel's `arch/` code does for hardware breakpoints.
 *
 * For consumers: nothing; you never see a backend, only the core API and facets.
 *
 * For backend authors: requests come to `parse` with integer fields of the right type; you decide everything else, in your architecture's order, by throwing a `KernelError`. Nothing may depend on
 * which consumer asks. A backend object holds no state of a kernel: all of it lives in what `connect` and `createDriver`
 * return, because one backend serves many kernels.
 */
export interface ArchBackend<Info extends ArchBreakpoint = ArchBreakpoint> {
  readonly manifest: ArchManifest;
  /** The chip's own debug unit; a composition may inject another with the same registers. */
  createUnit(): DebugUnit;
  /** The kernel's state for a CPU with this unit. `quirks`: those of the kernel; without it none is on. */
  createDriver(unit: DebugUnit, quirks?: QuirkSet): CpuDriver<Info>;
  /**
   * Validates a request and encodes it. Throws EINVAL, EOPNOTSUPP or ENODEV and changes nothing. `quirks`: those of the kernel;
   * without it none is on.
   */
  parse(attr: HwBreakpointAttr, quirks?: QuirkSet): Info;
  /** Begins work in a kernel. */
  connect(host: ArchHost): ArchPort;
}
