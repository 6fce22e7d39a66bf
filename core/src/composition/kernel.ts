import type { Breakpoints } from '../breakpoint/index.js';
import type { Facet, FacetSet } from '../facets/index.js';
import type { Machine, SymbolTable } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import { CompositionError } from './composition-error.js';
import type { Consumer, ConsumerClass } from './consumer.js';
import type { KernelDescription } from './describe.js';

/** What the composition hands over. */
export interface KernelParts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly symbols: SymbolTable;
  readonly quirks: QuirkSet;
  readonly facets: FacetSet;
  /** In the order in which they were started. */
  readonly consumers: ReadonlyMap<ConsumerClass, Consumer>;
  readonly describe: () => KernelDescription;
}

/** A composed kernel. `using` and `await using` dispose it. */
export class Kernel {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly symbols: SymbolTable;
  readonly quirks: QuirkSet;
  readonly #parts: KernelParts;
  #disposed = false;

  /** Use `composeKernel`. */
  constructor(parts: KernelParts) {
    this.machine = parts.machine;
    this.breakpoints = parts.breakpoints;
    this.symbols = parts.symbols;
    this.quirks = parts.quirks;
    this.#parts = parts;
  }

  /** The consumer of a class that this kernel was composed with. */
  get<T extends Consumer>(consumer: ConsumerClass<T>): T {
    if (this.#disposed) throw new CompositionError('COMPOSE_DISPOSED', 'this kernel was disposed; compose a new one');
    const instance = this.#parts.consumers.get(consumer);
    if (instance !== undefined) return instance as T;
    const have = [...this.#parts.consumers.keys()].map((other) => other.consumer.name).join(', ') || 'none';
    throw new CompositionError(
      'COMPOSE_NOT_COMPOSED',
      `the consumer '${consumer.consumer?.name ?? consumer.name}' is not part of this kernel (it has: ${have}); add it to the consumers option`,
    );
  }

  /** A capability of the architecture; `undefined` if it does not offer it. */
  facet<T>(facet: Facet<T>): T | undefined {
    return this.#parts.facets.get(facet);
  }

  /** What was composed, as data; `String()` of it is a readable report. */
  describe(): KernelDescription {
    return this.#parts.describe();
  }

  /** Stops the consumers, last first, and releases every slot. An error of one consumer does not keep the others. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const consumer of [...this.#parts.consumers.values()].reverse()) {
      try {
        consumer.stop();
      } catch (error) {
        errors.push(error);
      }
    }
    this.breakpoints.dispose();
    this.#parts.facets.dispose();
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} consumer(s) failed to stop`);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}
