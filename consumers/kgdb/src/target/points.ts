import { type AddressSpace, type ArchManifest, type Cpu, type HwBreakpointAttr, hex, KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type {
  PointCondition,
  PointOutcome,
  PointsPort,
  PointType,
  StopReason,
  Unsupported,
} from '../rsp/target-port.js';
import type { Claim, Claims, TouchedRegister } from './claims.js';
import { POINT_KINDS, type PointKind } from './point-kinds.js';
import { type HeldBytes, mostTelling, type TouchedPoint } from './touched-point.js';
import { type Piece, watchPieces } from './watch-pieces.js';

/** Software breakpoints that there may be, as in Linux (KGDB_MAX_BREAKPOINTS). */
const MOST_PLANTED = 1000;

/**
 * What points are made of: what registers there are, who keeps software breakpoints, and the memory that is watched.
 */
export interface PointParts<Hit> {
  readonly manifest: ArchManifest;
  readonly planted: {
    plant(address: bigint): void;
    lift(address: bigint): unknown;
    /** The name of somebody else who has one at an address. */
    other(address: bigint): string | undefined;
  };
  /**
   * A hit that the silicon reports before the access can be passed over: the instruction completes, and what it really
   * accesses can be found by decoding it.
   */
  readonly decodes: boolean;
  /** The thread of a hit; `undefined` where a hit that is none for its condition cannot be passed over. */
  threadOf(hit: Hit): number | undefined;
  /** The memory at an address, as the thread sees it that has stopped. */
  memoryAt(address: bigint): AddressSpace;
}

/**
 * A hardware point. `removed`: the debugger took it away; it goes when the machine goes on, unless it comes back before
 * that.
 */
interface Point {
  readonly kind: PointKind;
  readonly whole: Piece;
  readonly claim: Claim;
  removed: boolean;
  held: HeldBytes | undefined;
  condition: PointCondition | undefined;
}

/**
 * The debugger's breakpoints and watchpoints. A debugger takes all of them away at each stop and puts them back before
 * it goes on; so what is removed stays until the machine really goes on. Its registers are not given away meanwhile.
 */
export class Points<Hit> implements PointsPort {
  readonly #parts: PointParts<Hit>;
  readonly #claims: Claims<Hit>;
  readonly #onHit: (hit: Hit, reason: StopReason) => void;
  readonly #points = new Map<string, Point>();
  readonly #planted = new Map<bigint, PointCondition | undefined>();
  /** What could not be given back yet. */
  #left: Claim[] = [];

  /** `onHit`: the debugger is to be told of this hit, as often as registers have seen it, for the same reason. */
  constructor(parts: PointParts<Hit>, claims: Claims<Hit>, onHit: (hit: Hit, reason: StopReason) => void) {
    this.#parts = parts;
    this.#claims = claims;
    this.#onHit = onHit;
    claims.onHit = (hit, cpu, touched) => this.#touched(hit, cpu, touched);
  }

  /** True if a thread stops before the instruction at an address. */
  has(address: bigint): boolean {
    return this.#planted.has(address) || this.#points.get(keyOf(1, address, 0))?.removed === false;
  }

  /** True if a thread at a software breakpoint is to stop there. */
  stops(address: bigint, thread: number): boolean {
    return this.#planted.get(address)?.holds(thread) !== false;
  }

  insert(type: PointType, address: bigint, length: number, condition?: PointCondition): PointOutcome {
    if (type === 0) {
      this.#plant(address, condition);
      return 'ok';
    }
    const kind = POINT_KINDS[type];
    const missing = this.#missing(kind);
    if (missing !== undefined) return missing;
    const key = keyOf(type, address, length);
    const known = this.#points.get(key);
    if (known !== undefined) {
      known.removed = false;
      known.condition = condition;
    } else {
      const claim = this.#claim(kind, address, length);
      this.#points.set(key, { kind, whole: { address, length }, claim, removed: false, held: undefined, condition });
    }
    return 'ok';
  }

  remove(type: PointType, address: bigint, length: number): PointOutcome {
    if (type === 0) {
      if (!this.#planted.delete(address)) throw noBreakpoint('software breakpoint', address);
      this.#parts.planted.lift(address);
      return 'ok';
    }
    const missing = this.#missing(POINT_KINDS[type]);
    if (missing !== undefined) return missing;
    const point = this.#points.get(keyOf(type, address, length));
    if (point === undefined || point.removed) throw noBreakpoint(POINT_KINDS[type].stop, address);
    point.removed = true;
    return 'ok';
  }

  clear(): void {
    for (const point of this.#points.values()) point.removed = true;
    for (const address of this.#planted.keys()) this.#parts.planted.lift(address);
    this.#planted.clear();
  }

  /** The machine goes on: what was removed gives its registers back, and what is watched is looked at. */
  settle(): void {
    this.#giveBack();
    const watches = [...this.#points.values()].filter(({ kind }) => kind.stop === 'watch');
    // It matters only where one access can hit several.
    const several = this.#points.size > 1;
    for (const point of watches) point.held = several ? this.#look(point.whole) : undefined;
  }

  #giveBack(): void {
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
    this.#giveBack();
    this.#claims.dispose();
  }

  #missing({ access, lacking }: PointKind): Unsupported | undefined {
    const { name, slots, access: known } = this.#parts.manifest;
    if (known.includes(access) && (access === 'x' ? slots.instruction : slots.data) > 0) return undefined;
    return { unsupported: `${name} has no debug register that ${lacking}` };
  }

  #plant(address: bigint, condition: PointCondition | undefined): void {
    const known = this.#planted.has(address);
    if (!known && this.#planted.size >= MOST_PLANTED) {
      const message = `there are ${MOST_PLANTED} software breakpoints already, as many as there may be; delete some`;
      throw kgdbError('KGDB_TOO_MANY_BREAKPOINTS', message, { limit: MOST_PLANTED });
    }
    const other = this.#parts.planted.other(address);
    if (other !== undefined) {
      const message = `there is a software breakpoint of ${other} at ${hex(address)} already: clear it there first`;
      throw kgdbError('KGDB_POINT_TAKEN', message, { address, owner: other });
    }
    this.#planted.set(address, condition);
    if (!known) this.#parts.planted.plant(address);
  }

  #claim(kind: PointKind, address: bigint, length: number): Claim {
    const attrs = this.#attrs(kind, address, length);
    try {
      return this.#claims.claim(attrs);
    } catch (error) {
      const removed = [...this.#points.values()].some((point) => point.removed);
      if (!(error instanceof KernelError) || error.errno !== 'ENOSPC' || !removed) throw error;
      // What is only kept in case it comes back makes room.
      this.#giveBack();
      return this.#claims.claim(attrs);
    }
  }

  /** An exception is about these registers: the debugger is told of one of them. */
  #touched(hit: Hit, cpu: Cpu, registers: readonly TouchedRegister[]): void {
    const touched = registers.flatMap(({ claim, attr }): (TouchedPoint & Pick<Point, 'kind' | 'condition'>)[] => {
      const point = [...this.#points.values()].find((other) => other.claim === claim);
      if (point === undefined) return [];
      const { kind, whole, held, condition } = point;
      const piece = { address: attr.bp_addr, length: Number(attr.bp_len) };
      return [{ kind, bp_type: kind.bp_type, whole, piece, held, condition }];
    });
    const thread = this.#parts.threadOf(hit);
    const wanted = touched.filter(({ condition }) => thread === undefined || condition?.holds(thread) !== false);
    const told = mostTelling(wanted, this.#parts.decodes ? cpu : undefined);
    if (told !== undefined) this.#onHit(hit, reasonOf(told.kind, told.piece.address));
  }

  #look({ address, length }: Piece): HeldBytes {
    const memory = this.#parts.memoryAt(address);
    return { memory, bytes: memory.peek(address, length, { force: true }) };
  }

  #attrs({ access, bp_type }: PointKind, address: bigint, length: number): readonly HwBreakpointAttr[] {
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

function reasonOf({ stop }: PointKind, address: bigint): StopReason {
  return stop === 'hwbreak' ? { kind: stop } : { kind: stop, address };
}

function noBreakpoint(what: string, address: bigint): Error {
  return kgdbError('KGDB_NO_BREAKPOINT', `there is no ${what} at ${hex(address)}`, { address });
}
