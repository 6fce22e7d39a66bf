import { highHalf, lowHalf } from '@hwbp/core';
import {
  H_SET_DABR,
  H_SET_MODE,
  H_SET_MODE_CIABR,
  H_SET_MODE_DAWR0,
  H_SET_MODE_DAWR1,
  H_SET_XDABR,
  HCALL_STATUS,
} from '../papr/hcalls.js';
import { CIABR_PRIV, CIABR_PRIV_HYPER } from '../silicon/ciabr.js';
import { DABRX_BTI } from '../silicon/dabr.js';
import { DAWRX_DR, DAWRX_DW, DAWRX_WT } from '../silicon/dawr.js';
import {
  PRIVILEGE_HYPERVISOR,
  PRIVILEGE_KERNEL,
  PRIVILEGE_USER,
  type WatchLayout,
  type WatchValue,
} from '../silicon/watch-layout.js';

/** Facts of the hypervisor, and of the CPU that it has. */
export interface HypervisorFacts {
  /** The watch registers. */
  readonly watches: readonly WatchLayout[];
  /** They may be used: see `CpuModel`. */
  readonly usable: boolean;
  readonly ciabr: boolean;
  /** DABRX can be written. */
  readonly dabrx: boolean;
  /** Guests may have DAWR1 (KVM_CAP_PPC_DAWR1). */
  readonly dawr1: boolean;
  /** The hypervisor keeps the watch registers for itself. */
  readonly reserved: boolean;
}

/** Whose registers a hypercall writes. */
export interface HypercallTarget {
  writeWatch(register: number, value: WatchValue): void;
  writeCiabr(value: bigint): void;
}

const { H_SUCCESS, H_HARDWARE, H_FUNCTION, H_PARAMETER, H_RESERVED_DABR } = HCALL_STATUS;
const { H_P2, H_P3, H_P4, H_UNSUPPORTED_FLAG_START } = HCALL_STATUS;

/** What a partition may ask for in DABRX. */
const DABRX_MODES = PRIVILEGE_USER | PRIVILEGE_KERNEL;
const DABRX_ALLOWED = DABRX_MODES | DABRX_BTI;

/** DABR and DABRX in the form of DAWR0 and DAWRX0: bits DR, DW and BT move, the modes and BTI stay. */
function asDawr(dabr: bigint, dabrx: number): WatchValue {
  const bits = lowHalf(dabr);
  const control = dabrx | ((bits << 5) & (DAWRX_DR | DAWRX_DW)) | ((bits << 2) & DAWRX_WT);
  return { hi: highHalf(dabr), lo: bits & ~7, control };
}

/**
 * How a hypervisor answers hypercalls that set debug registers, in the order in which KVM looks at them (facts of Linux
 * 6.1 to 6.12: kvmppc_h_set_dabr, kvmppc_h_set_xdabr, kvmppc_h_set_mode). KVM itself keeps no register from its guests;
 * one that does ({@link HypervisorFacts.reserved}) answers H_RESERVED_DABR where PAPR has that status, and to
 * H_SET_MODE that there is no such resource.
 */
export class Hypercalls {
  readonly #facts: HypervisorFacts;
  readonly #target: HypercallTarget;

  constructor(facts: HypervisorFacts, target: HypercallTarget) {
    this.#facts = facts;
    this.#target = target;
  }

  /** A call of the guest's kernel: the status. A refused one changes nothing. */
  call(number: number, args: readonly bigint[]): number {
    const [first = 0n, second = 0n, third = 0n, fourth = 0n] = args.map((value) => BigInt.asUintN(64, value));
    switch (number) {
      case H_SET_DABR:
        return this.#setDabr(first, DABRX_MODES);
      case H_SET_XDABR:
        return this.#setXdabr(first, second);
      case H_SET_MODE:
        return this.#setMode(first, second, third, fourth);
      default:
        return H_FUNCTION;
    }
  }

  /** Guests of an older kind on a CPU with DAWR get it in DABR's form. */
  #setDabr(dabr: bigint, dabrx: number): number {
    const { usable, reserved, watches } = this.#facts;
    if (!usable) return H_HARDWARE;
    if (reserved) return H_RESERVED_DABR;
    const native = watches[0]?.name === 'DABR';
    const value = native ? { hi: highHalf(dabr), lo: lowHalf(dabr), control: dabrx } : asDawr(dabr, dabrx);
    this.#target.writeWatch(0, value);
    return H_SUCCESS;
  }

  #setXdabr(dabr: bigint, dabrx: bigint): number {
    if (!this.#facts.dabrx) return H_FUNCTION;
    const modes = lowHalf(dabrx);
    if ((modes & DABRX_MODES) === 0 || (dabrx & ~BigInt(DABRX_ALLOWED)) !== 0n) return H_PARAMETER;
    return this.#setDabr(dabr, modes);
  }

  #setMode(flags: bigint, resource: bigint, value1: bigint, value2: bigint): number {
    switch (Number(resource)) {
      case H_SET_MODE_CIABR:
        return this.#setCiabr(flags, value1, value2);
      case H_SET_MODE_DAWR0:
        return this.#setDawr(0, flags, value1, value2);
      case H_SET_MODE_DAWR1:
        return this.#setDawr(1, flags, value1, value2);
      default:
        return H_P2;
    }
  }

  #setCiabr(flags: bigint, ciabr: bigint, value2: bigint): number {
    if (!this.#facts.ciabr) return H_P2;
    if (value2 !== 0n) return H_P4;
    if (flags !== 0n) return H_UNSUPPORTED_FLAG_START;
    if (Number(ciabr & BigInt(CIABR_PRIV)) === CIABR_PRIV_HYPER) return H_P3;
    this.#target.writeCiabr(ciabr);
    return H_SUCCESS;
  }

  #setDawr(register: number, flags: bigint, dawr: bigint, dawrx: bigint): number {
    const { watches, usable, reserved, dawr1 } = this.#facts;
    const layout = watches[register];
    if (layout === undefined || layout.name === 'DABR' || !usable || reserved) return H_P2;
    if (register === 1 && !dawr1) return H_FUNCTION;
    if (flags !== 0n) return H_UNSUPPORTED_FLAG_START;
    if ((dawrx & BigInt(PRIVILEGE_HYPERVISOR)) !== 0n) return H_P4;
    this.#target.writeWatch(register, { hi: highHalf(dawr), lo: lowHalf(dawr), control: lowHalf(dawrx) });
    return H_SUCCESS;
  }
}
