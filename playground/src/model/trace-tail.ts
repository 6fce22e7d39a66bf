import { type History, type HistoryCursor, type HistoryEvent, happened } from '@hwbp/history';
import type { TraceLine } from './state-view.js';

/** Lines that are shown. */
const SHOWN = 200;
/** Lines that are kept: what is told of an instruction before it retires finds its place among them. */
const KEPT = 2 * SHOWN;

/** Events that have a line; switches and interrupts are in the timeline alone, stops and refusals are noted. */
const TOLD: ReadonlySet<HistoryEvent['kind']> = new Set(['hit', 'waits', 'granted', 'displaced']);

/** A line; of those of one count what was noted comes behind what the history has. */
interface Kept {
  readonly line: TraceLine;
  readonly noted: boolean;
}

/**
 * The latest lines about a run, whenever they are asked for. Somebody has to look at least as often as the history
 * drops what it has.
 */
export class TraceTail {
  readonly #history: History;
  #cursor: HistoryCursor | undefined;
  #kept: Kept[] = [];
  #dropped = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Adds a line that the history knows nothing of. */
  note(line: TraceLine): void {
    this.#kept.push({ line, noted: true });
  }

  /** Takes what is new. */
  look(): void {
    const { cursor, data } = this.#history.since(this.#cursor);
    this.#cursor = cursor;
    const told = data.events.filter(({ kind }) => TOLD.has(kind));
    this.#dropped += Math.max(0, told.length - KEPT);
    for (const event of told.slice(-KEPT)) {
      const { count, kind, cpu, task } = event;
      this.#kept.push({ line: { count, kind, cpu, task, text: happened(event, data) }, noted: false });
    }
    this.#kept.sort((a, b) => a.line.count - b.line.count || Number(a.noted) - Number(b.noted));
    this.#dropped += this.#kept.splice(0, Math.max(0, this.#kept.length - KEPT)).length;
  }

  /** The latest lines, the last one last. */
  get lines(): readonly TraceLine[] {
    return this.#kept.slice(-SHOWN).map(({ line }) => line);
  }

  /** How many were before these. */
  get earlier(): number {
    return this.#dropped + Math.max(0, this.#kept.length - SHOWN);
  }
}
