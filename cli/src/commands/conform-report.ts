import { fileRecord, type Outcome, scriptRecord, showValue, type Tally, type TranscriptError } from '@hwbp/conform';
import { visible } from '@hwbp/conform/text';
import { Output } from '../output.js';

/** How a conformance run is told. */
export interface ConformReport {
  script(file: string, id: string, outcome: Outcome): void;
  file(file: string, tally: Tally): void;
}

/** For people: a line for each file, and, if verbose, the first difference of each script that differs. */
export class TextConformReport implements ConformReport {
  readonly #output: Output;
  readonly #verbose: boolean;

  constructor(output: Output, verbose: boolean) {
    this.#output = output;
    this.#verbose = verbose;
  }

  script(_file: string, id: string, outcome: Outcome): void {
    if (!this.#verbose || outcome.result === 'matched') return;
    const { colours } = this.#output;
    if (outcome.result === 'differs') {
      const { step, op, field, expected, got } = outcome.difference;
      const where = `${colours.red(visible(id))} step ${step} ${visible(op)}: ${colours.bold(visible(field))}`;
      this.#output.write(
        `  ${where}\n    expected ${visible(showValue(expected))}\n    got      ${visible(showValue(got))}\n`,
      );
    } else {
      this.#output.write(`  ${colours.dim(visible(`${id} ${outcome.result}: ${outcome.reason}`))}\n`);
    }
  }

  file(file: string, tally: Tally): void {
    const { colours } = this.#output;
    const colour = tally.agrees ? colours.green : colours.red;
    const parts = [colour(`matched ${tally.matched} of ${tally.scripts} scripts`)];
    if (tally.differs > 0) parts.push(`${tally.differs} differ`);
    if (tally.malformed > 0) parts.push(`${tally.malformed} malformed`);
    for (const [reason, count] of tally.notPlayed) parts.push(`${count} not played: ${visible(reason)}`);
    this.#output.write(`${visible(file)}: ${parts.join(', ')}\n`);
  }
}

/** For machines: JSON Lines, one `script` object for each script and one `file` object for each file. */
export class JsonConformReport implements ConformReport {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  script(file: string, id: string, outcome: Outcome): void {
    this.#line(scriptRecord(file, id, outcome));
  }

  file(file: string, tally: Tally): void {
    this.#line(fileRecord(file, tally));
  }

  #line(value: unknown): void {
    this.#output.write(`${showValue(value)}\n`);
  }
}

/** Lines of a file that are named, at most: a file that is no transcript at all has many. */
const MOST_TOLD = 10;

/** Tells, beside the report, which lines of a file are no scripts. They are skipped. */
export class MalformedLines {
  readonly #file: string;
  readonly #output = new Output(process.stderr);
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  tell(error: TranscriptError): void {
    if (this.#count++ < MOST_TOLD) this.#write(error.message);
  }

  /** The file is at its end. */
  end(): void {
    const further = this.#count - MOST_TOLD;
    if (further > 0) this.#write(`${this.#file}: ${further} further lines are no scripts; --verbose names each`);
  }

  #write(message: string): void {
    this.#output.write(`${this.#output.colours.red('hwbp:')} ${visible(message)}\n`);
    this.#output.flush();
  }
}
