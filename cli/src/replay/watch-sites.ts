import { visible } from '@hwbp/conform/text';
import { counted } from './counted.js';
import { describedSite } from './described-site.js';
import type { SiteNames } from './site-names.js';
import type { SiteSummary } from './site-summary.js';
import type { Watch } from './watch.js';
import type { WatchType } from './watch-spec.js';

/** An instruction that hit a watch, for people. */
export interface SiteRow {
  /** Its name, and where the program was before. */
  readonly site: string;
  readonly type: WatchType;
  readonly count: number;
  /** Part of the watch's hits: `0.1 %`. */
  readonly share: string;
  /** Lowest and highest step. */
  readonly first: number;
  readonly last: number;
  /** So seldom that it may not be meant to. */
  readonly rare: boolean;
}

/** Who hit a watch, for people. */
export interface WatchSites {
  readonly watch: string;
  /** `3 hits at 2 sites`. */
  readonly title: string;
  /** By instruction, the rarest first. */
  readonly rows: readonly SiteRow[];
  /** Sites that are left out, none of them rarer. */
  readonly more: number;
}

/** Who hit a watch: `most` sites at most. */
export function watchSites(watch: Watch, summary: SiteSummary, names: SiteNames, most: number): WatchSites {
  const sites = summary.of(watch);
  const total = summary.count(watch);
  const rare = new Set(summary.rare(watch));
  return {
    watch: visible(watch.text),
    title: total === 0 ? 'no hits' : `${counted(total, 'hit')} at ${counted(sites.length, 'site')}`,
    rows: sites.slice(0, most).map((site) => ({
      site: describedSite(site, names),
      type: watch.type,
      count: site.count,
      share: `${((100 * site.count) / total).toFixed(1)} %`,
      first: site.first,
      last: site.last,
      rare: rare.has(site),
    })),
    more: Math.max(0, sites.length - most),
  };
}
