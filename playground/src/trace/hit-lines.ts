import { HeadTail, type ReplayHit, type SiteNames, traceLine } from '@hwbp/cli/portable';
import type { HitList, HitRow } from './messages.js';

/** Hits that are shown at either end. */
const SHOWN = 100;

/** The first hits of a replay and the last ones. */
export class HitLines {
  readonly #names: SiteNames;
  readonly #first: HitRow[] = [];
  readonly #last: HitRow[] = [];
  readonly #hits = new HeadTail<ReplayHit>(SHOWN, (hit) => this.#show(hit));
  #ending = false;

  constructor(names: SiteNames) {
    this.#names = names;
  }

  add(hit: ReplayHit): void {
    this.#hits.add(hit);
  }

  /** All of them; no more are added. */
  end(): HitList {
    let between = 0;
    this.#ending = true;
    this.#hits.end((hits) => {
      between = hits;
    });
    return { first: this.#first, between, last: this.#last };
  }

  #show(hit: ReplayHit): void {
    (this.#ending ? this.#last : this.#first).push({ step: hit.step, line: traceLine(hit, this.#names).trim() });
  }
}
