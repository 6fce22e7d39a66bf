import type { AddressSpace } from '@hwbp/core';
import type { BareGuest, BareGuestOptions } from './bare-guest.js';

/** Instructions by address, as scripts write them. */
export type ProgramCode = readonly (readonly [address: bigint, instruction: string])[];

/** The software of a virtual machine, as whoever plays scripts on it needs it. */
export interface GuestSoftware {
  readonly memory: AddressSpace;
  readonly vcpus: readonly BareGuest[];
  /** CR4 as a program starts with it; `undefined`: as it was. */
  readonly cr4: bigint | undefined;
  /** True if an INT3 stands there. */
  isBreakpoint(pc: bigint): boolean;
  /** Registers as a program starts with them, but for those that whoever debugs the guest has a say in. */
  restart(vcpu: number): void;
}

/** What a guest tells whoever runs it. */
export type GuestHost = Pick<BareGuestOptions, 'touched' | 'shutdown' | 'lost' | 'completes'>;
