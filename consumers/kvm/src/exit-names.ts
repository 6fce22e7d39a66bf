import type { VirtualTrap } from '@hwbp/core';

/** What an exit is for, by what happened; anything else is a software breakpoint. */
export const EXITS: Readonly<Partial<Record<VirtualTrap['kind'], string>>> = {
  debug: 'db',
  control: 'dr',
  hypercall: 'hcall',
  completed: 'db',
  syscall: 'db',
};
