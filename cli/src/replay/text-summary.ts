import type { Output } from '../output.js';
import { counted, grouped } from './counted.js';
import { registerRows } from './register-rows.js';
import type { RegisterContent } from './registers.js';
import type { SiteNames } from './site-names.js';
import type { SiteSummary } from './site-summary.js';
import { textTable } from './text-table.js';
import type { Watch } from './watch.js';
import { watchSites } from './watch-sites.js';

type Colours = Output['colours'];

/** Sites of a watch that are shown: nobody reads more. */
const MOST_SITES = 1000;

/** Who hit a watch, by instruction, the rarest first and marked. */
export function siteTable(watch: Watch, summary: SiteSummary, names: SiteNames, colours: Colours): string {
  const sites = watchSites(watch, summary, names, MOST_SITES);
  const title = `${colours.bold(sites.watch)}  ${sites.title}\n`;
  if (sites.rows.length === 0) return title;
  const rows = sites.rows.map(({ site, type, count, share, first, last, rare }) => {
    const cells = [site, type, String(count), share, String(first), String(last)];
    if (!rare) return [...cells, ''];
    return [...cells, '<-- rare'].map((cell) => colours.bold(colours.red(cell)));
  });
  const head = ['site', 'type', 'count', 'share', 'first step', 'last step', ''].map((cell) => colours.dim(cell));
  const more =
    sites.more > 0 ? `  ... and ${counted(sites.more, 'site')} more, no rarer than these (--json has all)\n` : '';
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
  const rows = registerRows(registers, names).map(({ cpu, register, held }) => {
    if (held === undefined) return [String(cpu), register, colours.dim('free'), '', '', '', '', ''];
    const { address, symbol, type, length, owner, hits } = held;
    return [String(cpu), register, address, symbol, type, String(length), owner, grouped(hits)];
  });
  const head = ['CPU', 'register', 'address', 'symbol', 'type', 'length', 'owner', 'hits'].map((cell) =>
    colours.dim(cell),
  );
  const known = controls.flatMap((control, cpu) => (control === undefined ? [] : [`  CPU ${cpu}: ${control}\n`]));
  return `${colours.bold('Debug registers meanwhile')}\n${textTable(head, rows, new Set([0, 5, 7]))}${known.join('')}`;
}
