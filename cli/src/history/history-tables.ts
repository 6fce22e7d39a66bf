import { type HistoryData, happened, machinesOf, nameIn } from '@hwbp/history';
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
export function holdersTable(data: HistoryData): string {
  const all = machinesOf(data).flatMap((machine) => {
    const { owners } = machine.data;
    return holdingsOf(machine.data).map((one) => ({ ...one, name: nameIn(machine, owners[one.owner] ?? '') }));
  });
  const rows = all.slice(0, MOST_ROWS).map(({ name, what, stays, held, hits }) => {
    return [name, what, grouped(stays), grouped(held), grouped(hits)];
  });
  const head = ['owner', 'watches', 'times in a register', 'instructions held', 'hits'];
  return htmlTable(head, rows, new Set([2, 3, 4])) + more(all.length);
}

function holdingsOf({ intervals, events, to: end }: HistoryData): readonly Holding[] {
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
  return [...holdings.values()];
}

/** Who had to wait, lost a register, got one, or was refused; empty if nobody. */
export function decisionsTable(history: HistoryData): string {
  const decisions = machinesOf(history).flatMap((machine) =>
    machine.data.events
      .filter(({ kind }) => ['waits', 'displaced', 'granted', 'refused'].includes(kind))
      .map((event) => ({ event, machine })),
  );
  if (decisions.length === 0) return '';
  const rows = decisions.slice(0, MOST_ROWS).map(({ event, machine }) => {
    const cpu = event.cpu < 0 ? 'any' : String(event.cpu);
    return [grouped(event.count), nameIn(machine, cpu), event.task ?? '', happened(event, machine.data)];
  });
  return htmlTable(['instruction', 'CPU', 'task', 'what'], rows, new Set([0])) + more(decisions.length);
}
