/*
 * Fields of DBGBCR<n>_EL1 and DBGWCR<n>_EL1 (Arm ARM, D24.3), and what software makes of them.
 */

/** E: enable. */
export const CONTROL_ENABLE = 1;
/** PMC and PAC, the privilege: EL1 and EL0. */
const PRIVILEGE_SHIFT = 1;
export const PRIVILEGE_EL1 = 1;
export const PRIVILEGE_EL0 = 2;
/** LSC of a watchpoint: loads and stores. */
const TYPE_SHIFT = 3;
export const TYPE_EXECUTE = 0;
export const TYPE_LOAD = 1;
export const TYPE_STORE = 2;
/** BAS: a bit for each byte behind the address that is watched. */
const BAS_SHIFT = 5;
export const BAS_MASK = 0xff;
/** HMC: EL2 too. */
export const CONTROL_HMC = 1 << 13;
/** BT of a breakpoint: 0 is an address match that is linked to nothing. */
export const BT_SHIFT = 20;
/** WT of a watchpoint: linked to a context breakpoint. */
export const CONTROL_WT = 1 << 20;
/** MASK of a watchpoint: that many low bits of the address are ignored; 0: none, 1 and 2 are reserved. */
export const MASK_SHIFT = 24;

/** Bits that can be written: everything else is RES0. */
export const BCR_WRITABLE = 0x00ff_e1e7;
export const WCR_WRITABLE = 0x1f1f_ffff;

/** Fields of MDSCR_EL1: breakpoints and watchpoints at all; those, and steps, of EL1 itself. */
export const MDSCR_SS = 1;
export const MDSCR_KDE = 1 << 13;
export const MDSCR_MDE = 1 << 15;

/** What a control word says. */
export interface ControlFields {
  readonly enabled: boolean;
  readonly privilege: number;
  readonly type: number;
  readonly bas: number;
}

export function controlFields(control: number): ControlFields {
  return {
    enabled: (control & CONTROL_ENABLE) !== 0,
    privilege: (control >>> PRIVILEGE_SHIFT) & 3,
    type: (control >>> TYPE_SHIFT) & 3,
    bas: (control >>> BAS_SHIFT) & BAS_MASK,
  };
}

/** The control word of these fields. A BAS of more than 8 bits stays as it is (Linux: encode_ctrl_reg). */
export function controlWord({ enabled, privilege, type, bas }: ControlFields): number {
  const word = (bas << BAS_SHIFT) | (type << TYPE_SHIFT) | (privilege << PRIVILEGE_SHIFT);
  return enabled ? word | CONTROL_ENABLE : word;
}
