import type { Value } from '@hwbp/conform';

/**
 * A step to record: a transcript's step without its results. `ev` and `group` may be `live:N`, the N-th open event, or
 * `last`.
 */
export type PlannedStep = { readonly op: string } & { readonly [key: string]: Value };

/** A script to record. */
export interface Plan {
  readonly suite: string;
  readonly id: string;
  readonly setup: { readonly [key: string]: Value };
  readonly steps: readonly PlannedStep[];
}
