import { schedulerError } from '../errors.js';

/** Two numbers that say one choice. */
export type Choice = readonly [first: number, second: number];

/** Equal choices one behind the other. */
interface Run {
  readonly choice: Choice;
  readonly count: number;
}

/** Most equal choices of one run of a text that somebody brings. */
const MOST = 2 ** 40;
const TOKEN = /^([0-9a-z]{1,9})\.([0-9a-z]{1,9})(?:\*([0-9a-z]{1,9}))?$/;

/**
 * A list of choices, equal ones together: `0.2s` is CPU 0 for 100 instructions, `1.3*2` twice the second of three.
 * Numbers have base 36.
 */
export class Runs {
  /** Of each run its choice and how often it comes: numbers one behind the other, for there are millions. */
  #data = new Float64Array(3 * 16);
  #runs = 0;
  #length = 0;

  /** Choices. */
  get length(): number {
    return this.#length;
  }

  push(first: number, second: number, count = 1): void {
    const data = this.#data;
    const last = 3 * this.#runs - 3;
    this.#length += count;
    if (last >= 0 && data[last] === first && data[last + 1] === second) data[last + 2] = (data[last + 2] ?? 0) + count;
    else this.#begin(first, second, count);
  }

  #begin(first: number, second: number, count: number): void {
    const at = 3 * this.#runs++;
    if (at === this.#data.length) {
      const data = new Float64Array(2 * at);
      data.set(this.#data);
      this.#data = data;
    }
    this.#data[at] = first;
    this.#data[at + 1] = second;
    this.#data[at + 2] = count;
  }

  /** A run by number, from 0; `undefined`: there are no more. */
  run(index: number): Run | undefined {
    if (index >= this.#runs) return undefined;
    const [first = 0, second = 0, count = 0] = this.#data.subarray(3 * index, 3 * index + 3);
    return { choice: [first, second], count };
  }

  /** The runs from the first on. */
  *[Symbol.iterator](): Iterator<Run> {
    for (let i = 0; ; i++) {
      const run = this.run(i);
      if (run === undefined) return;
      yield run;
    }
  }

  toString(): string {
    const text = ({ choice: [first, second], count }: Run): string =>
      `${first.toString(36)}.${second.toString(36)}${count === 1 ? '' : `*${count.toString(36)}`}`;
    return Array.from(this, text).join(' ');
  }

  /** The way back. Throws EINVAL for anything else. `of`: what the list is, for the message. */
  static parse(text: string, of: string): Runs {
    const runs = new Runs();
    if (text === '') return runs;
    for (const token of text.split(' ')) {
      const [, first, second, count = '1'] = TOKEN.exec(token) ?? [];
      const times = Number.parseInt(count, 36);
      if (first === undefined || second === undefined || times < 1 || times > MOST) {
        const got = token.length > 30 ? `${token.slice(0, 30)}...` : token;
        throw schedulerError(
          'SCHEDULE_INVALID',
          `'${got}' is no choice of the list of ${of}; record the schedule again`,
        );
      }
      runs.push(Number.parseInt(first, 36), Number.parseInt(second, 36), times);
    }
    return runs;
  }
}

/** A place in a list of choices. */
export class RunsCursor {
  readonly #runs: Runs;
  #index = 0;
  /** The run that it is in. */
  #run: Run | undefined;
  /** Choices of the run that are behind it. */
  #behind = 0;
  #at = 0;

  constructor(runs: Runs) {
    this.#runs = runs;
    this.#run = runs.run(0);
  }

  /** Choices behind it. */
  get at(): number {
    return this.#at;
  }

  /** Choices that are still to come. */
  get left(): number {
    return this.#runs.length - this.#at;
  }

  /** The choice that comes; `undefined`: none. */
  get next(): Choice | undefined {
    return this.#run?.choice;
  }

  /** On to the one behind. */
  advance(): void {
    if (this.#run === undefined) return;
    this.#at++;
    if (++this.#behind < this.#run.count) return;
    this.#behind = 0;
    this.#run = this.#runs.run(++this.#index);
  }

  /** To a place, from the beginning. */
  seek(at: number): void {
    this.#index = 0;
    this.#at = 0;
    let left = at;
    for (const { count } of this.#runs) {
      if (left < count) break;
      left -= count;
      this.#at += count;
      this.#index++;
    }
    this.#run = this.#runs.run(this.#index);
    this.#behind = this.#run === undefined ? 0 : left;
    this.#at += this.#behind;
  }
}
