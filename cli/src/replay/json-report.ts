import type { Output } from '../output.js';
import type { ReplayHit } from './hit.js';
import { hitData, summaryData } from './json-data.js';
import type { Report, ReportSubject } from './report.js';
import type { SiteNames } from './site-names.js';

/**
 * JSON Lines: each hit as it happens, then a summary. The same trace gives the same bytes, wherever it is read from.
 */
export class JsonReport implements Report {
  readonly #output: Pick<Output, 'write'>;
  readonly #names: SiteNames;

  constructor(output: Pick<Output, 'write'>, names: SiteNames) {
    this.#output = output;
    this.#names = names;
  }

  begin(): void {}

  hit(hit: ReplayHit): void {
    this.#output.write(jsonLine(hitData(hit, this.#names)));
  }

  end(subject: ReportSubject, _seconds: number, whole: boolean): void {
    this.#output.write(jsonLine(summaryData(subject, this.#names, whole)));
  }
}

/** A line of JSON Lines. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
