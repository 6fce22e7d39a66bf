import type { Task } from '../kernel/index.js';
import type { SlotClaim } from './claim.js';

/** In no register: it waits. */
export const WAITS = -1;

/** The registers that a request can be in. */
export interface RegisterRange {
  readonly first: number;
  readonly end: number;
}

/**
 * What a priority policy decides about: one claim, or those of a wide request, which are in the same register on every
 * CPU or wait on every CPU.
 */
export class PriorityRequest {
  readonly claims: SlotClaim[] = [];
  readonly level: number;
  /** Inside a level the lower one came first. It is kept while it waits, and over a change of class. */
  order: number;
  readonly range: RegisterRange;
  /** The process whose user it is; `undefined`: the kernel's. */
  readonly task: Task | undefined;
  /** Its register, or {@link WAITS}. */
  register = WAITS;
  /** False for a user whose task does not run, where only those count that do. */
  present = true;

  constructor(claim: SlotClaim, level: number, order: number, range: RegisterRange) {
    this.task = claim.task;
    this.level = level;
    this.order = order;
    this.range = range;
  }

  /** It is looked at before the other one. */
  ranksBefore(other: PriorityRequest): boolean {
    return this.level === other.level ? this.order < other.order : this.level > other.level;
  }

  /**
   * True if the two cannot be in one register. A user and the kernel never can, wherever they run: whoever is displaced
   * gives the register up on all CPUs. But one who is not {@link present} is in nobody's way.
   */
  meets(other: PriorityRequest): boolean {
    if (this.task !== other.task && this.task !== undefined && other.task !== undefined) return false;
    if ((this.task === undefined) !== (other.task === undefined)) return this.present && other.present;
    return this.claims.some(({ cpu }) => other.claims.some((claim) => cpu < 0 || claim.cpu < 0 || cpu === claim.cpu));
  }
}

/** The request that a claim is of, or is a part of. */
export function requestOf({ account }: SlotClaim): PriorityRequest {
  return account as PriorityRequest;
}
