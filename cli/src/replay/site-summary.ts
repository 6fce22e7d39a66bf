import type { ReplayHit } from './hit.js';
import type { Watch } from './watch.js';

/** Hits of a site that are kept as examples. */
const EXAMPLES = 3;
/** A site with at most this part of its watch's hits is worth a look. */
const RARE = 0.05;

/** An instruction that a watch hit, of all tasks. */
export interface Site {
  readonly watch: Watch;
  readonly pc: bigint;
  readonly count: number;
  /** Lowest and highest step. */
  readonly first: number;
  readonly last: number;
  /** The first few hits. */
  readonly examples: readonly ReplayHit[];
  /** Of an instruction outside the program: the program's last instructions before it, and how often each. */
  readonly callers: ReadonlyMap<bigint, number>;
}

interface Counted extends Site {
  count: number;
  first: number;
  last: number;
  readonly examples: ReplayHit[];
  readonly callers: Map<bigint, number>;
}

/** Adds hits up by site, in memory that depends on the number of sites only. */
export class SiteSummary {
  /** All hits. */
  total = 0;
  readonly #watches: ReadonlyMap<Watch, Map<bigint, Counted>>;

  constructor(watches: readonly Watch[]) {
    this.#watches = new Map(watches.map((watch) => [watch, new Map()]));
  }

  add(hit: ReplayHit): void {
    const { watch, pc, step, caller } = hit;
    const sites = this.#watches.get(watch);
    if (sites === undefined) return;
    this.total++;
    let site = sites.get(pc);
    if (site === undefined) {
      site = { watch, pc, count: 0, first: step, last: step, examples: [], callers: new Map() };
      sites.set(pc, site);
    }
    if (caller !== undefined) site.callers.set(caller, (site.callers.get(caller) ?? 0) + 1);
    site.count++;
    site.first = Math.min(site.first, step);
    site.last = Math.max(site.last, step);
    if (site.examples.length < EXAMPLES) site.examples.push(hit);
  }

  /** The sites of a watch, the rarest first. */
  of(watch: Watch): readonly Site[] {
    const sites = [...(this.#watches.get(watch)?.values() ?? [])];
    return sites.sort((a, b) => a.count - b.count || a.first - b.first);
  }

  /** Hits of a watch. */
  count(watch: Watch): number {
    let sum = 0;
    for (const { count } of this.#watches.get(watch)?.values() ?? []) sum += count;
    return sum;
  }

  /** Sites that touch what a watch watches so seldom, next to the others, that they may not be meant to. */
  rare(watch: Watch): readonly Site[] {
    const sites = this.of(watch);
    const total = this.count(watch);
    return sites.length < 2 ? [] : sites.filter(({ count }) => count <= total * RARE);
  }
}
