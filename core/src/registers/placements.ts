import type { Logger } from '../kernel/index.js';
import { BreakpointRecord } from './breakpoint-record.js';
import type { SlotClaim } from './claim.js';
import type { RegisterHooks } from './register-hooks.js';
import type { PlacementNotices } from './request.js';
import type { PlacementChanges } from './slot-policy.js';

/** What an owner is to be told. */
interface Notice {
  readonly record: BreakpointRecord;
  readonly what: keyof PlacementNotices;
}

/** What several decisions of a policy come to in the end, for each claim. */
class HeldChanges {
  /** And for whom. */
  readonly #displaced = new Map<SlotClaim, BreakpointRecord | undefined>();
  readonly #granted = new Set<SlotClaim>();
  readonly #waiting = new Set<BreakpointRecord>();

  add({ displaced = [], granted = [] }: PlacementChanges, by: BreakpointRecord | undefined): void {
    for (const claim of displaced) {
      this.#displaced.set(claim, by);
      this.#granted.delete(claim);
    }
    for (const claim of granted) this.#granted.add(claim);
    if (by?.state === 'waiting') this.#waiting.add(by);
  }

  get waiting(): Iterable<BreakpointRecord> {
    return this.#waiting;
  }

  get displaced(): Iterable<[SlotClaim, BreakpointRecord | undefined]> {
    return this.#displaced;
  }

  get granted(): Iterable<SlotClaim> {
    return this.#granted;
  }
}

/** Does to breakpoints what a slot policy has decided of their claims, and tells their owners. */
export class Placements {
  readonly #logger: Logger;
  readonly #hooks: RegisterHooks;
  readonly #isRegistered: (record: BreakpointRecord) => boolean;
  /** Owners that are still to be told what became of their breakpoints, in the order in which it happened. */
  readonly #untold: Notice[] = [];
  #telling = false;
  #ended = false;
  #silent = 0;
  #held: HeldChanges | undefined;

  /** `isRegistered`: false for one that is still being admitted. */
  constructor(logger: Logger, hooks: RegisterHooks, isRegistered: (record: BreakpointRecord) => boolean) {
    this.#logger = logger;
    this.#hooks = hooks;
    this.#isRegistered = isRegistered;
  }

  /** The kernel ends: what is free from now on is nobody's, and nobody is told. */
  end(): void {
    this.#ended = true;
  }

  /** All of it, before any owner hears of it and may call in again. `by`: whose request it was decided for. */
  apply(changes: PlacementChanges, by?: BreakpointRecord): void {
    if (this.#ended) return;
    if (this.#held !== undefined) {
      this.#held.add(changes, by);
      return;
    }
    const { displaced, granted } = changes;
    try {
      if (by !== undefined) this.#waits(by);
      if (displaced !== undefined) for (const claim of displaced) this.#displaced(claim, by);
      if (granted !== undefined) for (const claim of granted) this.#granted(claim);
    } finally {
      if (this.#untold.length > 0) this.#tell();
    }
  }

  #applyHeld({ waiting, displaced, granted }: HeldChanges): void {
    if (this.#ended) return;
    try {
      for (const record of waiting) this.#waits(record);
      for (const [claim, by] of displaced) this.#displaced(claim, by);
      for (const claim of granted) this.#granted(claim);
    } finally {
      if (this.#untold.length > 0) this.#tell();
    }
  }

  /**
   * Several requests that are accepted together or not at all: what is decided inside `action` happens at its end. One
   * that throws has taken back all that it asked for, the latest first, and nothing happens to anybody.
   */
  together<T>(action: () => T): T {
    if (this.#held !== undefined) return action();
    const held = new HeldChanges();
    this.#held = held;
    let result: T;
    try {
      result = action();
    } finally {
      this.#held = undefined;
    }
    this.#applyHeld(held);
    return result;
  }

  /** Nobody hears of what happens meanwhile. */
  silently<T>(action: () => T): T {
    this.#silent++;
    try {
      return action();
    } finally {
      this.#silent--;
    }
  }

  #note(record: BreakpointRecord, what: keyof PlacementNotices): void {
    if (this.#silent === 0) this.#untold.push({ record, what });
  }

  #waits(record: BreakpointRecord): void {
    if (record.state === 'waiting' && this.#silent === 0) this.#hooks.waits.call(record);
  }

  #displaced(claim: SlotClaim, by: BreakpointRecord | undefined): void {
    if (!(claim instanceof BreakpointRecord) || claim.state === 'waiting' || claim.state === 'released') return;
    if (this.#silent === 0) {
      if (claim === by) this.#hooks.waits.call(claim);
      else this.#hooks.displaced.call(claim, by);
    }
    claim.leaving('displaced', () => claim.keeper.displaced(claim), claim === by ? undefined : by);
    claim.state = 'waiting';
    this.#note(claim, 'uninstalled');
  }

  /** One that is granted while it is still being admitted is scheduled when that is done. */
  #granted(claim: SlotClaim): void {
    if (!(claim instanceof BreakpointRecord) || claim.state !== 'waiting') return;
    claim.state = claim.attr.disabled === true ? 'off' : 'inactive';
    if (!this.#isRegistered(claim)) return;
    if (this.#silent === 0) this.#hooks.granted.call(claim);
    claim.keeper.granted(claim);
    this.#note(claim, 'installed');
  }

  /**
   * What an owner changes from inside its notice is told behind what happened before. A notice that throws is nobody
   * else's concern.
   */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
      const { record, what } = next;
      if (record.state === 'released') continue;
      try {
        record.notices[what]?.(record.view);
      } catch (error) {
        this.#logger.log('error', `a placement notice of ${record.owner} threw: ${String(error)}`);
      }
    }
    this.#telling = false;
  }
}
