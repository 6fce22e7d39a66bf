import {
  type ArchManifest,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  KernelError,
} from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { PointOutcome, PointsPort, PointType, StopReason, Unsupported } from '../rsp/target-port.js';
import type { Claim, Claims } from './claims.js';
import { watchPieces } from './watch-pieces.js';

/** Software breakpoints that there may be, as in Linux (KGDB_MAX_BREAKPOINTS). */
const MOST_PLANTED = 1000;

/**
 * Types of hardware points: what they watch, in letters and as `bp_type`, how a stop names them, and what to say where
 * there are none.
 */
const KINDS = {
  1: {
    access: 'x',
    bp_type: HW_BREAKPOINT_X,
    stop: 'hwbreak',
    lacking: 'watches execution; use break, which needs none',
  },
  2: { access: 'w', bp_type: HW_BREAKPOINT_W, stop: 'watch', lacking: 'watches writes' },
  3: { access: 'r', bp_type: HW_BREAKPOINT_R, stop: 'rwatch', lacking: 'watches reads alone; use awatch' },
  4: { access: 'rw', bp_type: HW_BREAKPOINT_RW, stop: 'awatch', lacking: 'watches reads and writes' },
} as const;

type Kind = (typeof KINDS)[keyof typeof KINDS];

/** What points are made of: what registers there are, and who keeps software breakpoints. */
export interface PointParts {
  readonly manifest: ArchManifest;
  readonly planted: {
    plant(address: bigint): void;
    lift(address: bigint): unknown;
  };
}

/**
 * A hardware point. `removed`: the debugger took it away; it goes when the machine goes on, unless it comes back before
 * that.
 */
interface Point {
  readonly claim: Claim;
  removed: boolean;
}

/**
 * The debugger's breakpoints and watchpoints. A debugger takes all of them away at each stop and puts them back before
 * it goes on; so what is removed stays until the machine really goes on. Its registers are not given away meanwhile,
 * and a hit of it that waits in the exception that stopped the machine is not lost.
 */
export class Points<Hit> implements PointsPort {
  readonly #parts: PointParts;
  readonly #claims: Claims<Hit>;
  readonly #onHit: (hit: Hit, reason: StopReason) => void;
  readonly #points = new Map<string, Point>();
  readonly #planted = new Set<bigint>();
  /** What could not be given back yet. */
  #left: Claim[] = [];

  constructor(parts: PointParts, claims: Claims<Hit>, onHit: (hit: Hit, reason: StopReason) => void) {
    this.#parts = parts;
    this.#claims = claims;
    this.#onHit = onHit;
  }

  /** True if a thread stops before the instruction at an address. */
  has(address: bigint): boolean {
    return this.#planted.has(address) || this.#points.get(keyOf(1, address, 0))?.removed === false;
  }

  insert(type: PointType, address: bigint, length: number): PointOutcome {
    if (type === 0) {
      this.#plant(address);
      return 'ok';
    }
    const kind = KINDS[type];
    const missing = this.#missing(kind);
    if (missing !== undefined) return missing;
    const key = keyOf(type, address, length);
    const known = this.#points.get(key);
    if (known !== undefined) known.removed = false;
    else this.#points.set(key, { claim: this.#claim(kind, address, length), removed: false });
    return 'ok';
  }

  remove(type: PointType, address: bigint, length: number): PointOutcome {
    if (type === 0) {
      if (!this.#planted.delete(address)) throw noBreakpoint('software breakpoint', address);
      this.#parts.planted.lift(address);
      return 'ok';
    }
    const missing = this.#missing(KINDS[type]);
    if (missing !== undefined) return missing;
    const point = this.#points.get(keyOf(type, address, length));
    if (point === undefined || point.removed) throw noBreakpoint(KINDS[type].stop, address);
    point.removed = true;
    return 'ok';
  }

  clear(): void {
    for (const point of this.#points.values()) point.removed = true;
    for (const address of this.#planted) this.#parts.planted.lift(address);
    this.#planted.clear();
  }

  /** The machine goes on: what was removed gives its registers back. */
  settle(): void {
    this.#left = this.#left.filter((claim) => !claim.release());
    for (const [key, { claim, removed }] of this.#points) {
      if (!removed) continue;
      this.#points.delete(key);
      if (!claim.release()) this.#left.push(claim);
    }
  }

  /** Gives everything back, for good. */
  dispose(): void {
    this.clear();
    this.settle();
    this.#claims.dispose();
  }

  #missing({ access, lacking }: Kind): Unsupported | undefined {
    const { name, slots, access: known } = this.#parts.manifest;
    if (known.includes(access) && (access === 'x' ? slots.instruction : slots.data) > 0) return undefined;
    return { unsupported: `${name} has no debug register that ${lacking}` };
  }

  #plant(address: bigint): void {
    if (this.#planted.has(address)) return;
    if (this.#planted.size >= MOST_PLANTED) {
      const message = `there are ${MOST_PLANTED} software breakpoints already, as many as there may be; delete some`;
      throw kgdbError('KGDB_TOO_MANY_BREAKPOINTS', message, { limit: MOST_PLANTED });
    }
    this.#planted.add(address);
    this.#parts.planted.plant(address);
  }

  #claim(kind: Kind, address: bigint, length: number): Claim {
    const attrs = this.#attrs(kind, address, length);
    const handler = (hit: Hit, at: bigint): void => this.#onHit(hit, reasonOf(kind, at));
    try {
      return this.#claims.claim(attrs, handler);
    } catch (error) {
      const removed = [...this.#points.values()].some((point) => point.removed);
      if (!(error instanceof KernelError) || error.errno !== 'ENOSPC' || !removed) throw error;
      // What is only kept in case it comes back makes room.
      this.settle();
      return this.#claims.claim(attrs, handler);
    }
  }

  #attrs({ access, bp_type }: Kind, address: bigint, length: number): readonly HwBreakpointAttr[] {
    const { manifest } = this.#parts;
    if (access === 'x') return [{ bp_type, bp_addr: address, bp_len: manifest.executeLength ?? manifest.wordSize }];
    return watchPieces(manifest, address, length).map((piece) => ({
      bp_type,
      bp_addr: piece.address,
      bp_len: piece.length,
    }));
  }
}

function keyOf(type: PointType, address: bigint, length: number): string {
  // The kind of an execute breakpoint says how long its instruction is: not which breakpoint is meant.
  return type === 1 ? `1,${address}` : `${type},${address},${length}`;
}

function reasonOf({ stop }: Kind, address: bigint): StopReason {
  return stop === 'hwbreak' ? { kind: stop } : { kind: stop, address };
}

function noBreakpoint(what: string, address: bigint): Error {
  return kgdbError('KGDB_NO_BREAKPOINT', `there is no ${what} at ${hex(address)}`, { address });
}
