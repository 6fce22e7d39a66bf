import { coreError } from '../errors/index.js';
import type { Breakpoint } from '../registers/index.js';
import type { BreakpointsParts } from './breakpoints-parts.js';

/** A register of one CPU that a debugger has reserved, and the breakpoint that it may put there. */
export class DebuggerReservation {
  readonly breakpoint: Breakpoint;
  readonly #parts: BreakpointsParts;
  readonly #released: () => void;

  /** Use `breakpoints.debugger.reserve`. */
  constructor(breakpoint: Breakpoint, parts: BreakpointsParts, released: () => void) {
    this.breakpoint = breakpoint;
    this.#parts = parts;
    this.#released = released;
  }

  /**
   * Writes it into a free register of its CPU at once, past the scheduler; while a debugger is inside (`debugger.enter`) the hardware stays
   * disarmed until it leaves. Throws what the architecture refuses, and ENODEV while the CPU is offline.
   */
  install(): void {
    const { breakpoint } = this;
    const { cpu } = breakpoint;
    if (breakpoint.state !== 'off') return;
    if (!this.#parts.machine.cpu(cpu).online) throw coreError('HWBP_CPU_OFFLINE', `CPU ${cpu} is offline`, { cpu });
    breakpoint.info = this.#parts.backend.parse(breakpoint.attr, this.#parts.quirks);
    // The PMU makes it active once it is in a register, and not before.
    this.#parts.scheduler.aside(cpu, () => this.#parts.pmu.add(breakpoint, cpu));
  }

  /** Takes it out of its register; the reservation stays. */
  uninstall(): void {
    if (this.breakpoint.state !== 'active') return;
    this.#parts.pmu.remove(this.breakpoint);
    this.breakpoint.state = 'off';
  }

  /** Gives the slot back. False if the accounting is locked: try again once the machine has run. */
  release(): boolean {
    if (this.breakpoint.state === 'released') return true;
    if (this.#parts.accounting.locked) return false;
    this.uninstall();
    this.breakpoint.state = 'released';
    this.#parts.accounting.release(this.breakpoint);
    this.#released();
    return true;
  }
}
