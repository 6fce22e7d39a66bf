import { type History, type HistoryCursor, type HistoryData, type HistoryEvent, happened } from '@hwbp/history';
import { withOwners } from './owners.js';
import type { TraceLine } from './state-view.js';
import { StayTeller } from './stay-lines.js';
import type { TraceNote } from './trace-note.js';

/** Lines that are shown. */
const SHOWN = 200;
/** Lines that are kept: what is told of an instruction before it retires finds its place among them. */
const KEPT = 2 * SHOWN;

/** Events that have a line; switches and interrupts are in the timeline alone, the rest is noted. */
const TOLD: ReadonlySet<HistoryEvent['kind']> = new Set(['waits', 'granted', 'displaced', 'guest-entry', 'guest-exit']);

/**
 * Lines of one count: what its instruction did, then what came behind that. Whoever leaves a register is told of before
 * those who get it.
 */
const ORDER: Readonly<Record<string, number>> = { hit: 0, stop: 0, step: 0, out: 1, in: 3, refused: 4 };
const BETWEEN = 2;
/** More than a CPU has. */
const MOST_REGISTERS = 1024;

/**
 * The latest lines about a run, whenever they are asked for. Somebody has to look at least as often as the history
 * drops what it has.
 */
export class TraceTail {
  readonly #history: History;
  readonly #stays = new StayTeller();
  #cursor: HistoryCursor | undefined;
  #kept: TraceNote[] = [];
  /** Lines that the next look may take back. */
  #passing: readonly TraceNote[] = [];
  #dropped = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Adds a line that the history knows nothing of. */
  note(line: TraceNote): void {
    this.#kept.push(line);
  }

  /** Takes what is new. */
  look(): void {
    const changes = this.#history.since(this.#cursor);
    const { cursor, data } = changes;
    this.#cursor = cursor;
    const { lines, passing } = this.#stays.tell(changes);
    this.#passing = passing;
    for (const line of lines) this.#kept.push(line);
    for (const event of data.events) if (TOLD.has(event.kind)) this.#kept.push(lineOf(event, data));
    sort(this.#kept);
    this.#dropped += this.#kept.splice(0, Math.max(0, this.#kept.length - KEPT)).length;
  }

  /** The latest lines, the last one last. */
  get lines(): readonly TraceLine[] {
    const all = [...this.#kept, ...this.#passing];
    sort(all);
    return all.slice(-SHOWN).map(({ count, kind, cpu, task, text }) => {
      return { count, kind, cpu, task, text: typeof text === 'string' ? text : text() };
    });
  }

  /** How many were before these. */
  get earlier(): number {
    return this.#dropped + Math.max(0, this.#kept.length + this.#passing.length - SHOWN);
  }
}

function sort(lines: TraceNote[]): void {
  const rank = ({ kind }: TraceNote): number => ORDER[kind] ?? BETWEEN;
  const place = ({ cpu, register }: TraceNote): number =>
    register === undefined ? 0 : cpu * MOST_REGISTERS + register;
  lines.sort((a, b) => a.count - b.count || rank(a) - rank(b) || place(a) - place(b));
}

function lineOf(event: HistoryEvent, data: HistoryData): TraceLine {
  const { count, kind, cpu, task } = event;
  return { count, kind, cpu, task, text: GUEST[kind] ?? withOwners(happened(event, data)) };
}

const GUEST: Readonly<Partial<Record<HistoryEvent['kind'], string>>> = {
  'guest-entry': 'the guest enters: its debug registers are in the silicon from here on',
  'guest-exit': 'the guest leaves: the host’s debug registers are in the silicon again',
};
