import type { Token } from '../facets/index.js';
import type { Assembly } from '../programs/index.js';
import type { Quirk } from '../quirks/index.js';
import type { Constructor } from './injection.js';
import type { Provision } from './provision.js';

/** What a plugin says of itself; checked when a kernel is composed. */
export interface PluginManifest {
  /** Unique in a kernel. */
  readonly name: string;
  /** Tokens that it cannot do without, beside those that its constructor injects. */
  readonly needs?: readonly Token<unknown>[];
  /** Of those that it injects: what it uses if there is such a thing; `undefined` is injected where there is not. */
  readonly wants?: readonly Token<unknown>[];
  /** Names of plugins that it cannot live beside. */
  readonly conflicts?: readonly string[];
  /** What only one plugin of a kernel can have, such as `system call 1`: two that have the same are refused. */
  readonly exclusive?: readonly string[];
  readonly quirks?: readonly Quirk[];
  /** Assemblies that it brings: see `routines` of a composition. */
  readonly routines?: readonly Assembly[];
}

/**
 * Something with a life, such as a consumer of breakpoints. Constructors only store; `start` does the work and may
 * throw, and must then have taken nothing. `stop` gives back everything that it took. Both may be called any number of
 * times.
 */
export interface Consumer {
  start(): void;
  stop(): void;
}

/** The class of a consumer: a plugin, and what its instance is looked up by (`kernel.get(Ptrace)`). */
export interface ConsumerClass<T extends Consumer = Consumer> extends Constructor<T> {
  readonly plugin: PluginManifest;
}

/**
 * A part of a composition: an architecture, a breakpoint scheduler, a slot policy, a consumer, yours. Functions that
 * take options return one; a class of a consumer is one.
 */
export interface Plugin extends PluginManifest {
  /** What it brings. A token that core provides too is replaced, for everybody. */
  readonly provides?: readonly Provision[];
  /** What it was called with, for the report. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Made, started and stopped with the kernel. */
  readonly consumer?: ConsumerClass;
}

/**
 * A consumer with options: `perf({ perf_event_paranoid: 1 })`. What it provides may be injected into its own
 * constructor.
 */
export function consumerPlugin(
  consumer: ConsumerClass,
  options: Readonly<Record<string, unknown>>,
  provides: readonly Provision[],
): Plugin {
  return Object.freeze({ ...consumer.plugin, consumer, options, provides });
}

/** A part of yours without a life: `plugin('my logger', provideValue(LOGGER, mine))`. */
export function plugin(name: string, ...provides: readonly Provision[]): Plugin {
  return Object.freeze({ name, provides });
}
