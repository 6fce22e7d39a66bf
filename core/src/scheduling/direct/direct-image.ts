import type { ImageValue } from '../../image/index.js';
import type { Registration } from '../../registers/index.js';
import type { SchedulerImage } from '../scheduler.js';

/** The schedule of the direct scheduler as data: in which order breakpoints were registered. */
export class DirectImage implements SchedulerImage {
  readonly #lists: () => readonly Registration[][];
  readonly #registered: () => readonly Registration[];

  /** `lists`: those of CPUs, then of tasks. `registered`: every breakpoint, those that wait too. */
  constructor(lists: () => readonly Registration[][], registered: () => readonly Registration[]) {
    this.#lists = lists;
    this.#registered = registered;
  }

  /** Those who wait for a slot have no place yet: they come last. */
  order(): readonly Registration[] {
    const placed = this.#lists().flat();
    const known = new Set(placed);
    const waiting = this.#registered().filter((one) => !known.has(one));
    return [...placed, ...waiting.sort((a, b) => a.serial - b.serial)];
  }

  save(): ImageValue {
    return null;
  }

  reorder(order: readonly Registration[]): void {
    const places = new Map(order.map((one, place) => [one, place]));
    const placeOf = (one: Registration): number => places.get(one) ?? order.length;
    for (const list of this.#lists()) list.sort((a, b) => placeOf(a) - placeOf(b));
  }

  restore(): void {}
}
