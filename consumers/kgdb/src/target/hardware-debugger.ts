import type { ArchManifest, Cpu, HwBreakpointAttr, RunResult } from '@hwbp/core';

/** A debug register that was taken. */
export interface HardwarePoint {
  readonly attr: HwBreakpointAttr;
  readonly register: number;
}

/**
 * Why a computer stopped. `hit`: at points. `breakpoint`: at a software breakpoint of the debugger's. `step`: a CPU has
 * executed an instruction, or waits for an interrupt.
 */
export interface HardwareStop {
  /** The CPU's number. */
  readonly cpu: number;
  readonly cause: 'hit' | 'breakpoint' | 'step';
  readonly hits: readonly HardwarePoint[];
}

/** Which CPUs go on, and how: one of them by a step; default: all. */
export interface HardwareResume {
  readonly step?: number;
  readonly cpus?: readonly number[];
}

/**
 * What somebody can do who debugs a computer from outside of its software, as a hypervisor lets him with a guest, or a
 * probe with a board. Declared here for whoever offers it.
 */
export interface HardwareDebugger {
  /** Of the computer. */
  readonly name: string;
  /** Threads are CPUs. */
  readonly cpus: readonly Cpu[];
  /** What debug registers there are. */
  readonly manifest: ArchManifest;
  /** The debugger's points, by register. */
  readonly points: readonly (HardwarePoint | undefined)[];
  /** True once it has come to its end. */
  readonly over: boolean;
  /** True if a CPU waits for an interrupt. */
  isAsleep(cpu: number): boolean;
  /** Takes it: it stops. Throws EBUSY, with his name, while somebody else has it. */
  attach(owner: { readonly name: string; stopped(stop: HardwareStop): void }): void;
  /** Lets go: everything is given back, and it goes on. */
  detach(): void;
  /** Stops it where it is; `stopped` is not called. */
  halt(): void;
  resume(how: HardwareResume): void;
  /** Takes a debug register, on every CPU: in force from the next resumption on. Throws if it cannot be had. */
  claim(attr: HwBreakpointAttr): HardwarePoint;
  release(point: HardwarePoint): void;
  /** Software breakpoints. */
  plant(address: bigint): void;
  lift(address: bigint): void;
  /** Lets whoever makes it execute do so: see `machine.run`. */
  run(budget: number): RunResult;
  /** Makes {@link run} return. */
  interrupt(message: string): void;
}
