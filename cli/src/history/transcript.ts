import { Writable } from 'node:stream';
import { Output } from '../output.js';

/** Characters of what is printed that are kept, at its end. */
const MOST = 2_000_000;

/** What a command prints, kept as text without colours: the latest two million characters. */
export class Transcript {
  readonly output: Output;
  #text = '';
  #cut = false;

  constructor() {
    this.output = new Output(
      new Writable({
        decodeStrings: false,
        write: (text: string, _encoding, done) => {
          this.#add(text);
          done();
        },
      }),
    );
  }

  get text(): string {
    this.output.flush();
    return this.#cut ? `... (what was printed before is left out)\n${this.#text.slice(-MOST)}` : this.#text;
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length <= 2 * MOST) return;
    this.#text = this.#text.slice(-MOST);
    this.#cut = true;
  }
}
