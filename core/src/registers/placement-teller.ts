import type { Logger } from '../kernel/index.js';
import type { BreakpointRecord } from './breakpoint-record.js';
import type { PlacementNotices } from './request.js';

/** What an owner is to be told. */
interface Notice {
  readonly record: BreakpointRecord;
  readonly what: keyof PlacementNotices;
}

/** Tells owners what became of their breakpoints, in the order in which it happened. */
export class PlacementTeller {
  readonly #logger: Logger;
  readonly #untold: Notice[] = [];
  #telling = false;
  #silent = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Something happened: to be told with the next {@link tell}. */
  note(record: BreakpointRecord, what: keyof PlacementNotices): void {
    if (this.#silent === 0) this.#untold.push({ record, what });
  }

  /** Nobody hears of what happens meanwhile. */
  silently<T>(action: () => T): T {
    this.#silent++;
    try {
      return action();
    } finally {
      this.#silent--;
    }
  }

  /**
   * What an owner changes from inside its notice is told behind what happened before. A notice that throws is nobody
   * else's concern.
   */
  tell(): void {
    if (this.#telling || this.#untold.length === 0) return;
    this.#telling = true;
    for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
      const { record, what } = next;
      if (record.state === 'released') continue;
      try {
        record.notices[what]?.(record.view);
      } catch (error) {
        this.#logger.log('error', `a placement notice of ${record.owner} threw: ${String(error)}`);
      }
    }
    this.#telling = false;
  }
}
