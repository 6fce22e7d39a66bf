import { type Cpu, type DebuggerReservation, type HitHandler, type HwBreakpointAttr, KernelError } from '@hwbp/core';
import { OWNER, type XmonParts } from '../parts.js';
import { Refusal } from '../refusal.js';

/** A register on every online CPU. */
export interface CpuClaim {
  /** Gives them back; what is inside the accounting follows when the machine goes on. */
  release(): void;
}

interface Held extends CpuClaim {
  readonly attr: HwBreakpointAttr;
  readonly handler: HitHandler;
  readonly reservations: DebuggerReservation[];
  /** CPU that it was extended to latest: it had nothing there before. */
  extended?: number | undefined;
}

/** Registers of every online CPU by the debugger's reservation: past the scheduler, and without its locks. */
export class CpuClaims implements Disposable {
  readonly #parts: XmonParts;
  readonly #held = new Set<Held>();
  /** What could not be given back yet. */
  #left: DebuggerReservation[] = [];
  readonly #unhook: () => void;

  constructor(parts: XmonParts) {
    this.#parts = parts;
    this.#unhook = parts.machine.hotplug.register('online', OWNER, {
      startup: (cpu) => this.#extend(cpu),
      teardown: (cpu, why) => {
        if (why === 'undo') this.#withdraw(cpu);
      },
    });
  }

  /** All or nothing. Throws ENOSPC with the holders, what the architecture refuses, and a refusal if it would wait. */
  claim(attr: HwBreakpointAttr, handler: HitHandler): CpuClaim {
    const reservations: DebuggerReservation[] = [];
    try {
      for (const { index } of this.#parts.machine.onlineCpus) this.#reserve(attr, handler, index, reservations);
    } catch (error) {
      this.#release(reservations);
      throw error;
    }
    const held: Held = {
      attr,
      handler,
      reservations,
      release: () => {
        this.#held.delete(held);
        this.#release(reservations.splice(0));
      },
    };
    this.#held.add(held);
    return held;
  }

  /** The machine goes on: what had to wait is given back. */
  settle(): void {
    this.#release(this.#left.splice(0));
  }

  [Symbol.dispose](): void {
    for (const held of [...this.#held]) held.release();
    this.settle();
    this.#unhook();
  }

  #reserve(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, reservations: DebuggerReservation[]): void {
    const reservation = this.#parts.breakpoints.debugger.reserve(attr, handler, cpu, OWNER);
    if (reservation === undefined) {
      throw new Refusal('The machine was stopped inside the slot accounting: let it go on (x) and try again');
    }
    reservations.push(reservation);
    reservation.install();
  }

  #release(reservations: readonly DebuggerReservation[]): void {
    for (const reservation of reservations) {
      reservation.uninstall();
      if (!reservation.release()) this.#left.push(reservation);
    }
  }

  /** A CPU came online: what was reserved there is installed again, one that was not there yet is claimed. */
  #extend({ index }: Cpu): void {
    for (const held of this.#held) {
      const { attr, handler, reservations } = held;
      held.extended = undefined;
      const before = reservations.length;
      const kept = reservations.find(({ breakpoint }) => breakpoint.cpu === index);
      try {
        if (kept !== undefined) kept.install();
        else {
          this.#reserve(attr, handler, index, reservations);
          held.extended = index;
        }
      } catch (error) {
        this.#release(reservations.splice(before));
        if (!(error instanceof KernelError || error instanceof Refusal)) throw error;
        const message = `CPU ${index} came online without a breakpoint of xmon's: ${error.message}`;
        this.#parts.machine.logger.log('warn', message);
      }
    }
  }

  /** It did not come online after all. */
  #withdraw({ index }: Cpu): void {
    for (const held of this.#held) {
      if (held.extended !== index) continue;
      held.extended = undefined;
      const at = held.reservations.findIndex(({ breakpoint }) => breakpoint.cpu === index);
      if (at >= 0) this.#release(held.reservations.splice(at, 1));
    }
  }
}
