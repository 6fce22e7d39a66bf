import type { HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import { type ImageValue, notWritable } from '../image/index.js';
import { Disposables, HookList, type HotplugReason, type ImagePart } from '../kernel/index.js';
import { checkRequest, type Hit, type HitHandler, type Keeper, type Registration } from '../registers/index.js';
import { DebuggerReservation, type ReservationParts } from './debugger-reservation.js';

/** Who claimed or gave back a register, as listeners are told. */
export interface RegisterClaim {
  /** Name of the debugger. */
  readonly owner: string;
  readonly cpu: number;
  readonly claimed: boolean;
}

/**
 * Slots for a debugger that has stopped the machine wherever it was, perhaps inside the accounting, and so may not
 * wait. Linux: dbg_reserve_bp_slot and dbg_release_bp_slot, which answer -1 where these answer `undefined` and false.
 */
export class DebuggerSlots implements Keeper, ImagePart {
  readonly #parts: ReservationParts;
  readonly #reservations = new Set<DebuggerReservation>();
  /** Those that were installed when their CPU was suspended. */
  readonly #suspended = new Set<DebuggerReservation>();
  readonly #hooks = new Disposables();
  readonly #listeners = new HookList<[claim: RegisterClaim]>();
  #inside: string | undefined;

  /** Use `composeKernel`. */
  constructor(parts: ReservationParts) {
    this.#parts = parts;
    this.#hooks.add(
      parts.machine.hotplug.register('debuggers:starting', 'debugger slots', {
        startup: (cpu) => this.#arm(cpu),
        teardown: (cpu, why) => this.#disarm(cpu, why),
      }),
    );
  }

  /** Gives everything back. */
  [Symbol.dispose](): void {
    this.leave();
    for (const reservation of this.#reservations) reservation.release();
    this.#hooks[Symbol.dispose]();
  }

  /** The registers that debuggers have claimed: past any scheduler, on CPUs, until they give them back. */
  get claims(): readonly DebuggerReservation[] {
    return [...this.#reservations];
  }

  /** True while somebody is inside the accounting: a debugger that stopped the machine there cannot claim anything. */
  get locked(): boolean {
    return this.#parts.registers.locked;
  }

  /**
   * Calls `listener` whenever a debugger has claimed a register or given one back. Returns the function that ends it.
   */
  listen(listener: (claim: RegisterClaim) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Name of the debugger that has stopped the machine; `undefined` while there is none. */
  get inside(): string | undefined {
    return this.#inside;
  }

  /**
   * A debugger has stopped the machine: every CPU is muted, and stays so whatever is registered or unregistered
   * meanwhile, and whoever else mutes and lets go. Linux: kgdb's disable_hw_break. Throws EBUSY while another debugger
   * is inside.
   */
  enter(owner: string): void {
    if (typeof owner !== 'string' || owner === '') {
      throw new TypeError(`enter takes the name of the debugger, for refusals, got ${String(owner)}`);
    }
    if (this.#inside !== undefined) {
      if (this.#inside === owner) return;
      throw coreError('HWBP_DEBUGGER_INSIDE', `${this.#inside} has stopped this machine; let it go on first`, {
        owner,
      });
    }
    this.#inside = owner;
    for (const { index } of this.#parts.machine.cpus) this.#parts.registers.driver(index).mute();
    this.#parts.registers.hooks.entered.call(owner);
  }

  /** It lets the machine go on: every CPU is armed with what its software copy says. Linux: kgdb's correct_hw_break. */
  leave(): void {
    if (this.#inside === undefined) return;
    this.#inside = undefined;
    for (const { index } of this.#parts.machine.cpus) this.#parts.registers.driver(index).unmute();
  }

  /**
   * Reserves a register of one CPU. `undefined` if somebody is inside the accounting. Throws ENOSPC with the holders,
   * and the errors of the type; address and length are checked when it is installed.
   */
  reserve(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, owner: string): DebuggerReservation | undefined {
    const { machine, registers } = this.#parts;
    const request = {
      attr,
      handler,
      task: undefined,
      cpu,
      owner,
      priority: Number.MAX_SAFE_INTEGER,
      waits: false,
      delivery: 'silicon',
      privileged: true,
      notices: {},
    } as const;
    checkRequest(request);
    machine.cpu(cpu);
    if (registers.locked) return undefined;
    const registration = registers.claim(request, this);
    const reservation: DebuggerReservation = new DebuggerReservation(registration, this.#parts, () => {
      this.#reservations.delete(reservation);
      this.#suspended.delete(reservation);
      this.#listeners.call({ owner, cpu, claimed: false });
    });
    this.#reservations.add(reservation);
    this.#listeners.call({ owner, cpu, claimed: true });
    return reservation;
  }

  // --- images ---

  /** A debugger and what it has claimed are outside of the machine: there is nothing to write. */
  save(): ImageValue {
    const [first] = this.#reservations;
    if (first !== undefined)
      throw notWritable(`${first.breakpoint.owner} has claimed a register: let it give that back`);
    if (this.#inside !== undefined) throw notWritable(`${this.#inside} has stopped the machine: let it go on first`);
    return null;
  }

  restore(): void {}

  // --- what happens to CPUs ---

  /** A CPU is back from a suspend: what was installed there is again. */
  #arm({ index }: Cpu): void {
    for (const reservation of this.#suspended) {
      if (reservation.breakpoint.cpu !== index) continue;
      this.#suspended.delete(reservation);
      reservation.install();
    }
  }

  /** A CPU that goes loses its registers; what was reserved stays so, and can be installed again once it is back. */
  #disarm({ index }: Cpu, why: HotplugReason): void {
    for (const reservation of this.#reservations) {
      const { cpu, state } = reservation.breakpoint;
      if (cpu !== index) continue;
      if (why === 'suspend' && state === 'active') this.#suspended.add(reservation);
      reservation.uninstall();
    }
  }

  // --- what happens to the breakpoints of debuggers ---

  hit(registration: Registration, hit: Hit): void {
    this.#parts.registers.count(registration, hit);
    registration.handler(hit);
  }

  /** The policy took it away: the reservation waits, in no register. */
  displaced(registration: Registration): void {
    this.#parts.registers.disable(registration);
  }

  /** It is for the debugger to install it again. */
  granted(registration: Registration): void {
    this.#parts.registers.disable(registration);
  }

  givenUp(registration: Registration): void {
    this.#parts.registers.disable(registration);
  }
}
