import type { Context } from '@hwbp/core';
import {
  KVM_GUESTDBG_ENABLE,
  KVM_GUESTDBG_SINGLESTEP,
  KVM_GUESTDBG_USE_HW_BP,
  KVM_GUESTDBG_USE_SW_BP,
} from './kvm-guestdbg.js';

/** How somebody debugs a guest from outside: KVM_SET_GUEST_DEBUG's control, and what steps the guest. */
export class OutsideControl {
  #control = 0;
  #stepFrom = 0n;
  /** Whose flag is set for the step: the guest's kernel may work with other registers by the time it ends. */
  #stepped: Context | undefined;

  /** True while somebody does, in whatever form. */
  get active(): boolean {
    return this.#control !== 0;
  }

  get steps(): boolean {
    return (this.#control & KVM_GUESTDBG_SINGLESTEP) !== 0;
  }

  /** Its breakpoints are loaded in place of the guest's. */
  get overrides(): boolean {
    return (this.#control & KVM_GUESTDBG_USE_HW_BP) !== 0;
  }

  /** INT3 of the guest is the debugger's. */
  get takesBreakpoints(): boolean {
    return (this.#control & KVM_GUESTDBG_USE_SW_BP) !== 0;
  }

  /** #DB of the guest is the debugger's. */
  get takesDebug(): boolean {
    return this.steps || this.overrides;
  }

  /** Without KVM_GUESTDBG_ENABLE every other bit counts as 0. A step begins where the guest is. */
  set(control: number, context: Context): void {
    this.#control = (control & KVM_GUESTDBG_ENABLE) === 0 ? 0 : control;
    if (this.#stepped !== undefined && this.#stepped !== context) this.#stepped.singleStep = false;
    this.#stepped = this.steps ? context : undefined;
    if (this.steps) this.#stepFrom = context.pc;
  }

  /** KVM writes the flags, with TF as the guest has it: what steps the guest is added where the step began. */
  writeFlags(context: Context, trapFlag: boolean): void {
    context.singleStep = trapFlag || (this.steps && context.pc === this.#stepFrom);
  }

  /** KVM writes the flags back that it has read, without what steps the guest: that is lost elsewhere. */
  writeBack(context: Context): void {
    if (this.steps) this.writeFlags(context, false);
  }
}
