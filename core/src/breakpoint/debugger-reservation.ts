import { coreError } from '../errors/index.js';
import type { Machine } from '../kernel/index.js';
import type { Breakpoint, Registers, Registration } from '../registers/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';

/** What a reservation works with. */
export interface ReservationParts {
  readonly machine: Machine;
  readonly registers: Registers;
  readonly scheduler: BreakpointScheduler;
}

/** A register of one CPU that a debugger has reserved, and the breakpoint that it may put there. */
export class DebuggerReservation {
  readonly #registration: Registration;
  readonly #parts: ReservationParts;
  readonly #released: () => void;

  /** Use `breakpoints.debugger.reserve`. */
  constructor(registration: Registration, parts: ReservationParts, released: () => void) {
    this.#registration = registration;
    this.#parts = parts;
    this.#released = released;
  }

  get breakpoint(): Breakpoint {
    return this.#registration.view;
  }

  /**
   * Writes it into a free register of its CPU at once, past the scheduler; while a debugger is inside
   * (`debugger.enter`) the hardware stays disarmed until it leaves. Throws what the architecture refuses, and ENODEV
   * while the CPU is offline.
   */
  install(): void {
    const { cpu, state } = this.#registration;
    const { machine, registers, scheduler } = this.#parts;
    if (state !== 'off') return;
    if (!machine.cpu(cpu).online) throw coreError('HWBP_CPU_OFFLINE', `CPU ${cpu} is offline`, { cpu });
    registers.judge(this.#registration);
    scheduler.aside(cpu, () => registers.install(this.#registration, cpu));
  }

  /** Takes it out of its register; the reservation stays. */
  uninstall(): void {
    if (this.#registration.state === 'active') this.#parts.registers.disable(this.#registration);
  }

  /** Gives the slot back. False if the accounting is locked: try again once the machine has run. */
  release(): boolean {
    if (this.#registration.state === 'released') return true;
    if (this.#parts.registers.locked) return false;
    this.#parts.registers.release(this.#registration);
    this.#released();
    return true;
  }
}
