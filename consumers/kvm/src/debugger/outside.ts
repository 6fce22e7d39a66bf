import type { VcpuExit } from '../exit.js';

/** A virtual CPU that tells; the debugger of its guest knows more of it. */
export interface ToldCpu {
  readonly index: number;
  /** Why the latest KVM_RUN came back. */
  readonly exit: VcpuExit | undefined;
}

/** What virtual CPUs tell whoever debugs their guest from outside, and ask of him; nobody may be there. */
export interface Outside {
  /** True while somebody debugs the guest. */
  readonly present: boolean;
  /** True if a software breakpoint that the guest has met is not the guest's own. */
  takes(pc: bigint): boolean;
  /** The virtual CPU is about to enter. */
  entering(vcpu: ToldCpu): void;
  /** It has executed a slice. */
  ran(vcpu: ToldCpu): void;
  /** KVM_RUN is to come back, with `vcpu.exit`. */
  exited(vcpu: ToldCpu): void;
}
