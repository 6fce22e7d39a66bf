import type { HistoryChanges, Interval } from '@hwbp/history';
import { ownerTitle } from './owners.js';
import type { TraceNote } from './trace-note.js';

/** What was told of the latest stay in a register. */
interface Told {
  readonly from: number;
  readonly what: string;
  /** That it is over, too. */
  readonly out: boolean;
}

/** Lines of the trace about breakpoints that come into registers and leave them. */
export interface StayLines {
  /** For good. */
  readonly lines: readonly TraceNote[];
  /** Of this moment: what else happens before the next instruction may make them untrue. */
  readonly passing: readonly TraceNote[];
}

/**
 * Tells when a breakpoint of no task in particular is in a register, and when it leaves it: those of a task come and go
 * with their task, which the timeline shows.
 */
export class StayTeller {
  /** By CPU and register. */
  readonly #told = new Map<string, Told>();

  /** What is new. */
  tell({ data, latest }: HistoryChanges): StayLines {
    const lines: TraceNote[] = [];
    const passing: TraceNote[] = [];
    const { to: now } = data;
    for (const stay of data.intervals) this.#stay(stay, data, () => true, { lines, passing });
    // The latest of a register may come to nothing, or go on, before an instruction executes.
    for (const stay of latest) this.#stay(stay, data, (count) => count < now, { lines, passing });
    return { lines, passing };
  }

  /** `isFinal`: nothing can become of what happened at a count any more. */
  #stay(
    stay: Interval,
    { owners, registers }: HistoryChanges['data'],
    isFinal: (count: number) => boolean,
    { lines, passing }: { readonly lines: TraceNote[]; readonly passing: TraceNote[] },
  ): void {
    const { cpu, register, from, what, to, end, task } = stay;
    if (task !== undefined) return;
    const place = `${cpu} ${register}`;
    const known = this.#told.get(place);
    const same = known?.from === from && known.what === what;
    const name = registers[register] ?? String(register);
    const who = `${ownerTitle(owners[stay.owner] ?? '')} ${what}`;
    const tell = (count: number, kind: string, text: string): void => {
      (isFinal(count) ? lines : passing).push({ count, kind, cpu, register, task, text });
    };
    if (!same) tell(from, 'in', `${who} is in ${name}`);
    const said = same && known.out;
    const why = OUT[end ?? 'changed'];
    if (to !== undefined && !said && why !== undefined) tell(to, 'out', `${who} leaves ${name}: ${why}`);
    if (isFinal(from)) this.#told.set(place, { from, what, out: said || (to !== undefined && isFinal(to)) });
  }
}

/** That it was displaced has a line of its own. */
const OUT: Readonly<Record<NonNullable<Interval['end']>, string | undefined>> = {
  switched: 'the registers are dealt anew',
  released: 'it is given back',
  displaced: undefined,
  changed: undefined,
};
