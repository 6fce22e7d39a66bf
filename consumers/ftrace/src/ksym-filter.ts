import {
  type Breakpoints,
  bits,
  type Hit,
  hex,
  type ImageReader,
  type ImageValue,
  KernelError,
  type SymbolTable,
  type WideBreakpoint,
} from '@hwbp/core';
import { ACCESS_TYPES, type AccessType, BP_TYPES, OPS } from './access-type.js';
import { ftraceError } from './errors.js';
import { parseFilterCommand } from './filter-command.js';
import { didYouMean } from './nearest-names.js';
import { symbolText } from './symbol-text.js';

/** Name under which the tracer holds its slots. */
const OWNER = 'ksym_tracer';
/** Bytes watched of every symbol, as in Linux. */
const WATCHED_BYTES = 4;

/** A watched symbol. */
export interface KsymEntry {
  readonly address: bigint;
  /** The symbol of the address. */
  readonly symbol: string;
  readonly type: AccessType;
  /** Accesses that were recorded; kept when the ops are replaced. */
  readonly count: number;
}

interface Listed {
  readonly entry: { -readonly [Field in keyof KsymEntry]: KsymEntry[Field] };
  readonly wide: WideBreakpoint;
}

/** What a filter works with. */
export interface FilterParts {
  readonly breakpoints: Breakpoints;
  readonly symbols: SymbolTable;
}

/**
 * The list of watched symbols: one wide breakpoint each, on every online CPU and on those that come later. An entry is
 * its address, so two names of one address are one entry. A change that is refused changes nothing, on no CPU.
 */
export class KsymFilter {
  readonly #parts: FilterParts;
  readonly #hit: (entry: KsymEntry, hit: Hit) => void;
  /** By address, in the order in which they were added. */
  readonly #listed = new Map<bigint, Listed>();

  /** `hit` is called for each access. */
  constructor(parts: FilterParts, hit: (entry: KsymEntry, hit: Hit) => void) {
    this.#parts = parts;
    this.#hit = hit;
  }

  /** Snapshots of the entries, newest first, as the file lists them. */
  get entries(): readonly KsymEntry[] {
    return [...this.#listed.values()].reverse().map(({ entry }) => Object.freeze({ ...entry }));
  }

  /** What `ksym_trace_filter` reads. */
  get text(): string {
    return this.entries.map(({ symbol, type }) => `${symbol}:${OPS[type]}\n`).join('');
  }

  /** Does what a write to `ksym_trace_filter` asks for. Throws EINVAL, and what the breakpoint API refuses. */
  write(text: string): void {
    const command = parseFilterCommand(text);
    if (command.action === 'clear') {
      this.clear();
      return;
    }
    const address = this.#lookup(command.symbol);
    if (command.action === 'remove') this.#remove(address, command.symbol);
    else this.watch(address, command.type, command.symbol);
  }

  /** Watches an address, or changes what it is watched for. */
  watch(address: bigint, type: AccessType, symbol = symbolText(this.#parts.symbols, address)): void {
    const listed = this.#listed.get(address);
    if (listed?.entry.type === type) {
      throw ftraceError(
        'KSYM_DUPLICATE',
        `${symbol} is watched with ${OPS[type]} already; write other ops to replace them, or ${symbol}:--- to remove it`,
        { symbol, address, type },
      );
    }
    try {
      if (listed === undefined) this.#add(address, type);
      else this.#change(listed, type);
    } catch (error) {
      throw explain(error, address, `${symbol}:${OPS[type]}`);
    }
  }

  /** Removes every entry. */
  clear(): void {
    for (const address of [...this.#listed.keys()]) this.#unlist(address);
  }

  /** The entries as an image has them. */
  save(): ImageValue {
    const { wideImages } = this.#parts.breakpoints;
    return [...this.#listed.values()].map(({ entry, wide }) => ({
      ...entry,
      address: bits(entry.address),
      wide: wideImages.numberOf(wide),
    }));
  }

  /** These entries, and no others. */
  restore(from: ImageReader): void {
    this.clear();
    for (const one of from.list()) {
      const entry = {
        address: one.field('address').bits(),
        symbol: one.field('symbol').text(),
        type: one.field('type').oneOf(...ACCESS_TYPES),
        count: one.field('count').number(),
      };
      const handler = (hit: Hit): void => this.#hit(entry, hit);
      this.#listed.set(entry.address, {
        entry,
        wide: this.#parts.breakpoints.wideImages.take(one.field('wide'), { handler }),
      });
    }
  }

  /** Counts a recorded access. */
  count(entry: KsymEntry): void {
    const listed = this.#listed.get(entry.address);
    if (listed !== undefined) listed.entry.count++;
  }

  #add(address: bigint, type: AccessType): void {
    const { breakpoints, symbols } = this.#parts;
    const entry = { address, symbol: symbolText(symbols, address), type, count: 0 };
    const attr = { bp_type: BP_TYPES[type], bp_addr: address, bp_len: WATCHED_BYTES };
    const wide = breakpoints.registerWide(attr, (hit) => this.#hit(entry, hit), { owner: OWNER });
    this.#listed.set(address, { entry, wide });
  }

  #change({ entry, wide }: Listed, type: AccessType): void {
    // In place and on every CPU or none: the slot cannot be lost to somebody else in between.
    this.#parts.breakpoints.modifyWide(wide, { bp_type: BP_TYPES[type] });
    entry.type = type;
  }

  #remove(address: bigint, symbol: string): void {
    if (this.#listed.has(address)) {
      this.#unlist(address);
      return;
    }
    const listed = this.entries.map((entry) => entry.symbol).join(', ') || 'nothing';
    throw ftraceError('KSYM_NOT_LISTED', `${symbol} is not watched and cannot be removed; watched: ${listed}`, {
      symbol,
      address,
    });
  }

  #unlist(address: bigint): void {
    this.#parts.breakpoints.unregisterWide(this.#listed.get(address)?.wide);
    this.#listed.delete(address);
  }

  #lookup(name: string): bigint {
    const { symbols } = this.#parts;
    const symbol = symbols.lookup(name);
    if (symbol !== undefined) return symbol.address;
    const hint =
      symbols.symbols.length === 0
        ? '; this kernel has no symbols: compose it with the symbols option'
        : didYouMean(
            name,
            symbols.symbols.map((other) => other.name),
          );
    throw ftraceError('KSYM_UNKNOWN_SYMBOL', `there is no symbol '${name}'${hint}`, { symbol: name });
  }
}

/**
 * The architecture's EINVAL with what was asked of the tracer; anything else, such as ENOSPC with its holders, as it
 * is.
 */
function explain(error: unknown, address: bigint, asked: string): unknown {
  if (!(error instanceof KernelError) || error.errno !== 'EINVAL') return error;
  const { reason } = error;
  const hint =
    address % BigInt(WATCHED_BYTES) === 0n
      ? ''
      : ` (misaligned: the tracer always watches ${WATCHED_BYTES} bytes, and ${hex(address)} is no multiple of that)`;
  return ftraceError(
    'KSYM_ARCH_REFUSED',
    `${asked} is refused: ${reason}${hint}`,
    { ...error.details, address },
    error,
  );
}
