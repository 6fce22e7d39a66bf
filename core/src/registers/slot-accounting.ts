import type { SlotClass } from '../arch/index.js';
import { coreError, type KernelError } from '../errors/index.js';
import { hex } from '../hardware/index.js';
import { HookList } from '../kernel/index.js';
import { describeClaim, formatHolder, type SlotClaim, type SlotHolder } from './claim.js';
import type { Admission, Granted, PlacementChanges, Refused, SlotPolicy } from './slot-policy.js';

/** How many holders a refusal's message names; `details.holders` has all of them. */
const NAMED = 8;

/** What a refused claim asked for, for its message. */
function wanted(claim: SlotClaim): string {
  const where =
    claim.task === undefined ? `CPU ${claim.cpu}` : `task ${claim.task}${claim.cpu >= 0 ? ` on CPU ${claim.cpu}` : ''}`;
  return `a breakpoint of ${claim.owner} for ${where} at ${hex(claim.address)}`;
}

/** ENOSPC that says who holds the slots. */
function noSlot(claim: SlotClaim, refusal: Refused): KernelError {
  const { used, limit } = refusal;
  const holders = refusal.holders.map(describeClaim);
  const named = holders.slice(0, NAMED).map(formatHolder).join('; ');
  const more = holders.length > NAMED ? `; and ${holders.length - NAMED} more` : '';
  const message =
    refusal.reason === undefined
      ? `no debug register is free for ${wanted(claim)}: ${used} of ${limit} are taken by ${named}${more}; unregister one of them`
      : `no debug register for ${wanted(claim)}: ${refusal.reason}: ${named}${more}`;
  return coreError('HWBP_NO_SLOT', message, { used, limit, holders, requested: describeClaim(claim) });
}

/**
 * The slot policy behind its lock. In Linux the lock is a mutex; here it can only be held by code that called in from
 * inside.
 */
export class SlotAccounting {
  readonly policy: SlotPolicy;
  /** A claim was refused: who was in its way. */
  readonly refused = new HookList<[claim: SlotClaim, holders: readonly SlotHolder[]]>();
  #locked = false;

  constructor(policy: SlotPolicy) {
    this.policy = policy;
  }

  /** True while somebody is inside the accounting: a debugger that stopped the machine there must not touch it. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Runs `action` with the lock held. */
  hold<T>(action: () => T): T {
    const outer = this.#locked;
    this.#locked = true;
    try {
      return action();
    } finally {
      this.#locked = outer;
    }
  }

  /** Reserves a slot, or a place in the queue. Throws ENOSPC with the holders. */
  reserve(claim: SlotClaim): Granted {
    return this.#accept(
      claim,
      this.hold(() => this.policy.reserve(claim)),
    );
  }

  /** Moves a claim to another class; on ENOSPC it keeps what it has. */
  change(claim: SlotClaim, slotClass: SlotClass): Granted {
    return this.#accept(
      claim,
      this.hold(() => this.policy.change(claim, slotClass)),
    );
  }

  release(claim: SlotClaim): PlacementChanges {
    return this.hold(() => this.policy.release(claim));
  }

  #accept(claim: SlotClaim, admission: Admission): Granted {
    if (admission.outcome !== 'refused') return admission;
    this.refused.call(claim, admission.holders.map(describeClaim));
    throw noSlot(claim, admission);
  }
}
