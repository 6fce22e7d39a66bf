import type { ArchManifest } from '../arch/index.js';

/** What a kernel was composed of. */
export interface KernelDescription {
  readonly arch: ArchManifest;
  readonly cpus: number;
  readonly online: readonly number[];
  readonly slotPolicy: string;
  readonly scheduler: string;
  readonly symbols: number;
  readonly facets: readonly string[];
  /** In the order of starting, with the facets that each uses. */
  readonly consumers: readonly { readonly name: string; readonly facets: readonly string[] }[];
  readonly quirks: readonly { readonly name: string; readonly on: boolean }[];
  /** Tokens that `providers` added or replaced. */
  readonly providers: readonly string[];
  toString(): string;
}

/** The boot tree: one line for each part. */
export function formatDescription(description: KernelDescription): string {
  const { arch } = description;
  const { data, instruction, shared } = arch.slots;
  const slots = shared ? `${data} shared by data and instruction` : `${data} data, ${instruction} instruction`;
  const list = (items: readonly string[]): string => items.join(', ') || 'none';
  const lines = [
    `architecture  ${arch.name}: ${slots}; watches ${list(arch.access)}`,
    `cpus          ${description.cpus}, online ${list(description.online.map(String))}`,
    `slot policy   ${description.slotPolicy}`,
    `scheduler     ${description.scheduler}`,
    `symbols       ${description.symbols}`,
    `facets        ${list(description.facets)}`,
    `consumers     ${list(description.consumers.map(({ name, facets }) => (facets.length > 0 ? `${name} (uses ${facets.join(', ')})` : name)))}`,
    `quirks        ${list(description.quirks.map(({ name, on }) => `${name} ${on ? 'on' : 'off'}`))}`,
  ];
  if (description.providers.length > 0) lines.push(`providers     ${list(description.providers)}`);
  return lines.join('\n');
}
