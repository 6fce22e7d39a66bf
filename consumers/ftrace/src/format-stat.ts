import type { AccessType } from './access-type.js';

/** How often a watched symbol was accessed. */
export interface KsymStat {
  /** `undefined`: unknown, printed as `NA`. */
  readonly type: AccessType | undefined;
  /** Name of the symbol; `undefined`: unknown, printed as `<NA>`. */
  readonly symbol: string | undefined;
  readonly count: number;
}

/** The two lines above the statistics, each with its newline. */
export function formatStatHeader(): string {
  return (
    '  Access Type   Symbol                                       Counter\n' +
    '  -----------   ------                                       -------\n'
  );
}

/** One row with its newline: `  %-12s  %-36s %15d`. */
export function formatStatRow({ type, symbol, count }: KsymStat): string {
  const columns = [(type?.toUpperCase() ?? 'NA').padEnd(12), (symbol ?? '<NA>').padEnd(36)];
  return `  ${columns.join('  ')} ${String(count).padStart(15)}\n`;
}
