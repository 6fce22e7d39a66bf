import type { Cpu, DebugUnit } from '../hardware/index.js';
import type { DieChain, DieRecord, ExceptionEntry, FinalVerdict, Logger, Machine, Task } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { HwBreakpointAttr } from './attr.js';
import type { ArchBreakpoint, CpuDriver, Occupant, UnitHolder } from './cpu-driver.js';
import type { ArchManifest } from './manifest.js';

/** What a backend is given to work with, once, when a kernel is composed. */
export interface ArchHost {
  /** The backend's own. */
  readonly manifest: ArchManifest;
  readonly machine: Machine;
  readonly dieChain: DieChain;
  readonly logger: Logger;
  /** The driver of a CPU. */
  driver(cpu: Cpu): CpuDriver;
  /** A kind of state that is kept with every task. */
  readonly defineTaskState: Machine['defineTaskState'];
  /** Which quirks of the architecture are on in this kernel. */
  readonly quirks: QuirkSet;
}

/** What an exception is about, as far as breakpoints are concerned. */
export interface HitReport {
  /** Those that are told, in this order. */
  readonly hits: readonly Occupant[];
  /**
   * Those whose hits this kernel cannot handle, at instructions that can be neither stepped nor emulated: they are
   * disabled, out of their registers too; they keep their slots, and their owners may enable them again.
   */
  readonly givenUp?: readonly Occupant[];
}

/** A backend at work in one kernel: its entry code, and what it knows of hits. */
export interface ArchPort extends ExceptionEntry {
  /**
   * Whose hits an exception is, asked first in the die chain. Consumes the status bits of these hits and of no others.
   * `undefined`: the exception has nothing to do with breakpoints.
   */
  hits(record: DieRecord): HitReport | undefined;
  /** Everybody who was hit has been told: what the chain goes on with. */
  delivered(record: DieRecord): FinalVerdict;
  /**
   * What an instruction that is being completed with the registers disarmed still has to report, for an image. Without
   * it no image is made of a kernel in which one is.
   */
  readonly completions?: CompletionForm;
}

/** The completions of a backend as data: whose hits are reported once the instruction has completed. */
export interface CompletionForm {
  /** `undefined`: not one of this backend's. */
  hits(completion: object): readonly Occupant[] | undefined;
  make(hits: readonly Occupant[]): object;
}

/** What a request is judged by of the task whose breakpoint it is to be. */
export type ParseTarget = Pick<Task, 'compat'>;

/**
 * What a kernel's `arch/` code does for hardware breakpoints.
 *
 * For consumers: nothing; you never see a backend, only the core API and facets.
 *
 * For backend authors: requests come to `parse` with integer fields of the right type; you decide everything else, in
 * your architecture's order, by throwing a `KernelError`. Nothing may depend on which consumer asks. A backend object
 * holds no state of a kernel: all of it lives in what `connect` and `createDriver` return, because one backend serves
 * many kernels.
 */
export interface ArchBackend<Info extends ArchBreakpoint = ArchBreakpoint> {
  readonly manifest: ArchManifest;
  /** The chip's own debug unit; a composition may inject another with the same registers. */
  createUnit(): DebugUnit;
  /**
   * The kernel's state for a CPU; its unit is looked up in the holder where it is used, for it may be another one
   * later. `quirks`: those of the kernel; without it none is on. Throws a TypeError if the unit is none that it can
   * drive.
   */
  createDriver(holder: UnitHolder, quirks?: QuirkSet): CpuDriver<Info>;
  /**
   * Validates a request and encodes it. Throws EINVAL, EOPNOTSUPP or ENODEV and changes nothing. `quirks`: those of the
   * kernel; without it none is on. `target`: the task whose breakpoint it is; without it whatever runs on a CPU.
   */
  parse(attr: HwBreakpointAttr, quirks?: QuirkSet, target?: ParseTarget): Info;
  /** Begins work in a kernel. */
  connect(host: ArchHost): ArchPort;
}
