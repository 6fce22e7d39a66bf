import type { GuestRegisters } from './guest-registers.js';

export const DB_VECTOR = 1;
export const BP_VECTOR = 3;
/** #OF: like #BP, an instruction raises it, and running that again does too. */
const OF_VECTOR = 4;

/** What KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS carry of exceptions. */
export interface VcpuEvents {
  readonly nr: number;
  /** On its way into the guest: it is delivered as it is. */
  readonly injected: boolean;
  /** Waits to be injected. */
  readonly pending: boolean;
  /** What it adds to DR6 when it is; `undefined`: nothing. */
  readonly payload: number | undefined;
}

/** An exception that is injected now. */
export interface GuestEvent {
  readonly nr: number;
  /** KVM_SET_GUEST_DEBUG asked for it. */
  readonly byDebugger: boolean;
}

/** The exception that waits for the next entry of one virtual CPU: there is at most one. */
export class GuestEvents {
  readonly #registers: GuestRegisters;
  #nr = 0;
  #injected = false;
  #pending = false;
  #payload: number | undefined;
  #byDebugger = false;

  constructor(registers: GuestRegisters) {
    this.#registers = registers;
  }

  /** True if one waits. */
  get pending(): boolean {
    return this.#pending;
  }

  /** One waits from now on. Its payload is the guest's at once. */
  queue(nr: number, payload?: number, byDebugger = false): void {
    this.#nr = nr;
    this.#pending = true;
    this.#injected = false;
    this.#payload = undefined;
    this.#byDebugger = byDebugger;
    if (payload !== undefined) this.#registers.deliver(payload);
  }

  /** What waits is forgotten. */
  drop(): void {
    this.#pending = false;
  }

  /** Takes what is to be injected. */
  take(): GuestEvent | undefined {
    const event = { nr: this.#nr, byDebugger: this.#byDebugger };
    if (this.#injected) {
      this.#injected = false;
      return event;
    }
    if (!this.#pending) return undefined;
    this.#pending = false;
    if (this.#nr === DB_VECTOR) {
      if (this.#payload !== undefined) this.#registers.deliver(this.#payload);
      this.#registers.clearDetect();
    }
    this.#payload = undefined;
    return event;
  }

  /** `payloads`: whoever asks knows of payloads; to anybody else it has happened already. */
  get(payloads: boolean): VcpuEvents {
    if (!payloads && this.#pending && this.#payload !== undefined) {
      this.#registers.deliver(this.#payload);
      this.#payload = undefined;
    }
    const soft = this.#nr === BP_VECTOR || this.#nr === OF_VECTOR;
    const pending = this.#pending && !soft;
    return {
      nr: this.#nr,
      injected: !soft && (this.#injected || (!payloads && pending)),
      pending,
      payload: this.#payload,
    };
  }

  /** An exception that waits needs somebody who knows of payloads; without, it is dropped. */
  set({ nr, injected, pending, payload }: VcpuEvents, payloads: boolean): void {
    this.#nr = nr;
    this.#injected = injected;
    this.#pending = payloads && pending && !injected;
    this.#payload = payloads ? payload : undefined;
    this.#byDebugger = false;
  }
}
