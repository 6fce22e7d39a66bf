import type { ArchManifest } from '../arch/index.js';
import { Facet } from '../facets/index.js';
import type { CheckedPlugins } from './check-plugins.js';
import type { KernelContainer } from './container.js';
import { CORE_PARTS } from './core-parts.js';
import { injectionsOf } from './injection.js';
import { ACCOUNTING, BREAKPOINT_SCHEDULER, MACHINE, MANIFEST, QUIRKS, SYMBOLS, TASK_SCHEDULER } from './tokens.js';

/** A part of a kernel. */
export interface PartDescription {
  /** Name of the token. */
  readonly token: string;
  /** Name of the plugin that provides it; `core`. */
  readonly by: string;
  /** It stands in the place of core's own. */
  readonly overrides: boolean;
  /** It was made; what nobody has asked for is not. */
  readonly made: boolean;
}

/** A plugin of a kernel. */
export interface PluginDescription {
  readonly name: string;
  /** What it was called with. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Facets that it uses. */
  readonly facets: readonly string[];
}

/** What a kernel was composed of. */
export interface KernelDescription {
  readonly arch: ArchManifest;
  readonly cpus: number;
  readonly online: readonly number[];
  readonly slotPolicy: string;
  readonly breakpointScheduler: string;
  /** Name of the scheduling class. */
  readonly taskScheduler: string;
  readonly symbols: number;
  readonly facets: readonly string[];
  /** In the order of starting. */
  readonly plugins: readonly PluginDescription[];
  readonly quirks: readonly { readonly name: string; readonly on: boolean }[];
  /** Who provides what: in the order in which the parts were made, then those that were not. */
  readonly parts: readonly PartDescription[];
  toString(): string;
}

/** What the container of a kernel says of itself. */
export function describe({ plugins, provided }: CheckedPlugins, container: KernelContainer): KernelDescription {
  const machine = container.get(MACHINE);
  const quirks = container.get(QUIRKS);
  const { symbols } = container.get(SYMBOLS);
  const facets = [...provided.keys()].filter((token) => token instanceof Facet);
  // Last, as what is asked for here is made by that: who asks twice is told the same.
  const { made } = container;
  const tokens = new Set([...made, ...CORE_PARTS.map(({ token }) => token), ...provided.keys()]);
  return {
    arch: container.get(MANIFEST),
    cpus: machine.cpus.length,
    online: machine.onlineCpus.map((cpu) => cpu.index),
    slotPolicy: container.get(ACCOUNTING).policy.name,
    breakpointScheduler: container.get(BREAKPOINT_SCHEDULER).name,
    taskScheduler: container.get(TASK_SCHEDULER).name,
    symbols: symbols.length,
    facets: facets.map(({ name }) => name),
    plugins: plugins.map(({ name, options = {}, consumer }) => ({
      name,
      options,
      facets: (consumer === undefined ? [] : injectionsOf(consumer))
        .filter((token) => token instanceof Facet && provided.has(token))
        .map((token) => token.name),
    })),
    quirks: quirks.catalogue.map((quirk) => ({ name: quirk.name, on: quirks.isOn(quirk) })),
    parts: [...tokens].map((token) => {
      const one = provided.get(token);
      const by = one?.by ?? 'core';
      return { token: token.name, by, overrides: one?.overrides ?? false, made: made.includes(token) };
    }),
    toString(): string {
      return formatDescription(this);
    },
  };
}

/** An option in a line: of a list, or an object without words of its own, how much there is in it. */
function inShort(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? String(Object.keys(value).length) : String(value);
}

/** The boot tree: one line for each part. */
function formatDescription(description: KernelDescription): string {
  const { arch } = description;
  const { data, instruction, shared } = arch.slots;
  const slots = shared ? `${data} shared by data and instruction` : `${data} data, ${instruction} instruction`;
  const list = (items: readonly string[]): string => items.join(', ') || 'none';
  const plugins = description.plugins.map(({ name, facets, options }) => {
    const uses = facets.length > 0 ? ` (uses ${facets.join(', ')})` : '';
    const given = Object.entries(options).map(([option, value]) => `${option} ${inShort(value)}`);
    return `${name}${given.length > 0 ? ` { ${given.join(', ')} }` : ''}${uses}`;
  });
  const overrides = description.parts
    .filter((part) => part.overrides && part.by !== arch.name)
    .map(({ token, by }) => `${token} by ${by}`);
  return [
    `architecture  ${arch.name}: ${slots}; watches ${list(arch.access)}`,
    `cpus          ${description.cpus}, online ${list(description.online.map(String))}`,
    `slot policy   ${description.slotPolicy}`,
    `scheduler     ${description.breakpointScheduler}`,
    `tasks         ${description.taskScheduler}`,
    `symbols       ${description.symbols}`,
    `facets        ${list(description.facets)}`,
    `plugins       ${list(plugins)}`,
    `quirks        ${list(description.quirks.map(({ name, on }) => `${name} ${on ? 'on' : 'off'}`))}`,
    `overrides     ${list(overrides)}`,
    `made          ${list(description.parts.filter(({ made }) => made).map(({ token }) => token))}`,
  ].join('\n');
}
