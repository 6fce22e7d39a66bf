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
import { FIRST_PROCESS } from '../rsp/thread-id.js';
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
  /**
   * The thread of a hit; `undefined` where a hit that is nobody's, or none for its condition, cannot be passed over.
   */
  threadOf(hit: Hit): number | undefined;
  /** The process of a thread. */
  processOf(thread: number): number;
  /** The memory at an address, as the thread sees it that has stopped. */
  memoryAt(address: bigint): AddressSpace;
}

/** A process whose threads stop at a point. */
interface Holder {
  /** The debugger took it away; it goes when the machine goes on, unless it comes back before that. */
  removed: boolean;
  condition: PointCondition | undefined;
}

/** A hardware point, and whose it is, by process. */
interface Point {
  readonly kind: PointKind;
  readonly whole: Piece;
  readonly claim: Claim;
  readonly holders: Map<number, Holder>;
  held: HeldBytes | undefined;
}

const isRemoved = ({ holders }: Point): boolean => [...holders.values()].every(({ removed }) => removed);

/**
 * The debugger's breakpoints and watchpoints. A debugger takes all of them away at each stop and puts them back before
 * it goes on; so what is removed stays until the machine really goes on. Its registers are not given away meanwhile.
 */
export class Points<Hit> implements PointsPort {
  readonly #parts: PointParts<Hit>;
  readonly #claims: Claims<Hit>;
  readonly #onHit: (hit: Hit, reason: StopReason) => void;
  readonly #points = new Map<string, Point>();
  /** Software breakpoints by address, and whose they are, by process. */
  readonly #planted = new Map<bigint, Map<number, PointCondition | undefined>>();
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
  has(address: bigint, thread: number): boolean {
    const process = this.#parts.processOf(thread);
    if (this.#planted.get(address)?.has(process) === true) return true;
    return this.#points.get(keyOf(1, address, 0))?.holders.get(process)?.removed === false;
  }

  /** True if a thread at a software breakpoint is to stop there. */
  stops(address: bigint, thread: number): boolean {
    const holders = this.#planted.get(address);
    if (holders === undefined) return true;
    const process = this.#parts.processOf(thread);
    return holders.has(process) && holders.get(process)?.holds(thread) !== false;
  }

  insert(
    type: PointType,
    address: bigint,
    length: number,
    condition?: PointCondition,
    process = FIRST_PROCESS,
  ): PointOutcome {
    if (type === 0) {
      this.#plant(address, condition, process);
      return 'ok';
    }
    const kind = POINT_KINDS[type];
    const missing = this.#missing(kind);
    if (missing !== undefined) return missing;
    const key = keyOf(type, address, length);
    const holder = { removed: false, condition };
    const known = this.#points.get(key);
    if (known !== undefined) known.holders.set(process, holder);
    else {
      const claim = this.#claim(kind, address, length);
      const holders = new Map([[process, holder]]);
      this.#points.set(key, { kind, whole: { address, length }, claim, holders, held: undefined });
    }
    return 'ok';
  }

  remove(type: PointType, address: bigint, length: number, process = FIRST_PROCESS): PointOutcome {
    if (type === 0) {
      if (this.#planted.get(address)?.has(process) !== true) throw noBreakpoint('software breakpoint', address);
      this.#lift(address, process);
      return 'ok';
    }
    const missing = this.#missing(POINT_KINDS[type]);
    if (missing !== undefined) return missing;
    const holder = this.#points.get(keyOf(type, address, length))?.holders.get(process);
    if (holder === undefined || holder.removed) throw noBreakpoint(POINT_KINDS[type].stop, address);
    holder.removed = true;
    return 'ok';
  }

  clear(): void {
    for (const { holders } of this.#points.values()) for (const holder of holders.values()) holder.removed = true;
    for (const address of this.#planted.keys()) this.#parts.planted.lift(address);
    this.#planted.clear();
  }

  /** A process was made by another: it has its points. */
  inherit(from: number, to: number): void {
    for (const { holders } of this.#points.values()) {
      const holder = holders.get(from);
      if (holder !== undefined) holders.set(to, { ...holder });
    }
    for (const holders of this.#planted.values()) if (holders.has(from)) holders.set(to, holders.get(from));
  }

  /** A process is gone, or executes another program: points are its own no longer. */
  forget(process: number): void {
    for (const { holders } of this.#points.values()) {
      const holder = holders.get(process);
      if (holder !== undefined) holder.removed = true;
    }
    for (const address of [...this.#planted.keys()]) this.#lift(address, process);
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
    for (const [key, { claim, holders }] of this.#points) {
      for (const [process, { removed }] of holders) if (removed) holders.delete(process);
      if (holders.size > 0) continue;
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

  #plant(address: bigint, condition: PointCondition | undefined, process: number): void {
    const known = this.#planted.get(address);
    if (known === undefined && this.#planted.size >= MOST_PLANTED) {
      const message = `there are ${MOST_PLANTED} software breakpoints already, as many as there may be; delete some`;
      throw kgdbError('KGDB_TOO_MANY_BREAKPOINTS', message, { limit: MOST_PLANTED });
    }
    const other = this.#parts.planted.other(address);
    if (other !== undefined) {
      const message = `there is a software breakpoint of ${other} at ${hex(address)} already: clear it there first`;
      throw kgdbError('KGDB_POINT_TAKEN', message, { address, owner: other });
    }
    if (known !== undefined) known.set(process, condition);
    else {
      this.#planted.set(address, new Map([[process, condition]]));
      this.#parts.planted.plant(address);
    }
  }

  #lift(address: bigint, process: number): void {
    const holders = this.#planted.get(address);
    if (holders?.delete(process) !== true || holders.size > 0) return;
    this.#planted.delete(address);
    this.#parts.planted.lift(address);
  }

  #claim(kind: PointKind, address: bigint, length: number): Claim {
    const attrs = this.#attrs(kind, address, length);
    try {
      return this.#claims.claim(attrs);
    } catch (error) {
      const removed = [...this.#points.values()].some(isRemoved);
      if (!(error instanceof KernelError) || error.errno !== 'ENOSPC' || !removed) throw error;
      // What is only kept in case it comes back makes room.
      this.#giveBack();
      return this.#claims.claim(attrs);
    }
  }

  /** An exception is about these registers: the debugger is told of one of them. */
  #touched(hit: Hit, cpu: Cpu, registers: readonly TouchedRegister[]): void {
    const thread = this.#parts.threadOf(hit);
    const touched = registers.flatMap(({ claim, attr }): (TouchedPoint & Pick<Point, 'kind'>)[] => {
      const point = [...this.#points.values()].find((other) => other.claim === claim);
      if (point === undefined || !this.#isWanted(point, thread)) return [];
      const { kind, whole, held } = point;
      const piece = { address: attr.bp_addr, length: Number(attr.bp_len) };
      return [{ kind, bp_type: kind.bp_type, whole, piece, held }];
    });
    const told = mostTelling(touched, this.#parts.decodes ? cpu : undefined);
    if (told !== undefined) this.#onHit(hit, reasonOf(told.kind, told.piece.address));
  }

  /** True if the thread of a hit is to stop there. */
  #isWanted({ holders }: Point, thread: number | undefined): boolean {
    if (thread === undefined) return true;
    const holder = holders.get(this.#parts.processOf(thread));
    return holder !== undefined && holder.condition?.holds(thread) !== false;
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
