import { shown } from '../errors/index.js';

/** Something that is left to do: an object that knows what and for whom, so that what is left to do is data. */
export interface Work {
  perform(): void;
}

/** Throws a TypeError for anything but work, such as a function. */
export function checkWork(work: Work): Work {
  if (typeof (work as Partial<Work> | null | undefined)?.perform === 'function') return work;
  throw new TypeError(`work is an object with perform(), got ${shown(work)}; write { perform() { ... } }`);
}

/** What the exceptions in progress on one CPU have left for their end (Linux: irq_work). */
export class IrqWork {
  /** Exceptions in progress: a handler may run the machine, which may take another. */
  #depth = 0;
  readonly #left: Work[] = [];

  /** Does something once the exceptions in progress on the CPU are over, the latest first; outside of one, at once. */
  queue(work: Work): void {
    if (this.#depth === 0) work.perform();
    else this.#left.push(work);
  }

  /** Does something that counts as an exception. */
  during(action: () => void): void {
    this.enter();
    try {
      action();
    } finally {
      this.leave();
    }
  }

  /** An exception begins, or something that is to work like one. */
  enter(): void {
    this.#depth++;
  }

  /** It is over. */
  leave(): void {
    if (--this.#depth > 0 || this.#left.length === 0) return;
    for (const work of this.#left.splice(0).reverse()) work.perform();
  }
}
