import {
  type Admission,
  firstFree,
  GRANTED,
  registersOf,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
  WAITING,
} from '@hwbp/core';

/** Registers go to the most important claims of the whole machine; who loses one waits for it. */
class PriorityPolicy implements SlotPolicy {
  readonly name = 'priority';
  readonly #host: SlotHost;
  readonly #granted = new Set<SlotClaim>();
  readonly #waiting = new Set<SlotClaim>();

  constructor(host: SlotHost) {
    this.#host = host;
  }

  reserve(claim: SlotClaim): Admission {
    if (this.#room(claim.slotClass)) {
      this.#granted.add(claim);
      return GRANTED;
    }
    const [least] = this.#ofPool(this.#granted, claim.slotClass).sort((a, b) => a.priority - b.priority);
    if (least === undefined || least.priority >= claim.priority) {
      this.#waiting.add(claim);
      return WAITING;
    }
    this.#granted.delete(least);
    this.#waiting.add(least);
    this.#granted.add(claim);
    this.#host.displaced(least);
    return GRANTED;
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const samePool = this.#host.manifest.slots.shared || slotClass === claim.slotClass;
    if (!samePool && (this.#waiting.has(claim) || !this.#room(slotClass))) {
      const holders = this.#ofPool(this.#granted, slotClass);
      return { outcome: 'refused', used: holders.length, limit: this.#host.manifest.slots[slotClass], holders };
    }
    const old = claim.slotClass;
    claim.slotClass = slotClass;
    if (!samePool) this.#promote(old);
    return GRANTED;
  }

  release(claim: SlotClaim): void {
    this.#waiting.delete(claim);
    if (this.#granted.delete(claim)) this.#promote(claim.slotClass);
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    const { first, end } = registersOf(this.#host.manifest, claim.slotClass);
    return firstFree(occupied, first, end);
  }

  get isUsed(): boolean {
    return this.#granted.size + this.#waiting.size > 0;
  }

  /** A register is free: the most important of those who wait gets it. */
  #promote(slotClass: SlotClass): void {
    const [most] = this.#ofPool(this.#waiting, slotClass).sort((a, b) => b.priority - a.priority);
    if (most === undefined) return;
    this.#waiting.delete(most);
    this.#granted.add(most);
    this.#host.granted(most);
  }

  #room(slotClass: SlotClass): boolean {
    return this.#ofPool(this.#granted, slotClass).length < this.#host.manifest.slots[slotClass];
  }

  #ofPool(claims: Iterable<SlotClaim>, slotClass: SlotClass): SlotClaim[] {
    const { shared } = this.#host.manifest.slots;
    return [...claims].filter((claim) => shared || claim.slotClass === slotClass);
  }
}

export const priorityPolicy = (host: SlotHost): SlotPolicy => new PriorityPolicy(host);
