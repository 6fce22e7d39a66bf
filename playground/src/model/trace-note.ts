import type { TraceLine } from './state-view.js';

/** A line of the trace, whose text may be worked out when somebody reads it. */
export interface TraceNote extends Omit<TraceLine, 'text'> {
  readonly text: string | (() => string);
  /** Number of the register that it is about: who comes into which at one moment has no order in itself. */
  readonly register?: number;
}
