import type { Cpu, GuestDebugState } from '@hwbp/core';
import type { VcpuExit } from '../exit.js';

/** What somebody who debugs a guest does with a virtual CPU. */
export interface DebuggedVcpu {
  readonly index: number;
  readonly cpu: Cpu;
  readonly debug: GuestDebugState;
  /** Why the latest KVM_RUN came back. */
  readonly exit: VcpuExit | undefined;
  /** True while it has nothing to execute. */
  readonly asleep: boolean;
  /** Most instructions of the guest in one slice. @settable */
  pace: number;
  /** It leaves the physical CPU that it is on. */
  leave(): void;
  /** It executes nothing until {@link release}. */
  hold(): void;
  release(): void;
}

/** What virtual CPUs tell whoever debugs their guest from outside, and ask of him; nobody may be there. */
export interface Outside {
  /** True while somebody debugs the guest. */
  readonly present: boolean;
  /** True if a software breakpoint that the guest has met is not the guest's own. */
  takes(pc: bigint): boolean;
  /** The virtual CPU is about to enter. */
  entering(vcpu: DebuggedVcpu): void;
  /** It has executed a slice. */
  ran(vcpu: DebuggedVcpu): void;
  /** KVM_RUN is to come back, with `vcpu.exit`. */
  exited(vcpu: DebuggedVcpu): void;
}
