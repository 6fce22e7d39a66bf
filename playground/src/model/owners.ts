import { USER_DEBUGGERS } from '@hwbp/core';

/** Who holds a register, as people know it: what debuggers in user space set is kept by the kernel as ptrace's. */
export function ownerTitle(owner: string): string {
  return owner === USER_DEBUGGERS ? `ptrace (${owner})` : owner;
}

/** The same inside of a text. */
export function withOwners(text: string): string {
  return text.replaceAll(USER_DEBUGGERS, ownerTitle(USER_DEBUGGERS));
}
