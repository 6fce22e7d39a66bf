import type { PmuEvent } from './event.js';

/** Events in no particular order; coming and going takes constant time and no memory. */
export class EventList {
  readonly #events: PmuEvent[] = [];

  /** Nothing happens for one that is there. */
  add(event: PmuEvent): void {
    if (event.index >= 0) return;
    event.index = this.#events.length;
    this.#events.push(event);
  }

  /** Nothing happens for one that is not there. The last one takes its place. */
  remove(event: PmuEvent): void {
    const at = event.index;
    if (at < 0) return;
    event.index = -1;
    const last = this.#events.pop() as PmuEvent;
    if (last === event) return;
    this.#events[at] = last;
    last.index = at;
  }

  /** A copy. */
  get all(): ReadonlySet<PmuEvent> {
    return new Set(this.#events);
  }
}
