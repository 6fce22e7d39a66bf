import { Presets, SingleBar } from 'cli-progress';
import type { TraceInput } from './trace-input.js';

/** A replay that is over by then needs no bar. */
const PATIENCE = 1000;

/** A bar on standard error, if that is a terminal and the size of the trace is known; it appears after a second. Callers hide it to write. */
export class Progress {
  readonly #input: TraceInput;
  readonly #wanted: boolean;
  readonly #started = Date.now();
  #bar: SingleBar | undefined;

  constructor(input: TraceInput, stream: NodeJS.WriteStream = process.stderr) {
    this.#input = input;
    this.#wanted = stream.isTTY === true && input.size !== undefined && input.size > 0;
  }

  /** More was read. */
  update(): void {
    if (!this.#wanted) return;
    if (this.#bar === undefined && Date.now() - this.#started > PATIENCE) {
      const format = '  {bar} {percentage} % of the trace';
      this.#bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
      this.#bar.start(this.#input.size ?? 1, 0);
    }
    this.#bar?.update(this.#input.read);
  }

  /** Takes the bar off the screen; the next {@link update} brings it back. */
  hide(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
