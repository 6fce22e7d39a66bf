import { Presets, SingleBar } from 'cli-progress';

/** What is over by then needs no bar. */
const PATIENCE = 1000;

/**
 * A bar on standard error, if that is a terminal and it is known how much there is to do; or how much is done, where
 * that is counted in something. It appears after a second. Callers hide it to write.
 */
export class Progress {
  readonly #total: number;
  readonly #format: string;
  readonly #wanted: boolean;
  readonly #started = Date.now();
  #bar: SingleBar | undefined;

  /**
   * `total`: `undefined` if nobody knows. `what`: such as `the trace`, of which so many percent are done. `unit`: what
   * is counted, such as `instructions`, if so many are shown where nobody knows the total.
   */
  constructor(
    total: number | undefined,
    what: string,
    { unit, stream = process.stderr }: { readonly unit?: string; readonly stream?: NodeJS.WriteStream } = {},
  ) {
    this.#total = total ?? 0;
    this.#format = this.#total > 0 ? `  {bar} {percentage} % of ${what}` : `  {value} ${unit} of ${what}`;
    this.#wanted = stream.isTTY === true && (this.#total > 0 || unit !== undefined);
    // Whatever ends the process: the cursor comes back.
    if (this.#wanted) process.once('exit', () => this.hide());
  }

  /** So much is done. */
  update(done: number): void {
    if (!this.#wanted) return;
    if (this.#bar === undefined && Date.now() - this.#started > PATIENCE) {
      this.#bar = new SingleBar(
        { format: this.#format, hideCursor: true, clearOnComplete: true },
        Presets.shades_classic,
      );
      this.#bar.start(this.#total, 0);
    }
    this.#bar?.update(done);
  }

  /** Takes the bar off the screen; the next {@link update} brings it back. */
  hide(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
