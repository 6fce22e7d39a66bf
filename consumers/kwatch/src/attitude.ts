/**
 * What a watch thinks of debuggers in user space (ptrace), the three attitudes that the thread of February 2007 agreed
 * on. `break-ptrace`: takes registers away from them. `keep-ptrace`: takes none away, and gives none up. `step-aside`:
 * gets out of the way as soon as one of them wants the register.
 */
export type Attitude = 'break-ptrace' | 'keep-ptrace' | 'step-aside';

/** How far above the debuggers' priority each stands. */
export const ATTITUDES: Readonly<Record<Attitude, number>> = Object.freeze({
  'break-ptrace': 1,
  'keep-ptrace': 0,
  'step-aside': -1,
});
