/**
 * The general registers of an architecture by what software uses them for, each by the architecture's own name. No name
 * is there twice, but the result's: it comes where the number or the first argument was.
 */
export interface RegisterRoles {
  /** Number of a system call. */
  readonly number: string;
  /** Its six arguments, and those of any other call. */
  readonly args: readonly string[];
  /** What it returns: {@link number}, or the first of {@link args}. */
  readonly result: string;
  readonly stack: string;
  /**
   * Every register that an instruction may write, but for the program counter; absent: any name is one, as of an
   * architecture that says nothing of them.
   */
  readonly names?: readonly string[];
  /** Eight that a system call leaves alone. */
  readonly general: readonly string[];
}

/** Of an architecture that says nothing of its registers. */
export const NEUTRAL_ROLES: RegisterRoles = Object.freeze({
  number: 'nr',
  args: Object.freeze(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']),
  result: 'a0',
  stack: 'sp',
  general: Object.freeze(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7']),
});
