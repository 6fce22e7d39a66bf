import {
  type AccessKind,
  type Hit,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  type HwBreakpointAttr,
} from '@hwbp/core';
import { MESSAGES } from '../messages.js';
import type { XmonParts } from '../parts.js';
import { Refusal } from '../refusal.js';
import type { CpuClaim, CpuClaims } from './cpu-claims.js';
import { refusalOf } from './no-register.js';

/** What a data breakpoint watches. */
export type DataMode = Exclude<AccessKind, 'x'>;

/** A data breakpoint: a doubleword. */
export interface DataPoint {
  readonly address: bigint;
  readonly mode: DataMode;
}

const TYPES: Readonly<Record<DataMode, number>> = { r: HW_BREAKPOINT_R, w: HW_BREAKPOINT_W, rw: HW_BREAKPOINT_RW };
/** Bytes of a doubleword. */
const LONGEST = 8;

/** `bd`, `bdr` and `bdw`: each takes a register of every CPU. */
export class DataPoints {
  readonly #parts: XmonParts;
  readonly #claims: CpuClaims;
  readonly #onHit: (hit: Hit, point: DataPoint) => void;
  readonly #points = new Map<DataPoint, CpuClaim>();

  constructor(parts: XmonParts, claims: CpuClaims, onHit: (hit: Hit, point: DataPoint) => void) {
    this.#parts = parts;
    this.#claims = claims;
    this.#onHit = onHit;
  }

  /** In the order in which they were set. */
  get list(): readonly DataPoint[] {
    return [...this.#points.keys()];
  }

  /** Refuses what the CPU cannot watch at all. */
  require(mode: DataMode): void {
    const { name, slots, access } = this.#parts.manifest;
    const watches = slots.data > 0 && access.some((kind) => kind !== 'x');
    if (!watches || this.#length === undefined) throw new Refusal(MESSAGES.NO_DATA_BREAKPOINT);
    if (access.includes(mode)) return;
    throw new Refusal(`${MESSAGES.NO_DATA_BREAKPOINT}\n  ${name} cannot watch [${mode}] alone: use bd`);
  }

  /** Watches the doubleword at an address. */
  set(address: bigint, mode: DataMode): void {
    const bp_len = this.#length ?? LONGEST;
    const point: DataPoint = { address: address & ~BigInt(bp_len - 1), mode };
    const attr: HwBreakpointAttr = { bp_type: TYPES[mode], bp_addr: point.address, bp_len };
    try {
      this.#points.set(
        point,
        this.#claims.claim(attr, (hit) => this.#onHit(hit, point)),
      );
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Clears those that watch an address. False: there is none. */
  clearAt(address: bigint): boolean {
    const length = BigInt(this.#length ?? LONGEST);
    const found = this.list.filter((point) => point.address === (address & ~(length - 1n)));
    for (const point of found) this.#clear(point);
    return found.length > 0;
  }

  clear(): void {
    for (const point of this.list) this.#clear(point);
  }

  #clear(point: DataPoint): void {
    this.#points.get(point)?.release();
    this.#points.delete(point);
  }

  /** Bytes that one register watches, up to a doubleword. */
  get #length(): number | undefined {
    return this.#parts.manifest.dataLengths.findLast((length) => length <= LONGEST && (length & (length - 1)) === 0);
  }
}
