import type { ElfSymbol } from './elf-symbols.js';

/** Names that linkers and start files give to borders: what begins there is something else. */
const BORDERS: ReadonlySet<string> = new Set([
  '__bss_start',
  '__bss_start__',
  '_bss_end__',
  '__bss_end__',
  '__data_start',
  'data_start',
  '__dso_handle',
  '__TMC_END__',
  '_edata',
  'edata',
  '_end',
  'end',
  '__end__',
  '_etext',
  'etext',
  '__etext',
  '__executable_start',
  '__ehdr_start',
  '__init_array_start',
  '__init_array_end',
  '__preinit_array_start',
  '__preinit_array_end',
  '__fini_array_start',
  '__fini_array_end',
]);

/** True for a symbol that says where something begins or ends, and of what is there nothing. */
export function isBorder({ name, size }: ElfSymbol): boolean {
  return size === 0 && BORDERS.has(name);
}

/** What a name begins with that is not for people to write. */
const underscores = (name: string): number => /^_*/.exec(name)?.[0].length ?? 0;

/** Names that compilers make of others: `total.localalias`, `parse.cold`. */
const isMade = (name: string): boolean => /\w\.\w/.test(name);

/**
 * The names of one address as a person would choose among them: what has a size and a type, what nobody made of another
 * name, a global name before a local one before a weak one and one with underscores, and then the shortest. Each name
 * is looked at once.
 */
export function byPreference(symbols: readonly ElfSymbol[], written: (symbol: ElfSymbol) => string): ElfSymbol[] {
  return symbols
    .map((symbol) => ({ symbol, rank: rankOf(symbol, written(symbol)) }))
    .sort((a, b) => {
      const at = a.rank.findIndex((value, i) => value !== b.rank[i]);
      if (at >= 0) return (a.rank[at] as number) - (b.rank[at] as number);
      return a.symbol.name < b.symbol.name ? -1 : a.symbol.name > b.symbol.name ? 1 : 0;
    })
    .map(({ symbol }) => symbol);
}

function rankOf({ size, kind, binding }: ElfSymbol, name: string): readonly number[] {
  const lines = underscores(name);
  const group = lines > 0 || binding === 'weak' ? 2 : binding === 'local' ? 1 : 0;
  return [size > 0 ? 0 : 1, kind === 'label' ? 1 : 0, isMade(name) ? 1 : 0, group, lines, name.length];
}
