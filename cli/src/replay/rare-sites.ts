import { visible } from '@hwbp/conform/text';
import type { Output } from '../output.js';
import { counted, grouped } from './counted.js';
import { describedSite } from './described-site.js';
import type { SiteNames } from './site-names.js';
import type { Site, SiteSummary } from './site-summary.js';
import { traceLine } from './trace-line.js';
import { VERB, type Watch } from './watch.js';

type Colours = Pick<Output['colours'], 'bold' | 'red'>;

/** Rare sites of a watch that are told: nobody reads more. */
const MOST_RARE = 100;

/** The rare sites again, each in words and with its first hits in the trace, in lines. */
export function rareSites(
  watches: readonly Watch[],
  summary: SiteSummary,
  names: SiteNames,
  colours: Colours,
): readonly string[] {
  return watches.flatMap((watch) => {
    const sites = summary.rare(watch);
    const total = summary.count(watch);
    const more = sites.length - MOST_RARE;
    const shown = sites.slice(0, MOST_RARE).map((site) => rareSite(site, total, names, colours));
    return more > 0 ? [...shown, `  ... and ${counted(more, 'rare site')} more of ${visible(watch.text)}\n`] : shown;
  });
}

function rareSite(site: Site, total: number, names: SiteNames, colours: Colours): string {
  const { watch, count, first, last, examples } = site;
  const who = colours.bold(colours.red(describedSite(site, names)));
  const what = names.place(watch.address);
  const when = first === last ? `at step ${first}` : `from step ${first} to ${last}`;
  const lines = examples.map((hit) => `    step ${hit.step}: ${traceLine(hit, names).trim()}\n`);
  const more = count > examples.length ? `    ... and ${grouped(count - examples.length)} more\n` : '';
  return `  ${who}  ${grouped(count)} of ${grouped(total)} ${VERB[watch.type]} of ${what}, ${when}\n${lines.join('')}${more}`;
}
