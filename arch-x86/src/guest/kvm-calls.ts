/** What KVM_GET_DEBUGREGS and KVM_SET_DEBUGREGS carry. */
export interface DebugRegs {
  readonly db: readonly bigint[];
  readonly dr6: bigint;
  readonly dr7: bigint;
  /** Must be 0. */
  readonly flags: bigint;
}

/** What KVM_GET_REGS and KVM_SET_REGS carry, of what is of interest here. */
export interface GuestRegs {
  readonly rip: bigint;
  /** RFLAGS.TF and RF. */
  readonly tf: boolean;
  readonly rf: boolean;
}
