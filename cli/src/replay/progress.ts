import { Presets, SingleBar } from 'cli-progress';
import type { TraceInput } from './trace-input.js';

/** A replay that is over by then needs no bar. */
const PATIENCE = 1000;

/**
 * A bar on standard error, if that is a terminal and the size of the traces is known; it appears after a second.
 * Callers hide it to write.
 */
export class Progress {
  readonly #inputs: readonly TraceInput[];
  /** Bytes of all sources; `undefined` if one of them is a pipe. */
  readonly #size: number | undefined;
  readonly #wanted: boolean;
  readonly #started = Date.now();
  #bar: SingleBar | undefined;

  constructor(inputs: readonly TraceInput[], stream: NodeJS.WriteStream = process.stderr) {
    this.#inputs = inputs;
    this.#size = inputs.reduce<number | undefined>(
      (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
    this.#wanted = stream.isTTY === true && this.#size !== undefined && this.#size > 0;
    // Whatever ends the process: the cursor comes back.
    if (this.#wanted) process.once('exit', () => this.hide());
  }

  /** More was read. */
  update(): void {
    if (!this.#wanted) return;
    if (this.#bar === undefined && Date.now() - this.#started > PATIENCE) {
      const format = '  {bar} {percentage} % of the trace';
      this.#bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
      this.#bar.start(this.#size ?? 1, 0);
    }
    this.#bar?.update(this.#inputs.reduce((sum, { read }) => sum + read, 0));
  }

  /** Takes the bar off the screen; the next {@link update} brings it back. */
  hide(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
