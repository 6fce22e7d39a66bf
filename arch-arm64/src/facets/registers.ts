/** x0 to x30, as Linux's struct user_pt_regs has them; sp, pc and pstate follow. */
export const X_REGISTERS: readonly string[] = Array.from({ length: 31 }, (_, n) => `x${n}`);

/** PSTATE.SS as SPSR_EL1 has it: the software step is not pending. */
export const PSTATE_SS = 1n << 21n;
/** PSTATE bits that a debugger reads and writes as they are: N, Z, C, V and the single-bit flags of EL0. */
export const PSTATE_USER = 0xf000_0000n;
