import {
  type ArchBreakpoint,
  type Cpu,
  type DebugException,
  GuestDebugBase,
  highHalf,
  type Interception,
  lowHalf,
  type Mode,
  type OutsideDebugging,
} from '@hwbp/core';
import type { Arm64Breakpoint } from '../driver/arm64-breakpoint.js';
import { poolOf } from '../driver/arm64-driver.js';
import { matchesBreakpoint, nearestWatchpoints } from '../driver/reported.js';
import { type Arm64DebugUnitOptions, BREAKPOINT, STEP, WATCHPOINT } from '../silicon/arm64-debug-unit.js';
import type { Arm64Silicon, RegisterPair } from '../silicon/arm64-silicon.js';
import { BAS_MASK, controlWord } from '../silicon/control.js';
import { ISS_WNR } from '../silicon/syndrome.js';
import { Arm64GuestUnit, OUTSIDE_STEP } from './arm64-guest-unit.js';

type Wanted = (ArchBreakpoint & Arm64Breakpoint) | undefined;

function encode({ base, bas, type, privilege }: Arm64Breakpoint): RegisterPair {
  const control = controlWord({ enabled: true, privilege, type, bas: bas & BAS_MASK });
  return { hi: highHalf(base), lo: lowHalf(base), control };
}

/**
 * The debug side of one virtual CPU (Linux: arch/arm64/kvm/debug.c and guest debugging). The guest's own exceptions do
 * not leave it; while somebody debugs it from outside every debug exception does (MDCR_EL2.TDE), with ESR and FAR.
 */
export class Arm64GuestDebug extends GuestDebugBase<Arm64GuestUnit> {
  readonly unit: Arm64GuestUnit;
  readonly #wrps: number;

  constructor(options: Arm64DebugUnitOptions & { readonly wrps: number }) {
    super(STEP);
    this.#wrps = options.wrps;
    this.unit = new Arm64GuestUnit(options, this.keeper);
  }

  enter(physical: Arm64Silicon): void {
    this.unit.enter(physical);
  }

  leave(): void {
    this.unit.leave();
  }

  /** Numbers of the debugger's breakpoints are those of the registers: watchpoints first. */
  protected override(breakpoints: OutsideDebugging['breakpoints']): void {
    const pairs = breakpoints?.map((info) =>
      info === undefined ? undefined : encode(info as Arm64Breakpoint & ArchBreakpoint),
    );
    const [watchpoints, rest] = [pairs?.slice(0, this.#wrps) ?? [], pairs?.slice(this.#wrps) ?? []];
    this.unit.override(pairs === undefined ? undefined : { watchpoints, breakpoints: rest });
  }

  protected debugged(cpu: Cpu, trap: DebugException): Interception {
    if (trap === OUTSIDE_STEP) return this.stepExit(cpu.context.pc);
    if ((trap !== BREAKPOINT && trap !== WATCHPOINT) || !this.unit.overridden) return 'guest';
    const { far, esr } = this.unit.reported;
    return this.hitExit(cpu, this.#hits(cpu, trap), { far, esr: BigInt(esr) });
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
    const wanted = (this.wanted?.breakpoints ?? []) as readonly Wanted[];
    return [...wanted.entries()].filter(
      (one): one is [number, NonNullable<Wanted>] =>
        one[1] !== undefined && poolOf(one[1]) === pool && !one[1].excluded.includes(mode),
    );
  }
}
