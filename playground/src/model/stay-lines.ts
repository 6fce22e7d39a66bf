import type { HistoryChanges, Interval } from '@hwbp/history';
import { ownerTitle } from './owners.js';
import type { TraceLine } from './state-view.js';

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
  readonly lines: readonly TraceLine[];
  /** Of this moment: what else happens before the next instruction may make them untrue. */
  readonly passing: readonly TraceLine[];
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
    const { owners, registers, to: now } = data;
    const lines: TraceLine[] = [];
    const passing: TraceLine[] = [];
    for (const stay of [...data.intervals, ...latest]) {
      if (stay.task !== undefined) continue;
      const { cpu, register, from, what, to, end } = stay;
      const place = `${cpu} ${register}`;
      const known = this.#told.get(place);
      const same = known?.from === from && known.what === what;
      const name = registers[register] ?? String(register);
      const who = `${ownerTitle(owners[stay.owner] ?? '')} ${what}`;
      const line = (count: number, kind: string, text: string): void => {
        (count < now ? lines : passing).push({ count, kind, cpu, task: undefined, text });
      };
      if (!same) line(from, 'in', `${who} is in ${name}`);
      const out = to !== undefined && !(same && known.out);
      const why = OUT[end ?? 'changed'];
      if (out && why !== undefined) line(to, 'out', `${who} leaves ${name}: ${why}`);
      if (from >= now) continue;
      this.#told.set(place, { from, what, out: (same && known.out) || (to !== undefined && to < now) });
    }
    return { lines, passing };
  }
}

/** That it was displaced has a line of its own. */
const OUT: Readonly<Record<NonNullable<Interval['end']>, string | undefined>> = {
  switched: 'its turn is over',
  released: 'it is given back',
  displaced: undefined,
  changed: undefined,
};
