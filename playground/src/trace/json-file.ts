import type { ReportSubject } from '@hwbp/cli/portable';
import { hitData, jsonLine, type ReplayHit, type SiteNames, summaryData } from '@hwbp/cli/portable';

/** Characters of hits that are kept at most. */
const MOST = 64 * 1024 * 1024;
/** Characters that are gathered before the browser gets them. */
const GATHER = 1024 * 1024;

/** What `hwbp replay --json` prints, as a file to save: bounded, and in the browser's hands rather than in memory. */
export class JsonFile {
  /** Hits that it has not. */
  omitted = 0;
  readonly #names: SiteNames;
  readonly #parts: Blob[] = [];
  #gathered = '';
  #length = 0;

  constructor(names: SiteNames) {
    this.#names = names;
  }

  hit(hit: ReplayHit): void {
    if (this.#length < MOST) this.#write(jsonLine(hitData(hit, this.#names)));
    else this.omitted++;
  }

  /** The whole; a line of its own says what was left out. */
  end(subject: ReportSubject, whole: boolean): Blob {
    if (this.omitted > 0) this.#write(jsonLine({ kind: 'omitted', hits: this.omitted }));
    this.#write(jsonLine(summaryData(subject, this.#names, whole)));
    return new Blob([...this.#parts, this.#gathered], { type: 'application/jsonl' });
  }

  #write(line: string): void {
    this.#length += line.length;
    this.#gathered += line;
    if (this.#gathered.length < GATHER) return;
    this.#parts.push(new Blob([this.#gathered]));
    this.#gathered = '';
  }
}
