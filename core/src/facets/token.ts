import type { Kind } from '../errors/index.js';

/**
 * The typed name of something that a kernel is composed of, such as its machine: what a part injects it by, and what a
 * composition provides, or replaces, it under. Any package may define one.
 */
export class Token<T> {
  /** Never set: it makes what the token stands for part of its type. */
  declare readonly provides: T;
  readonly name: string;
  /** What provides it: shown when nobody does. */
  readonly hint: string;
  /** What is provided under it must be this, whoever provides it; `undefined`: anything. */
  readonly kind: Kind | undefined;
  /** What a composition has that could have brought it, such as the slot policy: named when nobody does. */
  readonly brought: Token<unknown> | undefined;
  /** The container's own name of it. */
  readonly key: symbol;

  /** `hint`: how it comes into a composition, such as `compose the kernel with perfEvents()`. */
  constructor(name: string, hint: string, kind?: Kind, brought?: Token<unknown>) {
    this.name = name;
    this.hint = hint;
    this.kind = kind;
    this.brought = brought;
    this.key = Symbol(name);
  }

  toString(): string {
    return this.name;
  }
}
