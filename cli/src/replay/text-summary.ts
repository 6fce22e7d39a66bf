import { visible } from '@hwbp/conform/text';
import { hex } from '@hwbp/core';
import type { Output } from '../output.js';
import type { RegisterContent } from './registers.js';
import type { SiteNames } from './site-names.js';
import type { Site, SiteSummary } from './site-summary.js';
import { counted, grouped, textTable } from './text-table.js';
import { traceLine } from './trace-line.js';
import { VERB, type Watch } from './watch.js';

type Colours = Output['colours'];

/** Sites of a watch that are shown, and those of them in words: nobody reads more. */
const MOST_SITES = 1000;
const MOST_RARE = 100;

/** `0.1 %`. */
function share(count: number, total: number): string {
  return `${((100 * count) / total).toFixed(1)} %`;
}

/** Who hit a watch, by instruction, the rarest first and marked. */
export function siteTable(watch: Watch, summary: SiteSummary, names: SiteNames, colours: Colours): string {
  const sites = summary.of(watch);
  const total = summary.count(watch);
  const title = `${colours.bold(visible(watch.text))}  ${total === 0 ? 'no hits' : `${counted(total, 'hit')} at ${counted(sites.length, 'site')}`}\n`;
  if (total === 0) return title;
  const rare = new Set(summary.rare(watch));
  const rows = sites.slice(0, MOST_SITES).map((site) => {
    const { count, first, last } = site;
    const cells = [described(site, names), watch.type, String(count), share(count, total), String(first), String(last)];
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

/** The rare sites again, in words and with their hits in the trace. */
export function rareSites(watches: readonly Watch[], summary: SiteSummary, names: SiteNames, colours: Colours): string {
  const told = watches.flatMap((watch) => {
    const sites = summary.rare(watch);
    const total = summary.count(watch);
    const more = sites.length - MOST_RARE;
    const shown = sites.slice(0, MOST_RARE).map((site) => rareSite(site, total, names, colours));
    return more > 0 ? [...shown, `  ... and ${counted(more, 'rare site')} more of ${visible(watch.text)}\n`] : shown;
  });
  return told.length === 0 ? '' : `${colours.bold('Look here first')}\n${told.join('')}`;
}

/** The instruction, and where the program was before, if it is not the program's own. */
function described({ pc, callers }: Site, names: SiteNames): string {
  const [first, ...others] = [...callers].sort(([, a], [, b]) => b - a);
  if (first === undefined) return names.described(pc);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${names.described(pc)} from ${names.described(first[0])}${more}`;
}

function rareSite(site: Site, total: number, names: SiteNames, colours: Colours): string {
  const { watch, count, first, last, examples } = site;
  const who = colours.bold(colours.red(described(site, names)));
  const what = names.place(watch.address);
  const when = first === last ? `at step ${first}` : `from step ${first} to ${last}`;
  const lines = examples.map((hit) => `    step ${hit.step}: ${traceLine(hit, names).trim()}\n`);
  const more = count > examples.length ? `    ... and ${grouped(count - examples.length)} more\n` : '';
  return `  ${who}  ${grouped(count)} of ${grouped(total)} ${VERB[watch.type]} of ${what}, ${when}\n${lines.join('')}${more}`;
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
