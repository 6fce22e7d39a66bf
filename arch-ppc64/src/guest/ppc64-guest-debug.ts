import type {
  ArchBreakpoint,
  Completed,
  ControlTrap,
  Cpu,
  DebugException,
  DebugExit,
  GuestDebugState,
  HypercallTrap,
  Interception,
  OutsideDebugging,
  Trap,
  VirtualTrap,
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

/** An instruction that touched nothing of what the debugger asked for completes with its watches disarmed. */
const STEPPED_OVER = Object.freeze({ name: 'beside what is watched' });
const NO_REGISTERS: DebugExit['registers'] = Object.freeze({});

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
export class Ppc64GuestDebug implements GuestDebugState {
  readonly unit: Ppc64GuestUnit;
  readonly #registers: GuestRegisters;
  readonly #isa: number;
  readonly #hypercalls: Hypercalls;
  #wanted: OutsideDebugging | undefined;
  #exit: DebugExit | undefined;
  /** The virtual CPU, once something has happened on it. */
  #cpu: Cpu | undefined;
  /** The guest's own trace interrupt of an instruction that was stepped from outside. */
  #waiting: DebugException | undefined;

  constructor({ hypervisor, isa }: GuestDebugOptions) {
    this.#isa = isa;
    this.#registers = new GuestRegisters(hypervisor.watches);
    const steps = (): boolean => this.#steps;
    this.unit = new Ppc64GuestUnit(
      this.#registers,
      { isa, ciabr: hypervisor.ciabr },
      {
        get steps() {
          return steps();
        },
        hypercall: (number, args) => this.#hypercalls.call(number, args),
        completed: (trace) => this.#completed(trace),
      },
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

  intercept(cpu: Cpu, trap: VirtualTrap): Interception {
    this.#cpu = cpu;
    switch (trap.kind) {
      case 'debug':
        return this.#debug(cpu, trap);
      case 'completed':
        return this.#isOurs(trap) ? 'resume' : 'guest';
      case 'control':
        return trap.fault === 'intercepted' ? { inject: illegal(trap) } : 'guest';
      case 'hypercall':
        return this.#hypercall(cpu, trap);
      case 'software':
        return trap.name === 'breakpoint' && this.#takesBreakpoints ? breakpointExit(cpu) : 'guest';
      case 'operation':
        if (trap.operation === 'breakpoint' && this.#takesBreakpoints) return breakpointExit(cpu);
        trap.done = true;
        return 'guest';
      case 'syscall':
        if (!this.#steps) return 'guest';
        this.#exit = stepExit(cpu.context.pc);
        return { inject: trap };
      default:
        return 'guest';
    }
  }

  emulate(cpu: Cpu): void {
    this.#cpu = cpu;
    this.unit.complete();
  }

  advances(): boolean {
    return false;
  }

  inject(): Trap | undefined {
    const trap = this.#waiting;
    this.#waiting = undefined;
    return trap;
  }

  takeExit(): DebugExit | undefined {
    const exit = this.#exit;
    this.#exit = undefined;
    return exit;
  }

  debug(_cpu: Cpu, wanted: OutsideDebugging | undefined): void {
    this.#wanted = wanted;
    const { layouts } = this.#registers;
    this.#registers.override(wanted?.breakpoints?.map((info, register) => encode(layouts[register], info)));
    this.unit.reload();
  }

  /** What the guest has in its watch registers, in CIABR, DAR and DSISR, whoever debugs it. */
  get registers(): Pick<GuestRegisters, 'watch' | 'loads' | 'ciabr' | 'dar' | 'dsisr'> {
    return this.#registers;
  }

  // --- private ---

  get #steps(): boolean {
    return this.#wanted?.step === true;
  }

  get #takesBreakpoints(): boolean {
    return this.#wanted?.software === true;
  }

  #debug(cpu: Cpu, trap: DebugException): Interception {
    if (trap === OUTSIDE_STEP) return stepExit(cpu.context.pc);
    if (trap.vector !== DSI.vector || !this.#registers.overridden) return 'guest';
    const decoded = cpu.decode();
    const hits: number[] = [];
    for (const [register, breakpoint] of (this.#wanted?.breakpoints ?? []).entries()) {
      const info = breakpoint as (ArchBreakpoint & Ppc64Breakpoint) | undefined;
      if (info === undefined || !wantsMode(info, cpu.context.mode)) continue;
      if (matchInstruction(info, decoded, this.#isa) === 'hit') hits.push(register);
    }
    if (hits.length === 0) {
      cpu.completeDisarmed(STEPPED_OVER);
      return 'resume';
    }
    const { dar, dsisr } = this.unit.reported;
    return {
      reason: 'debug',
      cause: 'hardware',
      pc: cpu.pc,
      hits,
      step: false,
      registers: { dar, dsisr: BigInt(dsisr) },
    };
  }

  #isOurs({ completion }: Completed): boolean {
    return completion === STEPPED_OVER;
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

  #completed(trace: boolean): void {
    if (trace) this.#waiting = TRACE;
    if (!this.loaded && this.#cpu !== undefined) this.#exit = stepExit(this.#cpu.context.pc);
  }
}

/** Hypervisor emulation assistance: the hypervisor has nothing to emulate, and tells the guest's kernel. */
function illegal({ access }: ControlTrap): ControlTrap {
  return { kind: 'control', access, fault: 'undefined', result: undefined };
}

function stepExit(pc: bigint): DebugExit {
  return { reason: 'debug', cause: 'hardware', pc, hits: [], step: true, registers: NO_REGISTERS };
}

function breakpointExit({ pc }: Cpu): DebugExit {
  return { reason: 'debug', cause: 'software', pc, hits: [], step: false, registers: NO_REGISTERS };
}
