import { schedulerError } from '../errors.js';

/** Two numbers that say one choice. */
export type Choice = readonly [first: number, second: number];

/** Equal choices one behind the other. */
interface Run {
  readonly choice: Choice;
  count: number;
}

/** Most equal choices of one run of a text that somebody brings. */
const MOST = 2 ** 40;
const TOKEN = /^([0-9a-z]{1,9})\.([0-9a-z]{1,9})(?:\*([0-9a-z]{1,9}))?$/;

/**
 * A list of choices, equal ones together: `0.2s` is CPU 0 for 100 instructions, `1.3*2` twice the second of three.
 * Numbers have base 36.
 */
export class Runs {
  readonly #runs: Run[] = [];
  #length = 0;

  /** Choices. */
  get length(): number {
    return this.#length;
  }

  push(first: number, second: number, count = 1): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.choice[0] === first && last.choice[1] === second) last.count += count;
    else this.#runs.push({ choice: [first, second], count });
    this.#length += count;
  }

  /** The runs from the first on. */
  get list(): readonly Readonly<Run>[] {
    return this.#runs;
  }

  toString(): string {
    const text = ({ choice: [first, second], count }: Run): string =>
      `${first.toString(36)}.${second.toString(36)}${count === 1 ? '' : `*${count.toString(36)}`}`;
    return this.#runs.map(text).join(' ');
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
  #run = 0;
  /** Choices of the run that are behind it. */
  #behind = 0;
  #at = 0;

  constructor(runs: Runs) {
    this.#runs = runs;
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
    return this.#runs.list[this.#run]?.choice;
  }

  /** On to the one behind. */
  advance(): void {
    const run = this.#runs.list[this.#run];
    if (run === undefined) return;
    this.#at++;
    if (++this.#behind < run.count) return;
    this.#behind = 0;
    this.#run++;
  }

  /** To a place, from the beginning. */
  seek(at: number): void {
    this.#run = 0;
    this.#behind = 0;
    this.#at = 0;
    let left = at;
    for (const { count } of this.#runs.list) {
      if (left < count) break;
      left -= count;
      this.#at += count;
      this.#run++;
    }
    if (this.#runs.list[this.#run] === undefined) return;
    this.#behind = left;
    this.#at += left;
  }
}
