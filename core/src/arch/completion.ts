import type { CompletionForm } from './backend.js';
import type { Occupant } from './cpu-driver.js';

/** An instruction that completes with the registers disarmed: who is told then. */
export class Completion {
  readonly hits: readonly Occupant[];

  constructor(hits: readonly Occupant[]) {
    this.hits = hits;
  }
}

/** Completions as data, for images. */
export const COMPLETIONS: CompletionForm = Object.freeze({
  hits: (completion: object) => (completion instanceof Completion ? completion.hits : undefined),
  make: (hits: readonly Occupant[]) => new Completion(hits),
});
