import { type ArchManifest, hex, type KernelSymbol } from '@hwbp/core';
import type { ProgramSymbols } from '../elf/program-symbols.js';
import { usageError } from '../errors.js';
import { checkWatch } from './check-watch.js';
import { nearest } from './nearest.js';
import type { Watch } from './watch.js';
import type { WatchSpec } from './watch-spec.js';

/** Bytes watched where neither the command line nor a symbol says how many. */
const DEFAULT_LENGTH = 4;

/** What watches are resolved with. */
export interface ResolveContext {
  readonly manifest: ArchManifest;
  /** `undefined`: no `--elf` was given. */
  readonly program:
    | { readonly path: string; readonly symbols: ProgramSymbols; readonly needsBias: boolean }
    | undefined;
}

/** Finds the address and the length that a watch means. Throws a usage error that says what to write instead. */
export function resolveWatch(spec: WatchSpec, context: ResolveContext): Watch {
  const { text, type, place, offset } = spec;
  const { manifest } = context;
  const symbol = typeof place === 'string' ? findSymbol(spec, place, context) : undefined;
  const base = symbol === undefined ? (place as bigint) : symbol.address;
  const length = type === 'x' ? executeLength(spec, manifest) : (spec.length ?? defaultLength(spec, symbol, manifest));
  const watch: Watch = {
    text,
    type,
    address: BigInt.asUintN(64, base + offset),
    length,
    symbol: offset === 0n ? symbol?.name : undefined,
  };
  checkWatch(watch, manifest);
  return watch;
}

function findSymbol(spec: WatchSpec, name: string, { program }: ResolveContext): KernelSymbol {
  const at = `--watch ${spec.text}: `;
  if (program === undefined) {
    throw usageError(
      `${at}a symbol needs the program that was traced`,
      'name it with --elf FILE, or watch an address such as 0x404390/4',
    );
  }
  const { path, symbols } = program;
  const found = symbols.named(name);
  const [first] = found;
  if (first === undefined) {
    const near = nearest(
      name,
      symbols.symbols.map((other) => other.name),
    );
    if (symbols.symbols.length === 0)
      throw usageError(
        `${at}${path} has no symbols`,
        'it was stripped: name the file from before, or watch an address such as 0x404390/4',
      );
    const remedy = near.length > 0 ? `did you mean ${near.join(', ')}?` : `nm ${path} lists its symbols`;
    throw usageError(`${at}${path} has no symbol '${name}'`, remedy);
  }
  if (program.needsBias) {
    throw usageError(
      `${at}${path} is position-independent: its addresses in the trace depend on where it was loaded`,
      'say where with --load-bias ADDRESS; Valgrind loads 64-bit x86 programs at 0x108000 (or link with -no-pie and record again)',
    );
  }
  if (found.length > 1) {
    const places = found.map(({ address, size }) => `${hex(address)}${size > 0 ? ` (${size} bytes)` : ''}`).join(', ');
    throw usageError(
      `${at}${path} has ${found.length} symbols '${name}'`,
      `watch one of them by its address: ${places}`,
    );
  }
  return first;
}

/** Linux wants the length of a long for execution, and watches one byte. */
function executeLength(spec: WatchSpec, manifest: ArchManifest): number {
  const length = manifest.executeLength ?? 1;
  if (spec.length === undefined || spec.length === length) return length;
  throw usageError(
    `--watch ${spec.text}: an execution watch has no length: it fires on the instruction's first byte`,
    `leave /${spec.length} out`,
  );
}

/** A variable's own size, if one register can watch it whole; 4 for places without a size. */
function defaultLength(spec: WatchSpec, symbol: KernelSymbol | undefined, manifest: ArchManifest): number {
  if (symbol === undefined || symbol.size === 0 || spec.offset !== 0n) return DEFAULT_LENGTH;
  if (manifest.dataLengths.includes(symbol.size) || manifest.dataLengths.length === 0) return symbol.size;
  const part =
    manifest.dataLengths.findLast((length) => length <= symbol.size && symbol.address % BigInt(length) === 0n) ?? 1;
  const last = symbol.size - part - (symbol.size % part);
  throw usageError(
    `--watch ${spec.text}: ${symbol.name} has ${symbol.size} bytes, more than one register can watch`,
    `name the part: ${symbol.name}/${part}:${spec.type} (its first ${part} bytes) to ${symbol.name}+${last}/${part}:${spec.type}`,
  );
}
