import 'reflect-metadata';
import { type DependencyContainer, container as root } from 'tsyringe';
import type { Token } from '../facets/index.js';
import { CompositionError } from './composition-error.js';
import { CORE_PARTS } from './core-parts.js';
import type { Constructor } from './injection.js';
import { checkPart } from './part-kinds.js';
import type { Provision } from './provision.js';
import type { Services } from './services.js';

function isDisposable(made: unknown): made is Disposable {
  return typeof made === 'object' && made !== null && Symbol.dispose in made;
}

/** Where a container says whose parts it holds: asked once for each part, and weak references would cost more. */
const OWNER = Symbol('kernel container');
type Owned = DependencyContainer & { readonly [OWNER]: KernelContainer };

/** Lets a container make a part: once for each kernel, whose container is asked. */
function register(container: DependencyContainer, provision: Provision, by?: string): void {
  container.register(provision.token.key, {
    useFactory: (asked) => (asked as Owned)[OWNER].part(provision, by),
  });
}

/** Core's own parts, for every kernel: a kernel's container is its child, and overrides what the composition says. */
const defaults = root.createChildContainer();
for (const part of CORE_PARTS) register(defaults, part);

/** The container of one kernel: everything that it is made of, each part once, by its token. */
export class KernelContainer {
  readonly #container: Owned = Object.assign(defaults.createChildContainer(), { [OWNER]: this });
  /** The parts, in the order in which they were made. */
  readonly #parts = new Map<Token<unknown>, unknown>();
  readonly #lacking = new Set<Token<unknown>>();
  /** Those of them that end with the kernel. */
  readonly #owned: Disposable[] = [];

  /** Provides something here, instead of what core provides under the token. `by`: the plugin that brings it. */
  provide(provision: Provision, by?: string): void {
    register(this.#container, provision, by);
  }

  /** Nobody provides this: `undefined` is injected. */
  lack(token: Token<unknown>): void {
    this.#lacking.add(token);
    this.#container.register(token.key, { useFactory: () => undefined });
  }

  /** True if there is something under a token. */
  has(token: Token<unknown>): boolean {
    return !this.#lacking.has(token) && this.#container.isRegistered(token.key, true);
  }

  /** What is under a token; made if it was not yet. */
  get<T>(token: Token<T>): T {
    return this.#container.resolve<T>(token.key);
  }

  /** What it holds, for those who may look and not change. */
  readonly services: Services = Object.freeze({
    get: <T>(token: Token<T>): T => {
      if (this.has(token)) return this.get(token);
      const message = `nobody provides '${token.name}' in this kernel; ${token.hint}`;
      throw new CompositionError('COMPOSE_NOT_COMPOSED', message);
    },
    find: <T>(token: Token<T>): T | undefined => (this.has(token) ? this.get(token) : undefined),
  });

  /** An object of a class, of what its constructor injects. */
  make<T>(made: Constructor<T>): T {
    return this.#container.resolve<T>(made);
  }

  /** The tokens under which something was made, in that order. */
  get made(): readonly Token<unknown>[] {
    return [...this.#parts.keys()];
  }

  /** @internal For the factories of parts. */
  part(provision: Provision, by?: string): unknown {
    const { token, inject, kind } = provision;
    if (this.#parts.has(token)) return this.#parts.get(token);
    const part = provision.make(...inject.map((one) => this.#parts.get(one) ?? this.#container.resolve(one.key)));
    if (kind === 'made' && isDisposable(part)) this.#owned.push(part);
    if (by !== undefined && kind === 'made') checkPart(token, part, by);
    this.#parts.set(token, part);
    return part;
  }

  /** Ends what was made here, the latest first. An error of one does not keep the others; returns all of them. */
  end(): readonly unknown[] {
    const errors: unknown[] = [];
    for (let part = this.#owned.pop(); part !== undefined; part = this.#owned.pop()) {
      try {
        part[Symbol.dispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
