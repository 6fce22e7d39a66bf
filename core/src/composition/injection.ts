import 'reflect-metadata';
import { inject as containerInject, injectable as containerInjectable } from 'tsyringe';
import { Token } from '../facets/index.js';
import { CompositionTypeError, notAPlugin } from './composition-error.js';

/*
 * tsyringe needs reflect-metadata before it loads. Parts take the decorators from here, so that no order of imports can
 * be wrong and one copy serves all.
 */

/** A class that the container makes. */
export interface Constructor<T = unknown> {
  // biome-ignore lint/suspicious/noExplicitAny: the container supplies the constructor's arguments, whatever they are
  new (...dependencies: any[]): T;
  /** What its constructor takes, for classes without decorators. */
  readonly inject?: readonly Token<unknown>[];
}

/** What a class's constructor takes, by position. */
const INJECTED = new WeakMap<Constructor, Token<unknown>[]>();
/** Classes that the container knows how to make. */
const INJECTABLE = new WeakSet<Constructor>();

/**
 * Names what a parameter of a constructor is: `constructor(@inject(MACHINE) machine: Machine)`. The class needs
 * {@link injectable}.
 */
export function inject<T>(token: Token<T>): ParameterDecorator {
  if (!(token instanceof Token)) {
    throw new TypeError(
      'inject takes a token, such as MACHINE; if it is undefined here, two modules import each other',
    );
  }
  return (target, property, index) => {
    tokensOf(target as unknown as Constructor)[index] = token;
    containerInject(token.key)(target, property, index);
  };
}

/** Lets a class be composed whose constructor takes parameters. */
export function injectable(): ClassDecorator {
  return (target) => {
    const made = target as unknown as Constructor;
    containerInjectable()(made);
    INJECTABLE.add(made);
  };
}

/**
 * What a class's constructor takes, in order; makes a class with `static inject`, or with a constructor that it
 * inherits, known to the container. Throws a TypeError that says what to write where a parameter is not known.
 */
export function injectionsOf(made: Constructor): readonly Token<unknown>[] {
  if (!INJECTABLE.has(made)) declare(made);
  const tokens = INJECTED.get(made) ?? [];
  for (let index = 0; index < Math.max(made.length, tokens.length); index++) {
    if (tokens[index] !== undefined) continue;
    throw new CompositionTypeError(
      'COMPOSE_NOT_A_PLUGIN',
      `nobody knows what parameter ${index + 1} of the constructor of ${made.name} is: write @inject(TOKEN) before it, or list a token for each in static readonly inject`,
    );
  }
  return tokens;
}

/** Makes a class known that is not decorated. */
function declare(made: Constructor): void {
  const listed = made.inject ?? (made.length === 0 ? inheritedBy(made) : undefined);
  if (listed === undefined) {
    const write = INJECTED.has(made)
      ? `write @injectable() above class ${made.name}`
      : `write @injectable() above it and @inject(TOKEN) before each parameter, or static readonly inject = [TOKEN, ...] in it`;
    throw new CompositionTypeError(
      'COMPOSE_NOT_A_PLUGIN',
      `the constructor of ${made.name} takes ${made.length} parameters that nobody knows: ${write}`,
    );
  }
  if (!Array.isArray(listed)) {
    throw notAPlugin(`static inject of ${made.name} is a list of tokens: write static readonly inject = [MACHINE]`);
  }
  for (const [index, token] of listed.entries()) inject(token)(made, undefined, index);
  injectable()(made);
}

/** What the constructor takes that a class without one has from the class that it extends. */
function inheritedBy(made: Constructor): readonly Token<unknown>[] {
  let parent: unknown = Object.getPrototypeOf(made);
  for (; typeof parent === 'function' && parent.length === 0; parent = Object.getPrototypeOf(parent)) {
    if (INJECTABLE.has(parent as Constructor)) break;
  }
  return INJECTABLE.has(parent as Constructor) ? (INJECTED.get(parent as Constructor) ?? []) : [];
}

function tokensOf(made: Constructor): Token<unknown>[] {
  const known = INJECTED.get(made);
  if (known !== undefined) return known;
  const tokens: Token<unknown>[] = [];
  INJECTED.set(made, tokens);
  return tokens;
}
