import { OutputFile } from '@hwbp/conform/files/output';
import type { Kernel, KernelOptions, Plugin } from '@hwbp/core';
import { History, type HistoryData, history, timelineSvg, traceEvents } from '@hwbp/history';
import { usageError } from '../errors.js';
import { writing } from '../output-error.js';
import type { HistoryOptions } from './history-options.js';
import { htmlReport } from './html-report.js';
import { Transcript } from './transcript.js';

/** Each option, and what its file holds. */
const WRITERS = {
  html: ['--html', (data, title, printed) => htmlReport({ data, title, printed })],
  svg: ['--svg', (data, title) => timelineSvg(data, { title })],
  traceJson: ['--trace-json', (data) => `${JSON.stringify(traceEvents(data))}\n`],
} as const satisfies Record<
  keyof HistoryOptions,
  readonly [option: string, write: (data: HistoryData, title: string, printed: string) => string]
>;

/** A file that was asked for. */
interface Wanted {
  readonly option: string;
  readonly file: OutputFile;
  readonly write: (data: HistoryData, title: string, printed: string) => string;
}

/** The files in which the history of a run is kept. They take their names once they are whole: see `OutputFile`. */
export class HistoryFiles implements Disposable {
  readonly #wanted: Wanted[] = [];
  /** What is printed, for a report that has it too; `undefined`: none is wanted. */
  readonly transcript: Transcript | undefined;

  /**
   * `inputs`: what is read meanwhile. Throws a usage error if a file cannot be made, or two are the same: then nothing
   * was made.
   */
  constructor(options: HistoryOptions, inputs: readonly string[]) {
    const names = Object.keys(WRITERS) as (keyof HistoryOptions)[];
    try {
      for (const name of names) this.#open(name, options, inputs);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.transcript = options.html === undefined ? undefined : new Transcript();
  }

  /** What the kernel is to be composed of besides; nothing if no file is wanted, or `others` keep a history. */
  plugins(others: NonNullable<KernelOptions['plugins']> = []): readonly Plugin[] {
    const kept = others.some((plugin) => plugin === History || ('consumer' in plugin && plugin.consumer === History));
    return this.#wanted.length === 0 || kept ? [] : [history()];
  }

  /** The run is over. `title`: what it was. */
  finish(kernel: Kernel, title: string): void {
    if (this.#wanted.length === 0) return;
    const data = kernel.get(History).snapshot();
    const printed = this.transcript?.text ?? '';
    for (const { option, file, write } of this.#wanted) {
      const bytes = Buffer.from(write(data, title, printed));
      writing(option, () => {
        file.write(bytes);
        file.finish();
      });
    }
  }

  /** Takes away what was not finished. */
  [Symbol.dispose](): void {
    for (const { file } of this.#wanted) file[Symbol.dispose]();
  }

  #open(name: keyof HistoryOptions, options: HistoryOptions, inputs: readonly string[]): void {
    const path = options[name];
    if (path === undefined) return;
    const [option, write] = WRITERS[name];
    if (path === '-') throw usageError(`${option} writes no standard output`, `name a file: ${option} FILE`);
    const twice = Object.entries(options).find(([other, file]) => other !== name && file === path);
    if (twice !== undefined) throw usageError(`${path} is named twice`, `name another file with ${option} FILE`);
    const file = writing(option, () => new OutputFile(path, { inputs }));
    this.#wanted.push({ option, file, write });
  }
}
