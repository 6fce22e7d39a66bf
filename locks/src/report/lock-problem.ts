import { type SymbolTable, symbolize } from '@hwbp/core';
import type { LockUse, LockUser } from '../lock-use.js';

/**
 * `lock-order`: locks are taken in orders that can end in a deadlock, whether or not they did here. `recursive`: by who
 * has it already. `irq-unsafe`: in an interrupt handler, and elsewhere with interrupts on. `atomic-sleep`: somebody
 * sleeps, or might, where nobody may. `foreign-unlock`: given back by one who does not have it. `held-at-exit`: a task
 * has ended with it.
 */
export type LockProblemKind =
  | 'lock-order'
  | 'recursive'
  | 'irq-unsafe'
  | 'atomic-sleep'
  | 'foreign-unlock'
  | 'held-at-exit';

/** Who did something with a lock, and where. */
export interface LockWitness {
  /** What: `takes b_lock with a_lock held`. */
  readonly what: string;
  readonly user: LockUser;
  readonly pc: bigint;
  /** Symbol and offset of the `pc`, or its number. */
  readonly where: string;
  /** Instructions that the machine had retired by then. */
  readonly count: number;
}

/** What is wrong with how locks are used; each kind once for the same classes of locks. */
export interface LockProblem {
  readonly kind: LockProblemKind;
  /** Classes of the locks that it is about. */
  readonly classes: readonly string[];
  readonly message: string;
  readonly witnesses: readonly LockWitness[];
}

/** A witness of a use of a lock, or of the end of one. */
export function witness(
  symbols: SymbolTable,
  what: string,
  { user, pc, count }: Pick<LockUse, 'user' | 'pc' | 'count'>,
): LockWitness {
  return Object.freeze({ what, user, pc, where: symbolize(symbols, pc), count });
}

/** A problem as lines of text. */
export function describeProblem({ kind, message, witnesses }: LockProblem): string {
  const lines = witnesses.map(
    ({ what, user, where, count }) =>
      `  ${user} ${what} at ${where}, after ${count} instruction${count === 1 ? '' : 's'}`,
  );
  return [`${kind}: ${message}`, ...lines].join('\n');
}
