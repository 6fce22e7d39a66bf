import { setImmediate } from 'node:timers/promises';
import type { Progress } from '../rsp/debug-target.js';

/** Milliseconds that a slice of running takes: Ctrl-C is heard between two. */
const SLICE = 10;
const LEAST = 1000;
const MOST = 100_000_000;

/** What the pump drives. */
export interface PumpSource {
  /** Lets the machine execute about so many instructions. */
  run(budget: number): Progress;
  /** Programs wait for input. True: some came. */
  feed(): Promise<boolean>;
  /** `run` threw: nothing more can be done. */
  failed(error: unknown): void;
}

/** Lets a machine run in slices, as long as somebody wants it to. */
export class Pump {
  readonly #source: PumpSource;
  #budget = LEAST;
  #wake: (() => void) | undefined;
  #woken = false;
  #closed = false;

  constructor(source: PumpSource) {
    this.#source = source;
  }

  /** Runs until {@link close}. */
  async start(): Promise<void> {
    while (!this.#closed) {
      this.#woken = false;
      const progress = this.slice();
      if (progress === 'budget') await setImmediate();
      else if (progress !== 'starved' || !(await this.#source.feed())) await this.#sleep();
    }
  }

  /** One slice at once: a step is answered without waiting for the loop. */
  slice(): Progress {
    if (this.#closed) return 'stopped';
    const started = performance.now();
    let progress: Progress;
    try {
      progress = this.#source.run(this.#budget);
    } catch (error) {
      this.#source.failed(error);
      return 'stopped';
    }
    const taken = performance.now() - started;
    if (taken > 2 * SLICE) this.#budget = Math.max(LEAST, this.#budget >> 1);
    else if (progress === 'budget' && taken < SLICE / 2) this.#budget = Math.min(MOST, this.#budget * 2);
    return progress;
  }

  /** Something has changed: look again whether there is something to do. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.wake();
  }

  async #sleep(): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
