/** What a watch register is programmed to report. */
export interface Watch {
  /** Halves of the first byte, a multiple of 8. */
  readonly hi: number;
  readonly lo: number;
  /** Bytes, a multiple of 8. */
  readonly length: number;
  /** `CONDITION_READ`, `CONDITION_WRITE`, both, or 0: nothing. */
  readonly conditions: number;
  /** `PRIVILEGE_*` bits of the modes in which it reports. */
  readonly privileges: number;
}

/** The values of a watch register: halves of its address register, and its control register. */
export interface WatchValue {
  readonly hi: number;
  readonly lo: number;
  readonly control: number;
}

/** What a request wants of a watch register. */
export interface WatchSetting {
  /** Halves of the first byte asked for. */
  readonly hi: number;
  readonly lo: number;
  /** Bytes that the register must cover, from the doubleword of that byte on. */
  readonly hwLength: number;
  /** `HW_BRK_TYPE_*` bits. */
  readonly type: number;
}

/** How a kind of watch register is laid out. */
export interface WatchLayout {
  readonly name: string;
  /** SPR numbers of the register with the address, and of the one that controls it. */
  readonly addressSpr: number;
  readonly controlSpr: number;
  /** Bytes that it can watch. */
  readonly longest: number;
  decode(value: WatchValue): Watch;
  encode(setting: WatchSetting): WatchValue;
}

/** Bits 0-2 of DABRX and DAWRX: problem state (user), privileged but not hypervisor (kernel), hypervisor. */
export const PRIVILEGE_USER = 1;
export const PRIVILEGE_KERNEL = 2;
export const PRIVILEGE_HYPERVISOR = 4;
