import type { HistoryEvent, HistoryHappening } from './data.js';
import { Ring } from './ring.js';

/** What has happened, the latest so many. */
export class Happenings {
  readonly #ring: Ring<HistoryEvent>;
  #lostTo = 0;

  constructor(capacity: number) {
    this.#ring = new Ring(capacity);
  }

  get lost(): number {
    return this.#ring.lost;
  }

  /** When the latest happened that was dropped. */
  get lostTo(): number {
    return this.#lostTo;
  }

  get events(): readonly HistoryEvent[] {
    return this.#ring.records;
  }

  add(count: number, cpu: number, task: string | undefined, what: HistoryHappening): void {
    const event: HistoryEvent = task === undefined ? { count, cpu, ...what } : { count, cpu, task, ...what };
    const dropped = this.#ring.push(event);
    if (dropped !== undefined) this.#lostTo = Math.max(this.#lostTo, dropped.count);
  }

  clear(): void {
    this.#ring.clear();
    this.#lostTo = 0;
  }
}
