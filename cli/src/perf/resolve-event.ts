import { type ArchManifest, HW_BREAKPOINT_X, KernelError, typeLetters } from '@hwbp/core';
import {
  type EventDescription,
  type EventGroup,
  eventAttr,
  type PerfEventAttr,
  parseEvents,
  pointAt,
} from '@hwbp/perf';
import { usageError } from '../errors.js';
import { findSymbol, type SymbolSource } from '../replay/find-symbol.js';
import { symbolLength, writesOffset } from '../replay/symbol-length.js';

/** An event that a kernel can be asked for. */
export interface ResolvedEvent {
  /** As it was written. */
  readonly name: string;
  readonly attr: PerfEventAttr;
  /** Modifier S. */
  readonly sampleRead: boolean;
}

/** Events that are opened together. */
export interface ResolvedGroup {
  readonly events: readonly ResolvedEvent[];
  readonly grouped: boolean;
}

/** Reads what `-e` was given. Throws a usage error that points at what is wrong. */
export function readEvents(texts: readonly string[], command: string): readonly EventGroup[] {
  return texts.flatMap((text) => {
    try {
      return parseEvents(text);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      const { column } = error.details;
      const [, what = error.message] = /column \d+: (.*)$/s.exec(error.message) ?? [];
      throw usageError(
        [
          `-e: ${what}`,
          ...pointAt(text, Number(column))
            .split('\n')
            .map((line) => `  ${line}`),
        ],
        `hwbp ${command} --help shows how events are written`,
      );
    }
  });
}

/** Looks symbols up. Throws a usage error for one that there is not, or that no register can watch whole. */
export function resolveEvents(
  groups: readonly EventGroup[],
  manifest: ArchManifest,
  program: SymbolSource | undefined,
): readonly ResolvedGroup[] {
  return groups.map(({ events, grouped }) => ({
    grouped,
    events: events.map((event) => resolveEvent(event, manifest, program)),
  }));
}

/** A name as events have it: in quotes if it has characters that mean something there. */
function quoted(name: string): string {
  return /^[\w.$@[\]]+$/.test(name) ? name : `'${name}'`;
}

function resolveEvent(
  event: EventDescription,
  manifest: ArchManifest,
  program: SymbolSource | undefined,
): ResolvedEvent {
  const { text: name, place, lengthGiven, sampleRead = false } = event;
  const at = `-e ${name}`;
  const found = eventAttr(event, (symbol) => findSymbol(symbol, program, at).address);
  const { bp_type = 0 } = found;
  // Only now it is known whose long that is.
  const long = bp_type === HW_BREAKPOINT_X && lengthGiven === false;
  const attr = long ? { ...found, bp_len: manifest.wordSize } : found;
  if (place?.kind !== 'symbol' || writesOffset(name, place.offset) || lengthGiven || bp_type === HW_BREAKPOINT_X) {
    return { name, attr, sampleRead };
  }
  const symbol = findSymbol(place.symbol, program, at);
  const part = (offset: number, length: number): string =>
    `mem:${quoted(symbol.name)}${offset === 0 ? '' : `+${offset}`}/${length}:${typeLetters(bp_type)}`;
  return { name, attr: { ...attr, bp_len: symbolLength(symbol, manifest, at, part) }, sampleRead };
}
