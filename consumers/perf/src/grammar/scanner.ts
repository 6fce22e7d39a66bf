import type { KernelError } from '@hwbp/core';
import { perfError } from '../errors.js';

/** A text that is read once, from the left. */
export class Scanner {
  readonly text: string;
  /** Index of the next character. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  /** Takes what a sticky pattern matches here; empty if it does not. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [matched = ''] = pattern.exec(this.text) ?? [];
    this.at += matched.length;
    return matched;
  }

  /** Takes one character if it is this one. */
  takeIf(character: string): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }

  /** EINVAL that points at a column; default: the next character. */
  error(message: string, at = this.at): KernelError {
    const column = at + 1;
    return perfError('PERF_EVENT_SYNTAX', `event '${this.text}', column ${column}: ${message}`, {
      text: this.text,
      column,
    });
  }

  /** The next character for people. */
  get found(): string {
    return this.atEnd ? 'the end' : `'${this.next}'`;
  }
}
