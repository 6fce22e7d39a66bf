import type { Scenario } from '../model/scenario.js';
import type { StateView } from '../model/state-view.js';
import type { PackedTimeline } from '../timeline/packed.js';

/** What the page asks of the worker in which the kernel runs. */
export type Request =
  /** Composes a scenario; `at`: and goes there. What is answered from then on is `of` this one. */
  | { readonly kind: 'load'; readonly of: number; readonly scenario: Scenario; readonly at: number }
  | { readonly kind: 'step' | 'back' | 'pause' | 'restart' }
  /** Goes on: to a count, to the next hit, or to the end. */
  | { readonly kind: 'run'; readonly count?: number; readonly toHit?: boolean }
  /** Is at a count, wherever it was. */
  | { readonly kind: 'go'; readonly count: number }
  /** What is wrong with a text. */
  | { readonly kind: 'check'; readonly id: number; readonly text: string; readonly space: Scenario['space'] };

/** What is wrong with a text, and where: lines and columns from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What the worker answers. */
export type Answer =
  /** It is there. `mnemonics`: and what stands behind each of them. */
  | { readonly kind: 'ready'; readonly mnemonics: readonly (readonly [string, string])[] }
  /**
   * `timeline`: if it is another one: it goes as far as the kernel ever came, where the view may be of a count before.
   */
  | {
      readonly kind: 'state';
      readonly of: number;
      readonly view: StateView;
      readonly timeline?: PackedTimeline;
      readonly why: string;
    }
  /** It runs, and has come this far. */
  | { readonly kind: 'running'; readonly of: number; readonly count: number }
  /** Nothing can be composed, or it has failed. */
  | { readonly kind: 'failed'; readonly of: number; readonly message: string; readonly problem?: Problem }
  | { readonly kind: 'checked'; readonly id: number; readonly problem?: Problem };
