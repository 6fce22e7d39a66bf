import type {
  Access,
  ArchBreakpoint,
  Context,
  ControlTrap,
  Cpu,
  DebugExit,
  Emulation,
  GuestDebugState,
  GuestHost,
  Interception,
  OutsideDebugging,
  Trap,
  VirtualTrap,
} from '@hwbp/core';
import type { X86Breakpoint } from '../driver/x86-breakpoint.js';
import { x86Error } from '../errors.js';
import { DR6_BD, DR6_BS, DR6_RESET } from '../silicon/dr6.js';
import { DR7_GD, registerBits } from '../silicon/dr7.js';
import type { X86Model } from '../silicon/model.js';
import { DB_FAULT, DB_TRAP } from '../silicon/x86-debug-unit.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from '../silicon/x86-silicon.js';
import { executeBreakpoints } from './execute-breakpoints.js';
import { BP_VECTOR, DB_VECTOR, GuestEvents, type VcpuEvents } from './guest-events.js';
import { GuestRegisters } from './guest-registers.js';
import type { DebugRegs, GuestRegs } from './kvm-calls.js';
import {
  KVM_GUESTDBG_ENABLE,
  KVM_GUESTDBG_INJECT_BP,
  KVM_GUESTDBG_INJECT_DB,
  KVM_GUESTDBG_SINGLESTEP,
  KVM_GUESTDBG_USE_HW_BP,
  KVM_GUESTDBG_USE_SW_BP,
} from './kvm-guestdbg.js';
import { OutsideControl } from './outside-control.js';
import { X86GuestUnit } from './x86-guest-unit.js';

/** Some firmware writes there; KVM skips the instruction first (KVM_X86_QUIRK_OUT_7E_INC_RIP). */
const SKIPPED_PORT = 0x7en;

/** How the debug registers of a guest behave. */
export interface GuestDebugOptions {
  readonly model: X86Model;
  readonly cr4: bigint;
  /** True: an injected #BP is lost where no INT3 stands, see the quirk. */
  readonly losesBreakpoints: boolean;
  readonly host: GuestHost;
}

/** The instruction that the hypervisor does. */
interface Emulated {
  readonly how: Emulation | 'emulate';
  readonly context: Context;
  readonly resume: boolean;
}

/**
 * The debug side of one virtual CPU, with KVM's calls as they are (Linux: arch/x86/kvm, on AMD; recordings x86-kvm).
 *
 * - The guest's registers are loaded at an entry if something in them is enabled, or if the guest has used a register
 *   since it was last out: then it is native, and every exit reads them back.
 * - While somebody debugs the guest every access is emulated, and with breakpoints of the debugger's only those are
 *   loaded.
 */
export class X86GuestDebug implements GuestDebugState {
  readonly unit: X86GuestUnit;
  readonly #registers: GuestRegisters;
  readonly #options: GuestDebugOptions;
  readonly #events: GuestEvents;
  readonly #outside = new OutsideControl();
  #emulated: Emulated | undefined;
  #exit: DebugExit | undefined;
  /** DR7 of the latest exit that the CPU itself has reported. */
  #exitControl = 0;
  #completedDevice = false;

  constructor(options: GuestDebugOptions) {
    this.#options = options;
    this.#registers = new GuestRegisters(options.model, options.cr4);
    this.#events = new GuestEvents(this.#registers);
    this.unit = new X86GuestUnit(this.#registers, options.model.virtualization, {
      intercepts: () => this.#outside.active,
      accessed: () => options.host.accessed(),
      completed: () => this.#completed(),
    });
  }

  enter(physical: X86Silicon): void {
    this.#completedDevice = false;
    this.unit.enter(physical);
  }

  leave(): void {
    this.unit.leave();
  }

  intercept(cpu: Cpu, trap: VirtualTrap): Interception {
    switch (trap.kind) {
      case 'debug':
        return this.#debug(cpu, trap);
      case 'control':
        return trap.fault === 'intercepted' ? this.#access(cpu, trap) : 'guest';
      case 'software':
        return trap.name === 'breakpoint' && this.#outside.takesBreakpoints ? this.#breakpoint(cpu) : 'guest';
      case 'operation':
        if (trap.operation === 'breakpoint' && this.#outside.takesBreakpoints) return this.#breakpoint(cpu);
        trap.done = true;
        return 'guest';
      default:
        return 'guest';
    }
  }

  emulate({ context }: Cpu, how: Emulated['how']): void {
    this.#emulated = { how, context, resume: context.resume };
    this.unit.complete();
  }

  advances({ space, address, kind }: Access): boolean {
    return space === 'port' && kind !== 'read' && address === SKIPPED_PORT;
  }

  inject(cpu: Cpu): Trap | undefined {
    const event = this.#events.take();
    if (event === undefined) return undefined;
    if (event.nr === DB_VECTOR) return DB_TRAP;
    if (event.nr !== BP_VECTOR) return undefined;
    if (event.byDebugger && this.#options.losesBreakpoints && !this.#completedDevice) {
      if (this.#options.host.decode(cpu.context.pc) !== 'breakpoint') return undefined;
      cpu.context.pc += 1n;
    }
    return { kind: 'software', name: 'breakpoint' };
  }

  takeExit(): DebugExit | undefined {
    const exit = this.#exit;
    this.#exit = undefined;
    return exit;
  }

  debug(cpu: Cpu, wanted: OutsideDebugging | undefined): void {
    const debugreg = new Array<bigint>(8).fill(0n);
    if (wanted === undefined) {
      this.setGuestDebug(cpu, 0, debugreg);
      return;
    }
    const { step, software, breakpoints } = wanted;
    let control = KVM_GUESTDBG_ENABLE;
    if (step) control |= KVM_GUESTDBG_SINGLESTEP;
    if (software) control |= KVM_GUESTDBG_USE_SW_BP;
    if (breakpoints !== undefined) control |= KVM_GUESTDBG_USE_HW_BP;
    const masks: number[] = [];
    for (const [register, info] of (breakpoints ?? []).entries()) {
      if (info === undefined) continue;
      const { address, len, type, mask } = info as ArchBreakpoint & X86Breakpoint;
      debugreg[register] = address;
      debugreg[7] = (debugreg[7] ?? 0n) | BigInt(registerBits(register, len, type));
      masks[register] = mask;
    }
    this.setGuestDebug(cpu, control, debugreg, masks);
  }

  // --- KVM's calls: as while no KVM_RUN goes on, so that those which change something have the guest leave ---

  /**
   * KVM_SET_GUEST_DEBUG: `control` has KVM_GUESTDBG_* bits, of which unknown ones are accepted; `debugreg` is DR0 to
   * DR7. Throws EBUSY, and changes nothing, if an exception is to be injected while another one waits.
   */
  setGuestDebug(cpu: Cpu, control: number, debugreg: readonly bigint[], masks: readonly number[] = []): void {
    this.#options.host.leave();
    if ((control & (KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)) !== 0) {
      if (this.#events.pending) {
        throw x86Error(
          'X86_GUEST_EVENT_PENDING',
          'an exception waits to be injected already: run the virtual CPU first',
        );
      }
      this.#events.queue((control & KVM_GUESTDBG_INJECT_DB) !== 0 ? DB_VECTOR : BP_VECTOR, undefined, true);
    }
    const { tf } = this.getRegs(cpu);
    this.#outside.set(control, cpu.context);
    if (!this.#outside.overrides) this.#registers.override(undefined);
    else this.#registers.override(debugreg.slice(0, X86_DEBUG_REGISTERS), Number(debugreg[7] ?? 0n) | 0, masks);
    this.#outside.writeFlags(cpu.context, tf);
  }

  /** KVM_GET_DEBUGREGS: what the guest sees. */
  getDebugRegs(): DebugRegs {
    this.unit.look();
    const { db, dr6, dr7 } = this.#registers;
    return { db: [...db], dr6: BigInt(dr6 >>> 0), dr7: BigInt(dr7 >>> 0), flags: 0n };
  }

  /** KVM_SET_DEBUGREGS: stored as it is. Throws EINVAL for flags, and for more than 32 bits in DR6 and DR7. */
  setDebugRegs({ db, dr6, dr7, flags }: DebugRegs): void {
    if (flags !== 0n) throw x86Error('X86_GUEST_REGISTERS', `flags of debug registers are 0, got ${flags}`);
    for (const [name, value] of [['dr6', dr6] as const, ['dr7', dr7] as const]) {
      if (value > 0xffff_ffffn) {
        throw x86Error('X86_GUEST_REGISTERS', `${name} has 32 bits, got 0x${value.toString(16)}`);
      }
    }
    this.#options.host.leave();
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      this.#registers.db[register] = BigInt.asUintN(64, db[register] ?? 0n);
    }
    this.#registers.dr6 = Number(dr6) | 0;
    this.#registers.dr7 = Number(dr7) | 0;
    this.#registers.update();
  }

  /** KVM_GET_REGS: a flag that is set for whoever steps the guest is not shown. */
  getRegs({ context: { pc, singleStep, resume } }: Cpu): GuestRegs {
    return { rip: pc, tf: singleStep && !this.#outside.steps, rf: resume };
  }

  /** KVM_SET_REGS: an exception that waits is dropped. */
  setRegs({ context }: Cpu, { rip, tf, rf }: GuestRegs): void {
    this.#options.host.leave();
    context.pc = rip;
    context.resume = rf;
    this.#outside.writeFlags(context, tf);
    this.#events.drop();
  }

  /** KVM_GET_VCPU_EVENTS, of exceptions. `payloads`: KVM_CAP_EXCEPTION_PAYLOAD is on. */
  getEvents(payloads = false): VcpuEvents {
    return this.#events.get(payloads);
  }

  /** KVM_SET_VCPU_EVENTS, of exceptions. */
  setEvents(events: VcpuEvents, payloads = false): void {
    this.#options.host.leave();
    this.#events.set(events, payloads);
  }

  /** The guest's CR4. @settable */
  get cr4(): bigint {
    return this.#registers.cr4;
  }

  set cr4(value: bigint) {
    this.#registers.cr4 = value;
  }

  // --- private ---

  #debug(cpu: Cpu, trap: Trap & { kind: 'debug' }): Interception {
    const status = this.unit.exceptionStatus;
    this.#registers.detected();
    const control = this.#registers.loadedControl;
    this.unit.save();
    if (this.#outside.takesDebug) {
      this.#exitControl = control;
      return this.#debugExit(cpu.context.pc, status);
    }
    return this.#inject(status ^ DR6_RESET, trap);
  }

  #debugExit(pc: bigint, status: number): DebugExit {
    const registers = { dr6: BigInt(status >>> 0), dr7: BigInt(this.#exitControl >>> 0) };
    const hits: number[] = [];
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      if ((status & (1 << register)) !== 0) hits.push(register);
    }
    return { reason: 'debug', cause: 'hardware', pc, hits, step: (status & DR6_BS) !== 0, registers };
  }

  #breakpoint({ pc }: Cpu): DebugExit {
    this.unit.save();
    return { reason: 'debug', cause: 'software', pc, hits: [], step: false, registers: {} };
  }

  /** A MOV to or from a debug register or CR4 that the hypervisor has to do, or to allow. */
  #access(cpu: Cpu, trap: ControlTrap): Interception {
    const { register, value } = trap.access;
    const { virtualization } = this.#options.model;
    const debugRegister = register !== 'cr4';
    const number = Number(register.slice(2));
    this.unit.save();
    if (debugRegister && virtualization.interceptBeforeDetect && (this.#registers.control & DR7_GD) !== 0) {
      return this.#detected(cpu.context.pc);
    }
    if (debugRegister && !this.#outside.active) {
      this.unit.makeNative();
      return 'resume';
    }
    if (!virtualization.decodeAssists) {
      const hit = this.#executed(cpu);
      if (hit !== undefined) return hit;
    }
    // The guest's own, which is not loaded: the CPU could not see it.
    if (debugRegister && (this.#registers.dr7 & DR7_GD) !== 0) return this.#inject(DR6_BD);
    const index = number === 4 || number === 5 ? number + 2 : number;
    if (value === undefined) {
      trap.result = debugRegister ? this.#registers.read(index) : this.#registers.cr4;
    } else if (!debugRegister) {
      this.#registers.cr4 = BigInt.asUintN(64, value);
      trap.result = value;
    } else if (this.#registers.write(index, BigInt.asUintN(64, value))) {
      trap.result = value;
    } else {
      return { inject: { kind: 'control', access: trap.access, fault: 'value', result: undefined } };
    }
    this.emulate(cpu, virtualization.decodeAssists ? 'skip' : 'emulate');
    return 'resume';
  }

  /** General detect of what is loaded, where it is software that looks: the debugger's, or the guest's. */
  #detected(pc: bigint): Interception {
    if (!this.#outside.overrides) return this.#inject(DR6_BD);
    this.#exitControl = this.#registers.control;
    return this.#debugExit(pc, DR6_BD | DR6_RESET);
  }

  /** A #DB for the guest's kernel, with what it adds to DR6. */
  #inject(payload: number, trap: Trap = DB_FAULT): Interception {
    this.#registers.deliver(payload);
    this.#registers.clearDetect();
    return { inject: trap };
  }

  /** Execute breakpoints at an instruction that KVM emulates: the debugger's, whatever RF says, then the guest's. */
  #executed({ context }: Cpu): Interception | undefined {
    const { hostControl, addresses, db, dr7 } = this.#registers;
    const ofHost = executeBreakpoints(context.pc, hostControl, addresses);
    if (ofHost !== 0) return this.#debugExit(context.pc, ofHost | DR6_RESET);
    const ofGuest = context.resume ? 0 : executeBreakpoints(context.pc, dr7, db);
    return ofGuest === 0 ? undefined : this.#inject(ofGuest);
  }

  /** RF, TF and single steps of instructions that KVM does itself. */
  #completed(): void {
    const { how, context, resume } = this.#emulated as Emulated;
    this.#emulated = undefined;
    const flag = context.singleStep;
    const skips = how === 'skip' || how === 'halt';
    const keepsResume = how === 'port' || (skips && this.#options.model.virtualization.nextRip);
    if (keepsResume) context.resume = resume;
    else if (!skips || resume) this.#outside.writeBack(context);
    if (how === 'port' || how === 'load') this.#completedDevice = true;
    const stepped = how === 'port' || skips ? flag : how !== 'store' && (this.#outside.steps || flag);
    if (!stepped) return;
    if (!this.#outside.steps) this.#events.queue(DB_VECTOR, DR6_BS);
    else if (how !== 'halt') this.#exit = this.#debugExit(context.pc, DR6_BS | DR6_RESET);
  }
}
