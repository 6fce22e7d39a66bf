import {
  type Admission,
  defineSlotPolicy,
  firstFree,
  GRANTED,
  type PlacementChanges,
  registersOf,
  type SlotClaim,
  type SlotHost,
  type SlotPolicy,
  type SlotPolicyPlugin,
  type Task,
  WAITING,
} from '@hwbp/core';

/** What a kernel is composed with to have it. */
export function priorities(): SlotPolicyPlugin {
  return defineSlotPolicy('priority', (host) => new PriorityPolicy(host));
}

/**
 * The priorities of the 2007 design: a claim is granted if it fits beside the claims that rank before it, those of a
 * higher priority and, inside a level, those that came earlier. Nobody is refused: who does not fit waits.
 */
class PriorityPolicy implements SlotPolicy {
  readonly name = 'priority';
  readonly #host: SlotHost;
  /** In the order of their rank. */
  readonly #claims: SlotClaim[] = [];
  #granted: ReadonlySet<SlotClaim> = new Set();

  constructor(host: SlotHost) {
    this.#host = host;
  }

  reserve(claim: SlotClaim): Admission {
    const at = this.#claims.findIndex(({ priority }) => priority < claim.priority);
    this.#claims.splice(at < 0 ? this.#claims.length : at, 0, claim);
    return { ...this.#settle(claim), ...(this.#granted.has(claim) ? GRANTED : WAITING) };
  }

  change(claim: SlotClaim, slotClass: SlotClaim['slotClass']): Admission {
    claim.slotClass = slotClass;
    return { ...this.#settle(claim), ...(this.#granted.has(claim) ? GRANTED : WAITING) };
  }

  release(claim: SlotClaim): PlacementChanges {
    this.#claims.splice(this.#claims.indexOf(claim), 1);
    return this.#settle(claim);
  }

  place({ slotClass }: SlotClaim, occupied: readonly unknown[]): number {
    const { first, end } = registersOf(this.#host.manifest, slotClass);
    return firstFree(occupied, first, end);
  }

  get isUsed(): boolean {
    return this.#claims.length > 0;
  }

  /** Who gains and who loses. `asking`: gets its answer from the call that it made. */
  #settle(asking: SlotClaim): PlacementChanges {
    const before = this.#granted;
    const now = new Set<SlotClaim>();
    for (const claim of this.#claims) if (this.#fits(claim, now)) now.add(claim);
    this.#granted = now;
    return {
      displaced: [...before].filter((claim) => claim !== asking && !now.has(claim)),
      granted: [...now].filter((claim) => claim !== asking && !before.has(claim)),
    };
  }

  #fits(claim: SlotClaim, held: ReadonlySet<SlotClaim>): boolean {
    const { manifest, machine } = this.#host;
    const rivals = [...held].filter(({ slotClass }) => manifest.slots.shared || slotClass === claim.slotClass);
    const tasks = new Set(claim.task === undefined ? rivals.map(({ task }) => task) : [claim.task]);
    const sees = (cpu: number, task: Task | undefined): number =>
      rivals.filter(
        (rival) => (rival.cpu < 0 || rival.cpu === cpu) && (rival.task === undefined || rival.task === task),
      ).length;
    return machine.cpus
      .filter(({ index }) => claim.cpu < 0 || claim.cpu === index)
      .every(({ index }) => [undefined, ...tasks].every((task) => sees(index, task) < manifest.slots[claim.slotClass]));
  }
}
