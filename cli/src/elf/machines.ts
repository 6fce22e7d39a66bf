/** Architectures of ELF files (`e_machine`, System V gABI). */
export const EM_386 = 3;
export const EM_PPC64 = 21;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;
export const EM_RISCV = 243;
