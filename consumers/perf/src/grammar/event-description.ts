import type { PerfEventAttr } from '../attr/perf-event-attr.js';

/** What a `mem:` event watches: an address, or a symbol that the caller looks up. */
export type EventPlace =
  | { readonly kind: 'address'; readonly address: bigint }
  | { readonly kind: 'symbol'; readonly symbol: string; readonly offset: bigint };

/** One event as it was described. */
export interface EventDescription {
  /** As it was written, modifiers of its group aside: the name to show. */
  readonly text: string;
  /** Where it begins in the whole text: 1 is the first character. */
  readonly column: number;
  /** What it asks for. Of `mem:` events `bp_addr` is missing: see {@link place} and {@link eventAttr}. */
  readonly attr: PerfEventAttr;
  /** Of `mem:` events. */
  readonly place?: EventPlace;
  /** Of `mem:` events: true if a length was written; false if `attr.bp_len` is perf's default. */
  readonly lengthGiven?: boolean;
  /** Modifier `S`: samples of the leader read the whole group. */
  readonly sampleRead?: boolean;
}

/** Events that go onto the PMU together, or one by itself. */
export interface EventGroup {
  /** The leader first. Without braces exactly one. */
  readonly events: readonly EventDescription[];
  /** Written with braces. */
  readonly grouped: boolean;
}

/** The attr of an event whose address is known: its own, or what its symbol means. */
export function eventAttr({ attr, place }: EventDescription, resolve: (symbol: string) => bigint): PerfEventAttr {
  if (place === undefined) return attr;
  const address = place.kind === 'address' ? place.address : resolve(place.symbol) + place.offset;
  return { ...attr, bp_addr: BigInt.asUintN(64, address) };
}
