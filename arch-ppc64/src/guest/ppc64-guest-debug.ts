import {
  type ArchBreakpoint,
  type ControlTrap,
  type Cpu,
  type DebugException,
  GuestDebugBase,
  type HypercallTrap,
  type Interception,
  type OutsideDebugging,
  type VirtualTrap,
} from '@hwbp/core';
import { matchInstruction, wantsMode } from '../driver/match.js';
import type { Ppc64Breakpoint } from '../driver/ppc64-breakpoint.js';
import { DSI, TRACE } from '../silicon/ppc64-debug-unit.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import { PRIVILEGE_HYPERVISOR, type WatchLayout, type WatchValue } from '../silicon/watch-layout.js';
import { GuestRegisters } from './guest-registers.js';
import { Hypercalls, type HypervisorFacts } from './hypercalls.js';
import { OUTSIDE_STEP, Ppc64GuestUnit } from './ppc64-guest-unit.js';

/** How the debug registers of a guest behave. */
export interface GuestDebugOptions {
  readonly hypervisor: HypervisorFacts;
  /** Version of the Power ISA. */
  readonly isa: number;
}

/** A debugger's breakpoint, as a register holds it. The guest never executes in hypervisor mode. */
function encode(layout: WatchLayout | undefined, info: ArchBreakpoint | undefined): WatchValue | undefined {
  if (layout === undefined || info === undefined) return undefined;
  const value = layout.encode(info as Ppc64Breakpoint);
  return { ...value, control: value.control & ~PRIVILEGE_HYPERVISOR };
}

/**
 * The debug side of one virtual CPU (Linux: arch/powerpc/kvm/book3s_hv.c).
 *
 * - The guest's registers change by hypercall only, and are loaded at an entry if something in them is armed. Its data
 *   storage and trace interrupts are its own: they do not leave the guest.
 * - Debugging from outside is more than kvm-hv has, which only takes software breakpoints: steps and watches are the
 *   hypervisor's own, so that neither MSR[SE] nor a register of the guest's shows them.
 */
export class Ppc64GuestDebug extends GuestDebugBase<Ppc64GuestUnit> {
  readonly unit: Ppc64GuestUnit;
  readonly #registers: GuestRegisters;
  readonly #isa: number;
  readonly #hypercalls: Hypercalls;

  constructor({ hypervisor, isa }: GuestDebugOptions) {
    super(TRACE);
    this.#isa = isa;
    this.#registers = new GuestRegisters(hypervisor.watches);
    this.unit = new Ppc64GuestUnit(this.#registers, { isa, ciabr: hypervisor.ciabr }, this.keeper, (number, args) =>
      this.#hypercalls.call(number, args),
    );
    this.#hypercalls = new Hypercalls(hypervisor, this.unit);
  }

  get loaded(): boolean {
    return this.unit.loaded;
  }

  enter(physical: Ppc64Silicon): void {
    this.unit.enter(physical);
  }

  leave(): void {
    this.unit.leave();
  }

  /** What the guest has in its watch registers, in CIABR, DAR and DSISR, whoever debugs it. */
  get registers(): Pick<GuestRegisters, 'watch' | 'loads' | 'ciabr' | 'dar' | 'dsisr'> {
    return this.#registers;
  }

  protected override other(cpu: Cpu, trap: VirtualTrap): Interception {
    if (trap.kind === 'hypercall') return this.#hypercall(cpu, trap);
    return trap.kind === 'control' && trap.fault === 'intercepted' ? { inject: illegal(trap) } : 'guest';
  }

  protected override(breakpoints: OutsideDebugging['breakpoints']): void {
    const { layouts } = this.#registers;
    this.#registers.override(breakpoints?.map((info, register) => encode(layouts[register], info)));
    this.unit.reload();
  }

  protected debugged(cpu: Cpu, trap: DebugException): Interception {
    if (trap === OUTSIDE_STEP) return this.stepExit(cpu.context.pc);
    if (trap.vector !== DSI.vector || !this.#registers.overridden) return 'guest';
    const decoded = cpu.decode();
    const hits: number[] = [];
    for (const [register, breakpoint] of (this.wanted?.breakpoints ?? []).entries()) {
      const info = breakpoint as (ArchBreakpoint & Ppc64Breakpoint) | undefined;
      if (info === undefined || !wantsMode(info, cpu.context.mode)) continue;
      if (matchInstruction(info, decoded, this.#isa) === 'hit') hits.push(register);
    }
    const { dar, dsisr } = this.unit.reported;
    return this.hitExit(cpu, hits, { dar, dsisr: BigInt(dsisr) });
  }

  /** `sc 1` in user mode is a privileged instruction. */
  #hypercall(cpu: Cpu, trap: HypercallTrap): Interception {
    if (cpu.context.mode === 'user') return { inject: trap };
    const { number, args } = trap.request;
    this.unit.leave();
    trap.result = BigInt.asUintN(64, BigInt(this.#hypercalls.call(number, args)));
    this.unit.untraced();
    return 'resume';
  }
}

/** Hypervisor emulation assistance: the hypervisor has nothing to emulate, and tells the guest's kernel. */
function illegal({ access }: ControlTrap): ControlTrap {
  return { kind: 'control', access, fault: 'undefined', result: undefined };
}
