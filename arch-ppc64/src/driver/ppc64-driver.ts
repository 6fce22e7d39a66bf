import { DriverBase, type Occupant, type QuirkSet, type UnitHolder } from '@hwbp/core';
import { ppc64Error } from '../errors.js';
import { HCALL_STATUS, hypervisorOf } from '../papr/hcalls.js';
import { DABR_TAKES_ADDRESS_BITS } from '../quirks.js';
import { DABR } from '../silicon/dabr.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import type { WatchLayout, WatchValue } from '../silicon/watch-layout.js';
import { CiabrCopy } from './ciabr-copy.js';
import { offersDawr, setByHypercall } from './lpar.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';

const NOTHING: WatchValue = Object.freeze({ hi: 0, lo: 0, control: 0 });

/** What a kernel knows of the CPUs that it was built for. */
export interface DriverFacts {
  /** Their watch registers: a partition's kernel may be for older CPUs than its hypervisor has. */
  readonly watches: readonly WatchLayout[];
  /** The hypervisor of a partition has H_SET_XDABR. */
  readonly dabrx: boolean;
  /** DAWR is used although it is switched off by default. */
  readonly dangerous: boolean;
}

/** A hypervisor has refused to set a register: what is in it, and why. */
export interface Refusal {
  readonly layout: WatchLayout;
  readonly info: Ppc64Breakpoint;
  /** One of `HCALL_STATUS`. */
  readonly status: number;
}

/**
 * Linux's software state of one CPU's watch registers: who occupies each. Each has registers of its own, so none
 * disturbs another. In a logical partition the hypervisor writes them, and may refuse.
 */
export class Ppc64Driver extends DriverBase<Ppc64Breakpoint> {
  readonly #holder: UnitHolder;
  readonly #takesAddressBits: boolean;
  /** Registers that were dropped: not written again before something is installed in them. */
  readonly #dropped = new Set<number>();
  readonly #facts: DriverFacts | undefined;
  readonly #ciabr = new CiabrCopy(() => this.unit);
  /** Refused, and said so: by register. */
  readonly #refused = new Map<number, Ppc64Breakpoint>();
  /** Told of each breakpoint once that a hypervisor does not set. @settable */
  refusal: (refusal: Refusal) => void = () => {};

  constructor(holder: UnitHolder, quirks?: QuirkSet, facts?: DriverFacts) {
    super(layoutsOf(holder.unit as Ppc64Silicon, facts).length);
    this.#holder = holder;
    this.#facts = facts;
    this.#takesAddressBits = quirks?.isOn(DABR_TAKES_ADDRESS_BITS) === true;
  }

  /** The CPU's debug unit, which may be another one later. */
  get unit(): Ppc64Silicon {
    return this.#holder.unit as Ppc64Silicon;
  }

  /** The instruction of the kernel's that CIABR reports; `undefined`: none. */
  get ciabr(): bigint | undefined {
    return this.#ciabr.address;
  }

  /** False: the hypervisor of the partition does not let CIABR be used. */
  get offersCiabr(): boolean {
    return this.#ciabr.offered;
  }

  /** Has CIABR report an instruction of the kernel's, or none, as soon as nobody mutes. */
  setCiabr(address: bigint | undefined): void {
    this.#ciabr.set(address);
    if (!this.muted) this.#ciabr.arm();
  }

  override get active(): boolean {
    return this.#ciabr.address !== undefined || super.active;
  }

  /**
   * Disarms a register until something is installed in it; its occupant stays. What some kernels do after certain hits.
   */
  drop(register: number): void {
    this.#dropped.add(register);
    this.disarm(register);
  }

  override install(register: number, occupant: Occupant<Ppc64Breakpoint>): void {
    this.#dropped.delete(register);
    super.install(register, occupant);
  }

  protected arm(register: number, info: Ppc64Breakpoint): void {
    const layout = layoutsOf(this.unit, this.#facts)[register];
    if (layout === undefined || this.#dropped.has(register)) return;
    const status = this.#write(register, layout, this.#encode(layout, info));
    if (status === HCALL_STATUS.H_SUCCESS) {
      this.#refused.delete(register);
    } else if (this.#refused.get(register) !== info) {
      this.#refused.set(register, info);
      this.refusal({ layout, info, status });
    }
  }

  /** What a hypervisor has refused to arm, and refuses to disarm, is not armed. */
  protected disarm(register: number): void {
    const layout = layoutsOf(this.unit, this.#facts)[register];
    if (layout !== undefined) this.#write(register, layout, NOTHING);
  }

  protected override silence(): void {
    super.silence();
    this.#ciabr.disarm();
  }

  protected override flush(): void {
    super.flush();
    this.#ciabr.arm();
  }

  #write(register: number, layout: WatchLayout, value: WatchValue): number {
    const { unit } = this;
    const hypervisor = hypervisorOf(unit);
    if (hypervisor !== undefined) return setByHypercall(hypervisor, layout, value, this.#facts?.dabrx !== false);
    unit.setWatch(register, value.hi, value.lo, value.control);
    return HCALL_STATUS.H_SUCCESS;
  }

  #encode(layout: WatchLayout, info: Ppc64Breakpoint): WatchValue {
    const value = layout.encode(info);
    return this.#takesAddressBits && layout === DABR ? { ...value, lo: value.lo | info.lo } : value;
  }
}

/** A chip has its registers; in a partition they are those of the CPUs that the kernel was built for. */
function layoutsOf(unit: Ppc64Silicon, facts: DriverFacts | undefined): readonly WatchLayout[] {
  return hypervisorOf(unit) === undefined ? unit.layouts : (facts?.watches ?? unit.layouts);
}

/**
 * The driver of a CPU; refuses one whose unit is no ppc64 debug unit, and with ENODEV a partition's whose hypervisor
 * does not let a dangerous DAWR be used (Linux: writing `Y` to `powerpc/dawr_enable_dangerous`).
 */
export function createPpc64Driver(holder: UnitHolder, quirks?: QuirkSet, facts?: DriverFacts): Ppc64Driver {
  if (typeof (holder.unit as Partial<Ppc64Silicon>).setWatch !== 'function') {
    throw new TypeError('the ppc64 driver needs a ppc64 debug unit: one with setWatch, dar and dsisr');
  }
  const hypervisor = hypervisorOf(holder.unit);
  if (facts?.dangerous === true && hypervisor !== undefined && !offersDawr(hypervisor)) {
    const message = 'dawrEnableDangerous: the hypervisor does not let this partition use the DAWR';
    throw ppc64Error('PPC64_DAWR_REFUSED', `${message}; its host needs the same option`);
  }
  return new Ppc64Driver(holder, quirks, facts);
}
