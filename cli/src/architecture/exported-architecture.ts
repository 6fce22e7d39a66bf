import { type ArchBackend, type Architecture, architecture } from '@hwbp/core';
import { usageError } from '../errors.js';

type Create = (options?: object) => Architecture;

/** Exports that are looked at first: what a module is for. */
const FIRST = ['default', 'arch'] as const;

/**
 * What makes the architecture that a module exports: as its default, as `arch`, or as its only export that is one; a
 * backend, an architecture, or a function that makes one. Throws a usage error that says what there is instead.
 */
export function exportedArchitecture(shown: string, exports: unknown): Create {
  const names = namesOf(exports);
  for (const name of FIRST) {
    const value = names.get(name);
    if (value === undefined) continue;
    const create = creating(value);
    if (create !== undefined) return checked(shown, name, create);
    if (name === 'arch') throw noArchitecture(shown, name, value);
  }
  const { found, failed } = candidates(names);
  const whole = found.filter(({ made }) => 'backend' in made);
  const [only, ...others] = whole.length === 1 ? whole : found;
  if (only !== undefined && others.length === 0) return only.create;
  if (only !== undefined)
    throw usageError(
      `${shown} exports several architectures: ${found.map(({ name }) => name).join(', ')}`,
      `name one in a file of your own: export { ${only.name} as arch } from ...`,
    );
  if (failed !== undefined) throw failed.error;
  const [ours] = FIRST;
  if (names.has(ours)) throw noArchitecture(shown, ours, names.get(ours));
  throw usageError(
    `${shown} exports no architecture; it exports ${[...names.keys()].join(', ') || 'nothing'}`,
    'export default a function that makes one: export default () => architecture(backend())',
  );
}

/** The exports by name; those of a CommonJS module are its default's. */
function namesOf(exports: unknown): ReadonlyMap<string, unknown> {
  const own = new Map(Object.entries(exports ?? {}));
  const inner = own.get('default');
  if (typeof inner !== 'object' || inner === null || isArchitecture(inner) || isBackend(inner)) return own;
  return new Map([...own, ...Object.entries(inner).filter(([name]) => !own.has(name))]);
}

interface Candidate {
  readonly name: string;
  readonly create: Create;
  readonly made: Architecture | ArchBackend;
}

/** Exports that are architectures, or functions that make one when they are called without arguments. */
function candidates(names: ReadonlyMap<string, unknown>): {
  readonly found: readonly Candidate[];
  readonly failed: { readonly error: unknown } | undefined;
} {
  const found: Candidate[] = [];
  let failed: { readonly error: unknown } | undefined;
  for (const [name, value] of names) {
    const create = creating(value);
    if (create === undefined) continue;
    try {
      const made: unknown = create();
      if (isArchitecture(made) || isBackend(made))
        found.push({ name, create: (options) => whole(create(options)), made });
    } catch (error) {
      // It may want arguments, and be something else.
      failed ??= { error };
    }
  }
  return { found, failed };
}

/** What an export makes, whatever that is; `undefined` if it can be none. */
function creating(value: unknown): ((options?: object) => unknown) | undefined {
  if (isArchitecture(value) || isBackend(value)) return () => value;
  if (typeof value !== 'function' || isClass(value)) return undefined;
  return (options) => (value as (options?: object) => unknown)(options);
}

/** A factory that is meant: it is called once, and has to make one. */
function checked(shown: string, name: string, create: (options?: object) => unknown): Create {
  const made = create();
  if (made instanceof Promise) {
    made.catch(() => {});
    throw usageError(
      `${shown}: the export '${name}' makes a promise`,
      `await what it needs before: export default () => ...`,
    );
  }
  if (!isArchitecture(made) && !isBackend(made)) throw noArchitecture(shown, name, made);
  return (options) => whole(create(options));
}

function noArchitecture(shown: string, name: string, value: unknown): Error {
  const missing = typeof value === 'object' && value !== null ? lacking(value) : undefined;
  const what = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return usageError(
    `${shown}: the export '${name}' is no architecture: ${missing === undefined ? `it is ${what}` : `it lacks ${missing}`}`,
    'an architecture is what architecture(backend) of @hwbp/core returns; a backend has manifest, createUnit, createDriver, parse and connect',
  );
}

const PARTS = ['createUnit', 'createDriver', 'parse', 'connect'] as const;

/** The parts of a backend that an object has not. */
function lacking(value: object): string | undefined {
  const parts = value as Readonly<Record<string, unknown>>;
  const { manifest } = parts;
  const missing: string[] = PARTS.filter((part) => typeof parts[part] !== 'function');
  if (typeof manifest !== 'object' || manifest === null) missing.unshift('manifest');
  return missing.length === 0 ? undefined : missing.join(', ');
}

function isBackend(value: unknown): value is ArchBackend {
  return typeof value === 'object' && value !== null && lacking(value) === undefined;
}

function isArchitecture(value: unknown): value is Architecture {
  if (typeof value !== 'object' || value === null) return false;
  const { backend, facets, provides } = value as Partial<Architecture>;
  return isBackend(backend) && Array.isArray(facets) && Array.isArray(provides);
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function whole(made: unknown): Architecture {
  if (isArchitecture(made)) return made;
  if (isBackend(made)) return architecture(made);
  throw new TypeError('a factory of architectures makes one each time that it is called');
}
