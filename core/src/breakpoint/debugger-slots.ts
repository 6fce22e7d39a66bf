import type { HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { Breakpoint, type HitHandler } from '../pmu/index.js';
import type { BreakpointsParts } from './breakpoints-parts.js';
import { checkAttr, slotClassOf } from './check-arguments.js';

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
   * Writes it into a free register of its CPU at once, past the scheduler. Throws what the architecture refuses, and ENODEV while
   * the CPU is offline.
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

/**
 * Slots for a debugger that has stopped the machine wherever it was, perhaps inside the accounting, and so may not wait.
 * Linux: dbg_reserve_bp_slot and dbg_release_bp_slot, which answer -1 where these answer `undefined` and false.
 */
export class DebuggerSlots {
  readonly #parts: BreakpointsParts;
  readonly #reservations = new Set<DebuggerReservation>();
  readonly #unhook: () => void;

  constructor(parts: BreakpointsParts) {
    this.#parts = parts;
    // A CPU that goes loses its registers; what was reserved stays reserved, and can be installed again once it is back.
    this.#unhook = parts.machine.hooks.offline.add((cpu) => {
      for (const reservation of this.#reservations)
        if (reservation.breakpoint.cpu === cpu.index) reservation.uninstall();
    });
  }

  /** Gives everything back. */
  dispose(): void {
    for (const reservation of this.#reservations) reservation.release();
    this.#unhook();
  }

  /**
   * Reserves a register of one CPU. `undefined` if somebody is inside the accounting. Throws ENOSPC with the holders, and
   * the errors of the type; address and length are checked when it is installed.
   */
  reserve(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, owner: string): DebuggerReservation | undefined {
    checkAttr(attr);
    const { machine, backend, accounting } = this.#parts;
    machine.cpu(cpu);
    if (accounting.locked) return undefined;
    const slotClass = slotClassOf(attr.bp_type, backend.manifest);
    const init = {
      attr,
      task: undefined,
      cpu,
      owner,
      priority: Number.MAX_SAFE_INTEGER,
      handler,
      notices: {},
    };
    const breakpoint = new Breakpoint({ ...init, delivery: 'silicon', privileged: true }, slotClass);
    if (!accounting.reserve(breakpoint)) {
      accounting.release(breakpoint);
      const { name } = accounting.policy;
      const message = `the slot policy '${name}' would let ${owner} wait for a register of CPU ${cpu}, and a debugger cannot wait`;
      throw coreError('HWBP_NO_SLOT', message, { cpu, policy: name });
    }
    const reservation: DebuggerReservation = new DebuggerReservation(breakpoint, this.#parts, () =>
      this.#reservations.delete(reservation),
    );
    this.#reservations.add(reservation);
    return reservation;
  }
}
