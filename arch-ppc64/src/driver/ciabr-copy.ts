import type { ExecutionState } from '@hwbp/core';
import { H_SET_MODE, H_SET_MODE_CIABR, HCALL_STATUS, hypervisorOf } from '../papr/hcalls.js';
import { CIABR_PRIV_SUPERVISOR } from '../silicon/ciabr.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import { UNKNOWN_FLAG } from './lpar.js';

/** The kernel's own mtspr. */
const KERNEL: ExecutionState = Object.freeze({ mode: 'hypervisor', singleStep: false, resume: false });

/**
 * The software copy of one CPU's CIABR, which no breakpoint ever occupies (Linux: set_ciabr). In a logical partition
 * the hypervisor writes it.
 */
export class CiabrCopy {
  readonly #unit: () => Ppc64Silicon;
  #address: bigint | undefined;
  /** The register was written, and not cleared since. */
  #written = false;

  /** `unit`: the CPU's debug unit, which may be another one later. */
  constructor(unit: () => Ppc64Silicon) {
    this.#unit = unit;
  }

  /** The instruction of the kernel's that is to be reported. */
  get address(): bigint | undefined {
    return this.#address;
  }

  /** False: the hypervisor of the partition does not let it be used. */
  get offered(): boolean {
    const hypervisor = hypervisorOf(this.#unit());
    if (hypervisor === undefined) return true;
    const status = hypervisor.hypercall(H_SET_MODE, UNKNOWN_FLAG, BigInt(H_SET_MODE_CIABR), 0n, 0n);
    return status !== HCALL_STATUS.H_P2 && status !== HCALL_STATUS.H_FUNCTION;
  }

  /** Changes the copy only. */
  set(address: bigint | undefined): void {
    this.#address = address;
  }

  /** Writes the copy, if the register holds something else; of a partition's nobody knows but who wrote it. */
  arm(): void {
    const value = this.#address === undefined ? 0n : this.#address | BigInt(CIABR_PRIV_SUPERVISOR);
    const unit = this.#unit();
    if (hypervisorOf(unit) !== undefined) {
      if (value !== 0n || this.#written) this.#write(value);
      return;
    }
    // Some CPUs have none.
    const held = unit.move({ register: 'ciabr' }, KERNEL);
    if (typeof held === 'bigint' && held !== value) this.#write(value);
  }

  /** Clears the register; the copy stays. */
  disarm(): void {
    if (this.#written) this.#write(0n);
  }

  #write(value: bigint): void {
    const unit = this.#unit();
    const hypervisor = hypervisorOf(unit);
    if (hypervisor === undefined) unit.move({ register: 'ciabr', value }, KERNEL);
    else hypervisor.hypercall(H_SET_MODE, 0n, BigInt(H_SET_MODE_CIABR), value, 0n);
    this.#written = value !== 0n;
  }
}
