import type { Token } from '../facets/index.js';
import { type Constructor, injectionsOf } from './injection.js';

/** Tokens of the values in a list, one for each. */
type TokensOf<Values extends readonly unknown[]> = { readonly [Index in keyof Values]: Token<Values[Index]> };

/** How something comes into a kernel under a token: a value, or what is made once for each kernel from other parts. */
export interface Provision {
  readonly token: Token<unknown>;
  /** What {@link make} takes. */
  readonly inject: readonly Token<unknown>[];
  /** A value is somebody's own: it does not end with the kernel. */
  readonly kind: 'value' | 'made';
  make(...dependencies: readonly unknown[]): unknown;
}

/** Provides a value that there is. */
export function provideValue<T>(token: Token<T>, value: T): Provision {
  return Object.freeze({ token, inject: [], kind: 'value', make: () => value });
}

/**
 * Provides what a function makes of other parts, once for each kernel. If it is disposable, it ends with its kernel.
 */
export function provide<T, Values extends readonly unknown[]>(
  token: Token<T>,
  inject: TokensOf<Values>,
  make: (...dependencies: Values) => T,
): Provision {
  return Object.freeze({ token, inject, kind: 'made', make: make as unknown as Provision['make'] });
}

/** Provides an object of a class, made once for each kernel from what its constructor injects. */
export function provideClass<T>(token: Token<T>, made: Constructor<T>): Provision {
  const inject = injectionsOf(made);
  return Object.freeze({
    token,
    inject,
    kind: 'made',
    make: (...dependencies: unknown[]) => new made(...dependencies),
  });
}
