import type { Facet } from '../facets/index.js';
import type { Quirk } from '../quirks/index.js';

/** What a consumer says of itself; checked when a kernel is composed. */
export interface ConsumerManifest {
  /** Unique among the consumers of a kernel. */
  readonly name: string;
  /** Capabilities of the architecture that it cannot do without. */
  readonly facets?: readonly Facet<unknown>[];
  /** Capabilities that it uses if the architecture has them; `undefined` is injected where it has not. */
  readonly optionalFacets?: readonly Facet<unknown>[];
  /** Injection tokens, beyond core's own, that must have been provided. */
  readonly services?: readonly symbol[];
  /** Names of consumers that it cannot live beside. */
  readonly conflicts?: readonly string[];
  readonly quirks?: readonly Quirk[];
}

/**
 * A consumer of breakpoints, such as a tracer. Constructors only store; `start` does the work and may throw, and must then
 * have taken nothing. `stop` gives back everything that it took. Both may be called any number of times.
 */
export interface Consumer {
  start(): void;
  stop(): void;
}

/** The class of a consumer: what a kernel is composed with, and what its instance is looked up by. */
export interface ConsumerClass<T extends Consumer = Consumer> {
  // biome-ignore lint/suspicious/noExplicitAny: the container supplies the constructor's arguments, whatever they are
  new (...dependencies: any[]): T;
  readonly consumer: ConsumerManifest;
}
