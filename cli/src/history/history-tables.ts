import { type HistoryData, happened } from '@hwbp/history';
import { counted, grouped } from '../replay/counted.js';
import { htmlTable } from './html.js';

/** Rows that a page shows of a table: nobody reads more. */
const MOST_ROWS = 500;

/** What an owner had of one thing that it watched. */
interface Holding {
  readonly owner: number;
  readonly what: string;
  stays: number;
  held: number;
  hits: number;
}

function more(rows: number): string {
  return rows > MOST_ROWS ? `<p>... and ${counted(rows - MOST_ROWS, 'row')} more</p>\n` : '';
}

/** Who held registers: each owner, what it watched, how long, and how often that was hit. */
export function holdersTable({ intervals, events, owners, to: end }: HistoryData): string {
  const holdings = new Map<string, Holding>();
  const of = (owner: number, what: string): Holding => {
    const key = `${owner} ${what}`;
    const holding = holdings.get(key) ?? { owner, what, stays: 0, held: 0, hits: 0 };
    holdings.set(key, holding);
    return holding;
  };
  for (const { owner, what, from, to = end } of intervals) {
    const holding = of(owner, what);
    holding.stays++;
    holding.held += to - from;
  }
  for (const event of events) if (event.kind === 'hit') of(event.owner, event.what).hits++;
  const all = [...holdings.values()];
  const rows = all.slice(0, MOST_ROWS).map(({ owner, what, stays, held, hits }) => {
    return [owners[owner] ?? '', what, grouped(stays), grouped(held), grouped(hits)];
  });
  const head = ['owner', 'watches', 'stays', 'instructions held', 'hits'];
  return htmlTable(head, rows, new Set([2, 3, 4])) + more(all.length);
}

/** Who had to wait, lost a register, got one, or was refused; empty if nobody. */
export function decisionsTable(data: HistoryData): string {
  const decisions = data.events.filter(({ kind }) => ['waits', 'displaced', 'granted', 'refused'].includes(kind));
  if (decisions.length === 0) return '';
  const rows = decisions.slice(0, MOST_ROWS).map((event) => {
    return [grouped(event.count), event.cpu < 0 ? 'any' : String(event.cpu), event.task ?? '', happened(event, data)];
  });
  return htmlTable(['instruction', 'CPU', 'task', 'what'], rows, new Set([0])) + more(decisions.length);
}
