import type { Cpu, DieRecord } from '@hwbp/core';
import type { DataPoint } from './points/data-points.js';

/** Why xmon has the machine. `order`: somebody asked for it. `kernel`: the kernel stopped by itself. */
export type StopCause =
  | { readonly kind: 'order' }
  | { readonly kind: 'kernel'; readonly message: string }
  | { readonly kind: 'trap' | 'reached' | 'completed'; readonly number: number }
  | { readonly kind: 'data'; readonly point: DataPoint };

/** A stop of the machine. */
export interface Stop {
  readonly cpu: Cpu;
  readonly cause: StopCause;
  /** The exception that it is inside of. */
  readonly record?: DieRecord;
}

/** True for an access that has not been made: it executes again. */
export function comesAgain({ cause, record }: Stop): boolean {
  return cause.kind === 'data' && record?.event === 'debug' && record.exception?.timing === 'before';
}
