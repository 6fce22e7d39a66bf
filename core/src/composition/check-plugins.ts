import { Facet, Token } from '../facets/index.js';
import { checkHardware } from './check-options.js';
import { CompositionError, notAPlugin } from './composition-error.js';
import { CORE_PARTS } from './core-parts.js';
import { injectionsOf } from './injection.js';
import type { KernelOptions } from './kernel-options.js';
import { checkPart } from './part-kinds.js';
import type { ConsumerClass, Plugin } from './plugin.js';
import type { Provision } from './provision.js';
import { HARDWARE, QUIRKS, SERVICES, SETTINGS } from './tokens.js';

/** Something that is provided, and by whom. */
export interface Provided {
  readonly provision: Provision;
  /** Name of the plugin. */
  readonly by: string;
  /** Core provides it too, and everybody gets this one instead. */
  readonly overrides: boolean;
}

/** The plugins of a composition, checked against each other. */
export interface CheckedPlugins {
  /** In the order in which they are started. */
  readonly plugins: readonly Plugin[];
  /** What they provide, by token. */
  readonly provided: ReadonlyMap<Token<unknown>, Provided>;
}

const CORE = new Map<Token<unknown>, Provision | undefined>([
  [SETTINGS, undefined],
  [QUIRKS, undefined],
  [SERVICES, undefined],
  ...CORE_PARTS.map((part): [Token<unknown>, Provision] => [part.token, part]),
]);

function checkConsumer(consumer: ConsumerClass): void {
  const { name, prototype } = consumer as { name: string; prototype: Record<string, unknown> };
  if (typeof consumer.plugin?.name !== 'string') {
    throw notAPlugin(
      `${name} is no plugin: a consumer is a class with 'static readonly plugin = { name: ... }', start() and stop(); a function that returns a plugin has to be called`,
    );
  }
  for (const method of ['start', 'stop']) {
    if (typeof prototype?.[method] !== 'function') {
      throw notAPlugin(`the consumer '${consumer.plugin.name}' (class ${name}) has no ${method}(): write one`);
    }
  }
}

/** Both forms of a plugin as one. */
function normalise(given: Plugin | ConsumerClass): Plugin {
  if (typeof given === 'function') {
    checkConsumer(given);
    return checkLists({ ...given.plugin, consumer: given });
  }
  if (typeof given !== 'object' || given === null || typeof given.name !== 'string') {
    throw notAPlugin(
      `${String(given)} is no plugin: pass what a package exports for it, called, or the class of a consumer`,
    );
  }
  const { provides, consumer, name } = given;
  if (provides !== undefined && !(Array.isArray(provides) && provides.every(isProvision))) {
    throw notAPlugin(
      `what the plugin '${name}' provides is a list of provide(...), provideValue(...), provideClass(...)`,
    );
  }
  if (consumer === undefined) return checkLists(given);
  checkConsumer(consumer);
  // What the class says of itself holds also where a plugin brings it.
  return checkLists({ ...consumer.plugin, ...given });
}

function isToken(value: unknown): boolean {
  return value instanceof Token;
}

function isProvision(value: Partial<Provision> | null): boolean {
  return typeof value?.make === 'function' && isToken(value.token) && value.inject?.every(isToken) === true;
}

function checkLists(plugin: Plugin): Plugin {
  for (const list of ['needs', 'wants'] as const) {
    const tokens: unknown = plugin[list];
    if (tokens === undefined || (Array.isArray(tokens) && tokens.every(isToken))) continue;
    throw notAPlugin(`'${list}' of the plugin '${plugin.name}' is a list of tokens, such as MACHINE`);
  }
  for (const list of ['conflicts', 'exclusive', 'quirks'] as const) {
    if (plugin[list] === undefined || Array.isArray(plugin[list])) continue;
    throw notAPlugin(`'${list}' of the plugin '${plugin.name}' is a list`);
  }
  return plugin;
}

function checkNames(plugins: readonly Plugin[]): void {
  const names = new Set<string>();
  for (const { name } of plugins) {
    if (names.has(name)) {
      throw new CompositionError('COMPOSE_DUPLICATE_PLUGIN', `two plugins are named '${name}'; compose one of them`);
    }
    names.add(name);
  }
  const consumers = new Map<ConsumerClass, string>();
  for (const { name, consumer } of plugins) {
    if (consumer === undefined) continue;
    const other = consumers.get(consumer);
    if (other !== undefined) {
      const message = `'${other}' and '${name}' are the same consumer (class ${consumer.name}); compose one of them`;
      throw new CompositionError('COMPOSE_DUPLICATE_PLUGIN', message);
    }
    consumers.set(consumer, name);
  }
  for (const { name, conflicts } of plugins) {
    const enemy = conflicts?.find((other) => names.has(other));
    if (enemy === undefined) continue;
    throw new CompositionError('COMPOSE_CONFLICT', `'${name}' cannot live beside '${enemy}'; compose one of them`);
  }
}

/** What only one can have. */
function checkExclusive(plugins: readonly Plugin[]): void {
  const owners = new Map<string, string>();
  for (const { name, exclusive = [] } of plugins) {
    for (const what of exclusive) {
      const other = owners.get(what);
      if (other !== undefined) {
        const message = `'${other}' and '${name}' both have ${what}; leave it out of one of them`;
        throw new CompositionError('COMPOSE_CONFLICT', message);
      }
      owners.set(what, name);
    }
  }
}

function collect(plugins: readonly Plugin[]): Map<Token<unknown>, Provided> {
  const provided = new Map<Token<unknown>, Provided>();
  for (const { name, provides = [] } of plugins) {
    for (const provision of provides) {
      const { token } = provision;
      const other = provided.get(token);
      if (other !== undefined) {
        const message = `'${other.by}' and '${name}' both provide '${token.name}'; compose one of them`;
        throw new CompositionError('COMPOSE_PROVIDED_TWICE', message);
      }
      if (provision.kind === 'value') checkPart(token, provision.make(), name);
      provided.set(token, { provision, by: name, overrides: CORE.has(token) });
    }
  }
  return provided;
}

function missing(
  plugin: string,
  token: Token<unknown>,
  arch: string,
  provided: ReadonlyMap<Token<unknown>, Provided>,
): CompositionError {
  if (token instanceof Facet) {
    return new CompositionError(
      'COMPOSE_MISSING_FACET',
      `the plugin '${plugin}' needs the facet '${token.name}', which the architecture '${arch}' does not offer; to offer it, implement ${token.implement}`,
    );
  }
  const { name, hint, brought } = token;
  const instead = brought === undefined ? '' : `; the ${brought.name} here is ${byWhom(provided.get(brought))}`;
  return new CompositionError(
    'COMPOSE_MISSING_PART',
    `the plugin '${plugin}' needs '${name}', which nobody provides${instead}; ${hint}`,
  );
}

function byWhom(provided: Provided | undefined): string {
  return provided === undefined ? "core's own" : `that of '${provided.by}'`;
}

/** Tokens that a plugin cannot do without. */
function needsOf({ needs = [], wants = [], provides = [], consumer }: Plugin): readonly Token<unknown>[] {
  const injected = consumer === undefined ? [] : injectionsOf(consumer);
  const made = provides.length === 0 ? [] : provides.flatMap(({ inject }) => inject);
  return [...needs, ...injected.filter((token) => !wants.includes(token)), ...made];
}

function checkNeeds(plugins: readonly Plugin[], provided: ReadonlyMap<Token<unknown>, Provided>, arch: string): void {
  for (const plugin of plugins) {
    for (const token of needsOf(plugin)) {
      if (!provided.has(token) && !CORE.has(token)) throw missing(plugin.name, token, arch, provided);
    }
  }
}

/** Parts that need each other to be made: only what plugins provide can close a circle. */
function checkCircles(provided: ReadonlyMap<Token<unknown>, Provided>): void {
  const done = new Set<Token<unknown>>();
  const path: Token<unknown>[] = [];
  const visit = (token: Token<unknown>): void => {
    if (done.has(token)) return;
    const at = path.indexOf(token);
    if (at >= 0) {
      const circle = [...path.slice(at), token].map((one) => `'${one.name}'${by(one)}`).join(' needs ');
      throw new CompositionError('COMPOSE_CIRCULAR', `${circle}: let one of them be made without the other`);
    }
    path.push(token);
    for (const next of (provided.get(token)?.provision ?? CORE.get(token))?.inject ?? []) visit(next);
    path.pop();
    done.add(token);
  };
  const by = (token: Token<unknown>): string => {
    const one = provided.get(token);
    return one === undefined ? '' : ` (of '${one.by}')`;
  };
  for (const [token, { provision, overrides }] of provided) {
    if (overrides || provision.inject.some((one) => provided.has(one))) visit(token);
  }
}

/** Everything that can be known to be wrong with plugins before anything is made. */
export function checkPlugins(options: KernelOptions): CheckedPlugins {
  const { arch, breakpointScheduler, slotPolicy, taskScheduler, plugins = [] } = options;
  const given = [arch, breakpointScheduler, slotPolicy, taskScheduler, ...plugins].filter(
    (plugin) => plugin !== undefined,
  );
  const all = given.map(normalise);
  checkNames(all);
  checkExclusive(all);
  const provided = collect(all);
  checkHardware(options, provided.get(HARDWARE)?.by);
  checkNeeds(all, provided, arch.backend.manifest.name);
  checkCircles(provided);
  return { plugins: all, provided };
}
