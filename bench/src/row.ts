import type { Sampled } from './measure.js';

/** One line of the table: a figure beside its target. */
export interface Row {
  readonly what: string;
  readonly figure: Sampled;
  /** `x`: a ratio. `U`: as many unchecked loads. Others are units. */
  readonly unit: 'x' | 'U' | 'ns' | 'us' | 'KiB' | 'M/s';
  /** `most`: the figure must not be above the target. `least`: not below. */
  readonly bound: 'most' | 'least';
  /** Absent: the figure stands for comparison alone. */
  readonly target?: number;
  /** Digits behind the point, if not the unit's usual ones. */
  readonly digits?: number;
  /** What else there is to know, such as the absolute figures. */
  readonly note?: string;
}

/** True if the target is met by the median. */
export function meets({ figure, bound, target }: Row): boolean {
  if (target === undefined) return true;
  return bound === 'most' ? figure.median <= target : figure.median >= target;
}

/** A row that could not be measured here, and what is missing. */
export interface Missing {
  readonly what: string;
  readonly missing: string;
}
