import type { CountingMethod } from './level-counts.js';

/** How a priority policy is made. */
export interface PriorityRules {
  /** Priorities by the owner of a claim, which count instead of the claim's own. */
  readonly owners: Readonly<Record<string, number>>;
  readonly counts: CountingMethod;
  /** Who counts: every user, or those alone whose task is on a CPU. */
  readonly users: 'all' | 'running';
}

/** The users of one register: user processes, each with a priority. */
export interface SlotUsers {
  /** How many there are, by level. */
  readonly counts: ReadonlyMap<number, number>;
  /** The priority that a request of the kernel has to exceed to get the register; `undefined`: there are no users. */
  readonly effective: number | undefined;
}

/** What a priority policy tells of itself. */
export interface Priorities {
  /** The priority that counts for an owner's request that asks for `priority`, by default for 0. */
  levelOf(owner: string, priority?: number): number;
  /** Who counts as a user of a register now: see the rules' `users`. Throws a TypeError for one that there is not. */
  users(register: number): SlotUsers;
}
