import type { ArchManifest, KernelSymbol } from '@hwbp/core';
import { usageError } from '../errors.js';
import { checkWatch } from './check-watch.js';
import { findSymbol, type SymbolSource } from './find-symbol.js';
import { DEFAULT_LENGTH, symbolLength, writesOffset } from './symbol-length.js';
import type { Watch } from './watch.js';
import type { WatchSpec } from './watch-spec.js';

/** What watches are resolved with. */
export interface ResolveContext {
  readonly manifest: ArchManifest;
  /** `undefined`: no `--elf` was given. */
  readonly program: SymbolSource | undefined;
}

/** Finds the address and the length that a watch means. Throws a usage error that says what to write instead. */
export function resolveWatch(spec: WatchSpec, context: ResolveContext): Watch {
  const { text, type, place, offset } = spec;
  const { manifest, program } = context;
  const symbol = typeof place === 'string' ? findSymbol(place, program, `--watch ${text}`) : undefined;
  const base = symbol === undefined ? (place as bigint) : symbol.address;
  const length = type === 'x' ? executeLength(spec, manifest) : (spec.length ?? defaultLength(spec, symbol, manifest));
  const watch: Watch = {
    text,
    type,
    address: BigInt.asUintN(64, base + offset),
    length,
    symbol: writesOffset(text, offset) ? undefined : symbol?.name,
  };
  checkWatch(watch, manifest);
  return watch;
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

function defaultLength(
  { text, type, offset }: WatchSpec,
  symbol: KernelSymbol | undefined,
  manifest: ArchManifest,
): number {
  if (symbol === undefined || writesOffset(text, offset)) return DEFAULT_LENGTH;
  const part = (offset: number, length: number): string =>
    `${symbol.name}${offset === 0 ? '' : `+${offset}`}/${length}:${type}`;
  return symbolLength(symbol, manifest, `--watch ${text}`, part);
}
