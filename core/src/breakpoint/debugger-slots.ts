import type { HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { HookList } from '../kernel/index.js';
import { Breakpoint, type HitHandler } from '../registers/index.js';
import type { BreakpointsParts } from './breakpoints-parts.js';
import { checkAttr, slotClassOf } from './check-arguments.js';
import { DebuggerReservation } from './debugger-reservation.js';

/** Who claimed or gave back a register, as listeners are told. */
export interface RegisterClaim {
  /** Name of the debugger. */
  readonly owner: string;
  readonly cpu: number;
  readonly claimed: boolean;
}

/**
 * Slots for a debugger that has stopped the machine wherever it was, perhaps inside the accounting, and so may not wait.
 * Linux: dbg_reserve_bp_slot and dbg_release_bp_slot, which answer -1 where these answer `undefined` and false.
 */
export class DebuggerSlots {
  readonly #parts: BreakpointsParts;
  readonly #reservations = new Set<DebuggerReservation>();
  readonly #unhook: () => void;
  readonly #listeners = new HookList<[claim: RegisterClaim]>();
  #inside: string | undefined;

  /** Use `composeKernel`. */
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
    this.leave();
    for (const reservation of this.#reservations) reservation.release();
    this.#unhook();
  }

  /** The registers that debuggers have claimed: past any scheduler, on CPUs, until they give them back. */
  get claims(): readonly DebuggerReservation[] {
    return [...this.#reservations];
  }

  /** Calls `listener` whenever a debugger has claimed a register or given one back. Returns the function that ends it. */
  listen(listener: (claim: RegisterClaim) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Name of the debugger that has stopped the machine; `undefined` while there is none. */
  get inside(): string | undefined {
    return this.#inside;
  }

  /**
   * A debugger has stopped the machine: every online CPU is disarmed, and stays so whatever is registered or unregistered meanwhile.
   * Linux: kgdb's disable_hw_break. Throws EBUSY while another debugger is inside.
   */
  enter(owner: string): void {
    if (this.#inside !== undefined) {
      if (this.#inside === owner) return;
      throw coreError('HWBP_DEBUGGER_INSIDE', `${this.#inside} has stopped this machine; let it go on first`, {
        owner,
      });
    }
    this.#inside = owner;
    this.#parts.pmu.disarm();
  }

  /** It lets the machine go on: every online CPU is armed with what its software copy says. Linux: kgdb's correct_hw_break. */
  leave(): void {
    if (this.#inside === undefined) return;
    this.#inside = undefined;
    this.#parts.pmu.rearm();
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
    const reservation: DebuggerReservation = new DebuggerReservation(breakpoint, this.#parts, () => {
      this.#reservations.delete(reservation);
      this.#listeners.call({ owner, cpu, claimed: false });
    });
    this.#reservations.add(reservation);
    this.#listeners.call({ owner, cpu, claimed: true });
    return reservation;
  }
}
