/** Where a program puts the number of its system call, and where Linux's entry code keeps it (`pt_regs.orig_ax`). */
export function callRegisters(bits: 64 | 32): { readonly number: string; readonly original: string } {
  return bits === 64 ? { number: 'rax', original: 'orig_rax' } : { number: 'eax', original: 'orig_eax' };
}
