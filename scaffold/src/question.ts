import { AnswerError } from './answer-error.js';
import { camelCase } from './names.js';
import { isKeyword } from './source.js';

/** Answers as they were given, by the names of their questions. */
export type Answers = Readonly<Record<string, string | boolean>>;

/** Something that is asked on a terminal, and that a flag answers anywhere. */
export interface Question {
  /** As commander derives it from the flag: `wordSize` of `--word-size`. */
  readonly name: string;
  /** `--word-size <bytes>`. Without a value it is a yes or no, and there is a `--no-...` too. */
  readonly flag: string;
  /** What is asked, and what the flag's help says. */
  readonly text: string;
  /** The answer of somebody who is not asked. */
  readonly initial: string | boolean;
  /** True if the answers so far leave nothing to ask. */
  readonly skip?: (answers: Answers) => boolean;
}

/** A text answer; '' for one that nobody gave. */
export function textOf(answers: Answers, name: string): string {
  const answer = answers[name];
  return typeof answer === 'string' ? answer.trim() : '';
}

function refuse(flag: string, answer: string, expected: string): never {
  throw new AnswerError(`${flag} ${answer === '' ? '(nothing)' : answer}: expected ${expected}`);
}

/** A whole number between two, both included. */
export function wholeNumber(flag: string, answer: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(answer) ? Number(answer) : Number.NaN;
  if (number >= least && number <= most) return number;
  return refuse(flag, answer, `a whole number from ${least} to ${most}`);
}

/** One of a few words. */
export function oneOf<Word extends string>(flag: string, answer: string, words: readonly Word[]): Word {
  return words.find((word) => word === answer) ?? refuse(flag, answer, words.join(' or '));
}

/** Some of a few words, with commas between them, none twice, in the order of `words`. */
export function someOf<Word extends string>(flag: string, answer: string, words: readonly Word[]): readonly Word[] {
  const given = answer === '' ? [] : answer.split(',').map((word) => oneOf(flag, word.trim(), words));
  if (new Set(given).size < given.length) refuse(flag, answer, 'each kind once');
  return words.filter((word) => given.includes(word));
}

/** Numbers from 1 to `most`, with commas between them, and ranges such as `1-16`; ascending. */
export function someNumbers(flag: string, answer: string, most: number): readonly number[] {
  const numbers = (answer === '' ? [] : answer.split(',')).flatMap((part) => {
    const [first = '', last = first, ...more] = part.split('-').map((end) => end.trim());
    if (more.length > 0) refuse(flag, answer, 'numbers and ranges, such as 1,2,4 or 1-16');
    const [from, to] = [wholeNumber(flag, first, 1, most), wholeNumber(flag, last, 1, most)];
    if (to < from) refuse(flag, answer, `a range from the smaller number to the larger, not ${part.trim()}`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  if (new Set(numbers).size < numbers.length) refuse(flag, answer, 'each number once');
  return numbers.sort((a, b) => a - b);
}

/** A name in small letters, digits and single hyphens, as packages and files have. */
export function plainName(answer: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(answer) || answer.length > 40) {
    const rule = 'small letters, digits and single hyphens, with a letter first, at most 40 characters';
    throw new AnswerError(`the name ${answer === '' ? '(nothing)' : answer}: expected ${rule}, such as kite-2`);
  }
  if (!isKeyword(camelCase(answer))) return answer;
  throw new AnswerError(`the name ${answer}: a function is called so, and TypeScript keeps the word for itself`);
}
