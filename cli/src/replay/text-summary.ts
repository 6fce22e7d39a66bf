import { visible } from '@hwbp/conform/text';
import { hex } from '@hwbp/core';
import type { Output } from '../output.js';
import { counted, grouped } from './counted.js';
import { describedSite, share } from './described-site.js';
import type { RegisterContent } from './registers.js';
import type { SiteNames } from './site-names.js';
import type { SiteSummary } from './site-summary.js';
import { textTable } from './text-table.js';
import type { Watch } from './watch.js';

type Colours = Output['colours'];

/** Sites of a watch that are shown: nobody reads more. */
const MOST_SITES = 1000;

/** Who hit a watch, by instruction, the rarest first and marked. */
export function siteTable(watch: Watch, summary: SiteSummary, names: SiteNames, colours: Colours): string {
  const sites = summary.of(watch);
  const total = summary.count(watch);
  const title = `${colours.bold(visible(watch.text))}  ${total === 0 ? 'no hits' : `${counted(total, 'hit')} at ${counted(sites.length, 'site')}`}\n`;
  if (total === 0) return title;
  const rare = new Set(summary.rare(watch));
  const rows = sites.slice(0, MOST_SITES).map((site) => {
    const { count, first, last } = site;
    const cells = [
      describedSite(site, names),
      watch.type,
      String(count),
      share(count, total),
      String(first),
      String(last),
    ];
    if (!rare.has(site)) return [...cells, ''];
    return [...cells, '<-- rare'].map((cell) => colours.bold(colours.red(cell)));
  });
  const head = ['site', 'type', 'count', 'share', 'first step', 'last step', ''].map((cell) => colours.dim(cell));
  const more =
    sites.length > MOST_SITES
      ? `  ... and ${counted(sites.length - MOST_SITES, 'site')} more, no rarer than these (--json has all)\n`
      : '';
  return title + textTable(head, rows, new Set([2, 3, 4, 5])) + more;
}

/** What was in each debug register meanwhile. */
export function registerTable(
  registers: readonly RegisterContent[],
  controls: readonly (string | undefined)[],
  names: SiteNames,
  colours: Colours,
): string {
  if (registers.length === 0) return '';
  const rows = registers.map(({ cpu, register, content }) => {
    if (content === undefined) return [String(cpu), register, colours.dim('free'), '', '', '', '', ''];
    const { breakpoint, watch } = content;
    const where = names.place(watch.address);
    return [
      String(cpu),
      register,
      hex(watch.address),
      where,
      watch.type,
      String(watch.length),
      breakpoint.owner,
      grouped(breakpoint.hits),
    ];
  });
  const head = ['CPU', 'register', 'address', 'symbol', 'type', 'length', 'owner', 'hits'].map((cell) =>
    colours.dim(cell),
  );
  const known = controls.flatMap((control, cpu) => (control === undefined ? [] : [`  CPU ${cpu}: ${control}\n`]));
  return `${colours.bold('Debug registers meanwhile')}\n${textTable(head, rows, new Set([0, 5, 7]))}${known.join('')}`;
}
