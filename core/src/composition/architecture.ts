import type { ArchBackend } from '../arch/index.js';
import { type Facet, SYSTEM_CALL_ABI, SYSTEM_CALL_NUMBERS } from '../facets/index.js';
import type { Quirk } from '../quirks/index.js';
import type { FacetServices } from './facet-services.js';
import type { Plugin } from './plugin.js';
import { type Provision, provide, provideValue } from './provision.js';
import { BACKEND, FACET_SERVICES, MANIFEST } from './tokens.js';

/**
 * An architecture's implementation of one facet: all of it, or it is not offered. If it is disposable, it ends with its
 * kernel.
 */
export interface FacetOffer {
  readonly facet: Facet<unknown>;
  create(services: FacetServices): unknown;
}

/** Pairs a facet with its implementation; checks that the types agree. */
export function offer<T>(facet: Facet<T>, create: (services: FacetServices) => T): FacetOffer {
  return { facet, create };
}

/** What a kernel is composed with: a backend, its optional capabilities, and the quirks that they know. */
export interface Architecture extends Plugin {
  readonly backend: ArchBackend;
  readonly facets: readonly FacetOffer[];
  readonly quirks: readonly Quirk[];
  readonly provides: readonly Provision[];
}

/** What an architecture has beside its backend. */
export interface ArchitectureExtras {
  readonly facets?: readonly FacetOffer[];
  readonly quirks?: readonly Quirk[];
  /** What it was called with, for the report. */
  readonly options?: object;
}

/** Whoever says how calls use registers says how they are numbered. */
function withNumbers(facets: readonly FacetOffer[]): readonly FacetOffer[] {
  const offered = (wanted: Facet<unknown>): FacetOffer | undefined => facets.find(({ facet }) => facet === wanted);
  const abi = offered(SYSTEM_CALL_ABI);
  if (abi === undefined || offered(SYSTEM_CALL_NUMBERS) !== undefined) return facets;
  return [...facets, { ...abi, facet: SYSTEM_CALL_NUMBERS }];
}

/** An architecture with the required contract, and facets if it offers any. */
export function architecture(backend: ArchBackend, extras: ArchitectureExtras = {}): Architecture {
  const { quirks = [], options = {} } = extras;
  const facets = withNumbers(extras.facets ?? []);
  return Object.freeze({
    name: backend.manifest.name,
    backend,
    facets,
    quirks,
    options: Object.freeze({ ...options }),
    provides: [
      provideValue(BACKEND, backend),
      provideValue(MANIFEST, backend.manifest),
      ...facets.map(({ facet, create }) =>
        provide(facet, [FACET_SERVICES], (services: FacetServices) => create(services)),
      ),
    ],
  });
}
