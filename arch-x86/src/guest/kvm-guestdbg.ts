/** Bits of KVM_SET_GUEST_DEBUG's control (Linux: include/uapi/linux/kvm.h, arch/x86/include/uapi/asm/kvm.h). */
export const KVM_GUESTDBG_ENABLE = 1;
export const KVM_GUESTDBG_SINGLESTEP = 2;
export const KVM_GUESTDBG_USE_SW_BP = 0x1_0000;
export const KVM_GUESTDBG_USE_HW_BP = 0x2_0000;
export const KVM_GUESTDBG_INJECT_DB = 0x4_0000;
export const KVM_GUESTDBG_INJECT_BP = 0x8_0000;
/** Interrupts wait while the guest is debugged; as recorded, not those of KVM_INTERRUPT. */
export const KVM_GUESTDBG_BLOCKIRQ = 0x10_0000;
