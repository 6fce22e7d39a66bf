import { OutputFile } from '@hwbp/conform/files/output';
import type { PerfDataSink } from '@hwbp/perf';
import { writing } from '../output-error.js';

const OPTION = '-o';

/** The file of `hwbp record -o`: see `OutputFile`. What goes wrong is told as an error of the command. */
export class FileSink implements PerfDataSink, Disposable {
  readonly #file: OutputFile;

  /** `inputs`: what is read meanwhile. Throws a usage error if it cannot be made. */
  constructor(path: string, inputs: readonly string[]) {
    this.#file = writing(OPTION, () => new OutputFile(path, { inputs, seeks: true }));
  }

  /** Bytes written. */
  get size(): number {
    return this.#file.size;
  }

  write(bytes: Uint8Array): void {
    writing(OPTION, () => this.#file.write(bytes));
  }

  patch(position: number, bytes: Uint8Array): void {
    writing(OPTION, () => this.#file.write(bytes, position));
  }

  /** The file is whole. */
  finish(): void {
    writing(OPTION, () => this.#file.finish());
  }

  /** Takes away what was not finished. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
