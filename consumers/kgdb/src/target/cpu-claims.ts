import { type Cpu, type DebuggerReservation, type Hit, type HwBreakpointAttr, KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import { ClaimedBreakpoints } from './claimed-breakpoints.js';
import type { Claim, ClaimHandler, Claims } from './claims.js';
import { OWNER, type TargetParts } from './parts.js';

interface CpuClaim extends Claim {
  readonly attrs: readonly HwBreakpointAttr[];
  readonly reservations: DebuggerReservation[];
  /** CPU that it was extended to latest: it had nothing there before. */
  extended?: number | undefined;
}

function releaseAll(reservations: DebuggerReservation[]): boolean {
  const left = reservations.filter((reservation) => !reservation.release());
  reservations.splice(0, reservations.length, ...left);
  return left.length === 0;
}

/**
 * A register on every online CPU, by the debugger's reservation: past the scheduler and without its locks, whatever
 * runs there.
 */
export class CpuClaims implements Claims<Hit> {
  onHit: ClaimHandler<Hit> = () => {};
  readonly #parts: TargetParts;
  readonly #claims = new Set<CpuClaim>();
  readonly #breakpoints = new ClaimedBreakpoints();
  readonly #unhook: () => void;
  readonly #notice: (text: string) => void;

  constructor(parts: TargetParts, notice: (text: string) => void) {
    this.#parts = parts;
    this.#notice = notice;
    this.#unhook = parts.machine.hotplug.register('online', OWNER, {
      startup: (cpu) => this.#extend(cpu),
      teardown: (cpu, why) => {
        if (why === 'undo') this.#withdraw(cpu);
      },
    });
  }

  claim(attrs: readonly HwBreakpointAttr[]): Claim {
    const reservations: DebuggerReservation[] = [];
    const claim: CpuClaim = {
      attrs,
      reservations,
      release: () => {
        this.#claims.delete(claim);
        return releaseAll(reservations);
      },
    };
    try {
      for (const { index } of this.#parts.machine.onlineCpus) this.#reserve(claim, index);
    } catch (error) {
      releaseAll(reservations);
      throw error;
    }
    this.#claims.add(claim);
    return claim;
  }

  dispose(): void {
    this.#unhook();
  }

  #reserve(claim: CpuClaim, cpu: number): void {
    const handler = (hit: Hit): void => this.onHit(hit, hit.cpu, this.#breakpoints.touched(hit));
    for (const attr of claim.attrs) {
      const reservation = this.#parts.breakpoints.debugger.reserve(attr, handler, cpu, OWNER);
      if (reservation === undefined) {
        const message = 'the machine was stopped inside the slot accounting; let it go on and try again';
        throw kgdbError('KGDB_ACCOUNTING_BUSY', message);
      }
      this.#breakpoints.add(reservation.breakpoint, claim);
      claim.reservations.push(reservation);
      reservation.install();
    }
  }

  /**
   * A CPU came online: what was reserved there is installed again; one that was not there yet is claimed. Linux:
   * correct_hw_break.
   */
  #extend({ index }: Cpu): void {
    for (const claim of this.#claims) {
      const { reservations } = claim;
      claim.extended = undefined;
      const before = reservations.length;
      try {
        const kept = reservations.filter(({ breakpoint }) => breakpoint.cpu === index);
        if (kept.length === 0) {
          this.#reserve(claim, index);
          claim.extended = index;
        } else for (const reservation of kept) reservation.install();
      } catch (error) {
        // All pieces of a watch, or none.
        for (const reservation of reservations.splice(before)) reservation.release();
        if (!(error instanceof KernelError)) throw error;
        this.#notice(`CPU ${index} came online without a breakpoint: ${String(error)}`);
      }
    }
  }

  /** It did not come online after all. */
  #withdraw({ index }: Cpu): void {
    for (const claim of this.#claims) {
      if (claim.extended !== index) continue;
      claim.extended = undefined;
      const { reservations } = claim;
      const mine = reservations.filter(({ breakpoint }) => breakpoint.cpu === index);
      for (const reservation of mine)
        if (reservation.release()) reservations.splice(reservations.indexOf(reservation), 1);
    }
  }
}
