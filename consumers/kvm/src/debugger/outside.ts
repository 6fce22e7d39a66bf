import type { Vcpu } from '../vcpu.js';

/** What virtual CPUs tell whoever debugs their guest from outside, and ask of him; nobody may be there. */
export interface Outside {
  /** True while somebody debugs the guest. */
  readonly present: boolean;
  /** True if a software breakpoint that the guest has met is not the guest's own. */
  takes(pc: bigint): boolean;
  /** The virtual CPU is about to enter. */
  entering(vcpu: Vcpu): void;
  /** It has executed a slice. */
  ran(vcpu: Vcpu): void;
  /** KVM_RUN is to come back, with `vcpu.exit`. */
  exited(vcpu: Vcpu): void;
}
