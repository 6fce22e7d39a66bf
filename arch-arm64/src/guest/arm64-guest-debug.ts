import {
  type ArchBreakpoint,
  type Cpu,
  type DebugException,
  type DebugExit,
  type GuestDebugState,
  highHalf,
  type Interception,
  lowHalf,
  type Mode,
  type OutsideDebugging,
  type Trap,
  type VirtualTrap,
} from '@hwbp/core';
import type { Arm64Breakpoint } from '../driver/arm64-breakpoint.js';
import { poolOf } from '../driver/arm64-driver.js';
import { matchesBreakpoint, nearestWatchpoints } from '../driver/reported.js';
import type { Arm64DebugUnitOptions } from '../silicon/arm64-debug-unit.js';
import { BREAKPOINT, STEP, WATCHPOINT } from '../silicon/arm64-debug-unit.js';
import type { Arm64Silicon, RegisterPair } from '../silicon/arm64-silicon.js';
import { BAS_MASK, controlWord } from '../silicon/control.js';
import { ISS_WNR } from '../silicon/syndrome.js';
import { Arm64GuestUnit, OUTSIDE_STEP } from './arm64-guest-unit.js';

/** An instruction that touched nothing of what the debugger asked for completes with the registers disarmed. */
const STEPPED_OVER = Object.freeze({ name: 'beside what is watched' });
const NO_REGISTERS: DebugExit['registers'] = Object.freeze({});

type Wanted = (ArchBreakpoint & Arm64Breakpoint) | undefined;

function encode({ base, bas, type, privilege }: Arm64Breakpoint): RegisterPair {
  const control = controlWord({ enabled: true, privilege, type, bas: bas & BAS_MASK });
  return { hi: highHalf(base), lo: lowHalf(base), control };
}

/**
 * The debug side of one virtual CPU (Linux: arch/arm64/kvm/debug.c and guest debugging). The guest's own exceptions do
 * not leave it; while somebody debugs it from outside every debug exception does (MDCR_EL2.TDE), with ESR and FAR.
 */
export class Arm64GuestDebug implements GuestDebugState {
  readonly unit: Arm64GuestUnit;
  readonly #wrps: number;
  #wanted: OutsideDebugging | undefined;
  #exit: DebugExit | undefined;
  /** The virtual CPU, once something has happened on it. */
  #cpu: Cpu | undefined;
  /** The guest's own step of an instruction that was stepped from outside. */
  #waiting: DebugException | undefined;

  constructor(options: Arm64DebugUnitOptions & { readonly wrps: number }) {
    const steps = (): boolean => this.#steps;
    this.#wrps = options.wrps;
    this.unit = new Arm64GuestUnit(options, {
      get steps() {
        return steps();
      },
      completed: (step) => this.#completed(step),
    });
  }

  enter(physical: Arm64Silicon): void {
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
        return trap.completion === STEPPED_OVER ? 'resume' : 'guest';
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

  /** Numbers of the debugger's breakpoints are those of the registers: watchpoints first. */
  debug(_cpu: Cpu, wanted: OutsideDebugging | undefined): void {
    this.#wanted = wanted;
    const pairs = wanted?.breakpoints?.map((info) =>
      info === undefined ? undefined : encode(info as Arm64Breakpoint & ArchBreakpoint),
    );
    this.unit.override(
      pairs === undefined
        ? undefined
        : { watchpoints: pairs.slice(0, this.#wrps), breakpoints: pairs.slice(this.#wrps) },
    );
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
    if ((trap !== BREAKPOINT && trap !== WATCHPOINT) || !this.unit.overridden) return 'guest';
    const hits = this.#hits(cpu, trap);
    if (hits.length === 0) {
      cpu.completeDisarmed(STEPPED_OVER);
      return 'resume';
    }
    const { far, esr } = this.unit.reported;
    const registers = { far, esr: BigInt(esr) };
    return { reason: 'debug', cause: 'hardware', pc: cpu.pc, hits, step: false, registers };
  }

  /** Numbers of the debugger's breakpoints that an exception is about. */
  #hits(cpu: Cpu, trap: DebugException): readonly number[] {
    const { far, esr } = this.unit.reported;
    const { mode } = cpu.context;
    const candidates = this.#candidates(trap === BREAKPOINT ? 'execute' : 'data', mode);
    if (trap === BREAKPOINT) return candidates.filter(([, info]) => matchesBreakpoint(info, cpu.pc)).map(([n]) => n);
    const found = nearestWatchpoints(candidates, ([, info]) => info, far, (esr & ISS_WNR) !== 0);
    return found.map(([n]) => n);
  }

  #candidates(pool: 'execute' | 'data', mode: Mode): (readonly [number: number, info: Arm64Breakpoint])[] {
    const wanted = (this.#wanted?.breakpoints ?? []) as readonly Wanted[];
    return [...wanted.entries()].filter(
      (one): one is [number, NonNullable<Wanted>] =>
        one[1] !== undefined && poolOf(one[1]) === pool && !one[1].excluded.includes(mode),
    );
  }

  #completed(step: boolean): void {
    if (step) this.#waiting = STEP;
    if (!this.unit.loaded && this.#cpu !== undefined) this.#exit = stepExit(this.#cpu.context.pc);
  }
}

function stepExit(pc: bigint): DebugExit {
  return { reason: 'debug', cause: 'hardware', pc, hits: [], step: true, registers: NO_REGISTERS };
}

function breakpointExit({ pc }: Cpu): DebugExit {
  return { reason: 'debug', cause: 'software', pc, hits: [], step: false, registers: NO_REGISTERS };
}
