import type { Access, Cpu, CpuDriver, CpuRun, Machine, SoftwareBreakpoints } from '@hwbp/core';
import type { Outside } from './debugger/outside.js';

/** What a virtual CPU needs of its virtual machine, and of the host that this runs on. */
export interface VmHost {
  /** What people call it. */
  readonly name: string;
  readonly machine: Machine;
  /** True once it has ended, or its host has. */
  readonly ended: boolean;
  /** The physical CPU on which virtual ones begin. */
  readonly firstCpu: Cpu;
  /** Whoever debugs the guest from outside. */
  readonly outside: Outside;
  /** Software breakpoints of the guest. */
  readonly planted: SoftwareBreakpoints;
  /** The host's driver of a physical CPU. */
  driver(cpu: Cpu): CpuDriver;
  /** What instruction stands at an address of the guest's, as far as anybody can say. */
  decode(pc: bigint): 'breakpoint' | undefined;
  /** True if the guest's bus has a device at a port. */
  hasPort(access: Access): boolean;
  /** The guest's bus performs an access to a port: what it read. */
  port(access: Access): bigint;
  /** Where the host's kernel executes on the way into KVM_RUN (`call`), and behind an exit, by what for. */
  path(step: string): readonly bigint[];
  /** What virtual CPUs may still use of the budget that somebody gave their machine. */
  readonly allowance: number;
  /** A virtual CPU has used some of it. */
  use(used: number): void;
  /** A virtual CPU's kernel ended the run, or has nothing to execute on it. */
  came(result: CpuRun): void;
}
