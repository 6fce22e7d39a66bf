import {
  type ArchBackend,
  type ArchBreakpoint,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  type QuirkSet,
  type SoftwareBreakpoints,
} from '@hwbp/core';
import { kvmError } from '../errors.js';

/** A breakpoint or watchpoint that a guest's debugger has in a debug register of every virtual CPU. */
export interface GuestPoint {
  /** Number of the register. */
  readonly register: number;
  readonly attr: HwBreakpointAttr;
}

interface Kept extends GuestPoint {
  readonly info: ArchBreakpoint;
}

/** An instruction that is executed without what would stop it. */
export interface Passed {
  readonly pc: bigint;
  /** Points that are in its way, besides those that watch its execution. */
  readonly hits: readonly GuestPoint[];
}

/** What points are made of. */
export interface PointParts {
  readonly backend: ArchBackend;
  readonly quirks: QuirkSet;
  /** Those of the guest's hardware. */
  readonly planted: SoftwareBreakpoints;
}

/** What a guest's debugger has set: debug registers, and software breakpoints. */
export class GuestPoints {
  readonly #parts: PointParts;
  readonly #registers: (Kept | undefined)[];
  /** Its software breakpoints; true: it has planted it, and not the guest. */
  readonly #planted = new Map<bigint, boolean>();
  /** Where a software breakpoint is out of the way. */
  #lifted: bigint | undefined;

  constructor(parts: PointParts) {
    this.#parts = parts;
    const { data, instruction, shared } = parts.backend.manifest.slots;
    this.#registers = new Array<Kept | undefined>(shared ? data : data + instruction).fill(undefined);
  }

  /** True if there is something in the registers. */
  get armed(): boolean {
    return this.#registers.some((point) => point !== undefined);
  }

  /** The points by register. */
  get registers(): readonly (GuestPoint | undefined)[] {
    return this.#registers;
  }

  /** Takes a register. Throws what the architecture refuses, and ENOSPC if there is none left. */
  claim(attr: HwBreakpointAttr): GuestPoint {
    const { backend, quirks } = this.#parts;
    const { manifest } = backend;
    const info = backend.parse(attr, quirks);
    const { data, instruction, shared } = manifest.slots;
    const executes = attr.bp_type === HW_BREAKPOINT_X;
    const first = executes && !shared ? data : 0;
    const end = first + (executes ? instruction : data);
    const register = this.#registers.findIndex((point, at) => point === undefined && at >= first && at < end);
    if (register < 0) {
      const message = `all ${end - first} debug registers of ${manifest.name} are taken by this debugger; release one`;
      throw kvmError('KVM_NO_REGISTER', message, { limit: end - first });
    }
    const point = Object.freeze({ register, attr, info });
    this.#registers[register] = point;
    return point;
  }

  /** Gives a register back. */
  release(point: GuestPoint): void {
    if (this.#registers[point.register] === point) this.#registers[point.register] = undefined;
  }

  plant(address: bigint): void {
    if (this.#planted.has(address)) return;
    const before = this.#parts.planted.size;
    this.#parts.planted.plant(address);
    this.#planted.set(address, this.#parts.planted.size !== before);
  }

  lift(address: bigint): void {
    if (this.#planted.get(address) === true && this.#lifted !== address) this.#parts.planted.lift(address);
    if (this.#lifted === address) this.#lifted = undefined;
    this.#planted.delete(address);
  }

  /** True if a software breakpoint there is the debugger's. */
  isPlanted(address: bigint): boolean {
    return this.#planted.has(address);
  }

  /** True if something stops a CPU before the instruction at an address. */
  stopsAt(address: bigint): boolean {
    return this.#planted.has(address) || this.#registers.some((point) => executesAt(point, address));
  }

  /** Gets a software breakpoint out of the way, or, `undefined`, has it back. */
  pass(address: bigint | undefined): void {
    const back = this.#lifted;
    this.#lifted = undefined;
    if (back !== undefined) this.#parts.planted.plant(back);
    if (address === undefined || this.#planted.get(address) !== true) return;
    this.#parts.planted.lift(address);
    this.#lifted = address;
  }

  /** Of these points, those that come before the access and would come again: silicon that reports it like that. */
  repeated(hits: readonly GuestPoint[]): readonly GuestPoint[] {
    if (this.#parts.backend.manifest.timing.data === 'after') return [];
    return hits.filter((point) => this.#registers[point.register] === point);
  }

  /** What is to be loaded; without what stops before the instruction at the address that is passed. */
  load(passed: Passed | undefined): readonly (ArchBreakpoint | undefined)[] {
    return this.#registers.map((point) => {
      const isPassed = point === undefined || executesAt(point, passed?.pc) || passed?.hits.includes(point);
      return isPassed ? undefined : point.info;
    });
  }

  /** Gives everything back. */
  clear(): void {
    this.#registers.fill(undefined);
    for (const address of [...this.#planted.keys()]) this.lift(address);
  }
}

function executesAt(point: GuestPoint | undefined, address: bigint | undefined): boolean {
  return point?.attr.bp_type === HW_BREAKPOINT_X && point.attr.bp_addr === address;
}
