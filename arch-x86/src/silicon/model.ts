import { DR7_WRITABLE } from './dr7.js';

/** What a CPU does where makers and generations differ, as far as software can see it. */
export interface X86Model {
  /** Bits of DR7 that a write keeps; bit 10 reads 1 in any case. */
  readonly writableControl: number;
  /** B0-B3 of earlier exceptions stay until software clears them; false: each exception replaces them. */
  readonly statusAccumulates: boolean;
  readonly virtualization: VirtualizationModel;
  /**
   * An execute breakpoint on the instruction behind MOV SS or POP SS does not fire (Intel SDM vol. 3, 18.3.1.1). False,
   * the default: it fires, and what MOV SS has held back is lost with the fault (seen on an AMD EPYC).
   */
  readonly suppressesShadowedExecute?: boolean;
}

/** How a CPU runs guests. */
export interface VirtualizationModel {
  /** The exit tells where the next instruction is (AMD: NRIPS), so that stepping over one keeps RF. */
  readonly nextRip: boolean;
  /** The exit tells what a MOV to or from a debug or control register moves (AMD: DecodeAssists). */
  readonly decodeAssists: boolean;
  /** DR7.GD stays set in what the exit saves when the #DB itself is intercepted. */
  readonly interceptKeepsDetect: boolean;
  /** Behind an exit DR6 shows nothing of the guest: the exit does not write it, or puts the host's back. */
  readonly exitRestoresStatus: boolean;
  /** A MOV to or from a debug register exits before DR7.GD is looked at, which is then software's business. */
  readonly interceptBeforeDetect: boolean;
}

/** What every CPU of the last fifteen years has in common, with the exits of AMD. */
const GENERIC: X86Model = Object.freeze({
  writableControl: DR7_WRITABLE,
  statusAccumulates: false,
  virtualization: Object.freeze({
    nextRip: true,
    decodeAssists: true,
    interceptKeepsDetect: false,
    exitRestoresStatus: false,
    interceptBeforeDetect: false,
  }),
});

const AMD: X86Model = Object.freeze({ ...GENERIC, writableControl: 0xffff_23ff });

/** CPU models by name. */
export const X86_MODELS = Object.freeze({
  /** The default: bit 11 of DR7 is kept, as on Intel, and guests run as on AMD. */
  generic: GENERIC,
  /** AMD, as its manuals have it: bit 11 of DR7 cannot be set. */
  amd: AMD,
  /** The CPU of recordings x86-kvm: neither NRIPS nor DecodeAssists, and bit 11 of DR7 cannot be set. */
  'amd-2007': Object.freeze({
    ...AMD,
    virtualization: Object.freeze({ ...AMD.virtualization, nextRip: false, decodeAssists: false }),
  }),
  /**
   * Intel: the exit comes before general detect (SDM vol. 3, 26.1.2). A #DB that exits writes neither DR6 nor DR7
   * (28.1), and KVM resets what a guest has left in DR6 where it reads its registers back (vmx_sync_dirty_debug_regs).
   */
  intel: Object.freeze({
    ...GENERIC,
    suppressesShadowedExecute: true,
    virtualization: Object.freeze({
      ...GENERIC.virtualization,
      interceptKeepsDetect: true,
      exitRestoresStatus: true,
      interceptBeforeDetect: true,
    }),
  }),
} satisfies Record<string, X86Model>);

/** Name of a model in {@link X86_MODELS}. */
export type X86ModelName = keyof typeof X86_MODELS;
