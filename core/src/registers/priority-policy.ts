import { registersOf, type SlotClass } from '../arch/index.js';
import type { ImageReader, ImageValue } from '../image/index.js';
import type { Machine, Task } from '../kernel/index.js';
import type { SlotClaim } from './claim.js';
import { NO_USERS } from './level-counts.js';
import { PriorityDecision } from './priority-decision.js';
import { loadPriorities, savePriorities } from './priority-image.js';
import { PriorityRequest, type RegisterRange, requestOf, WAITS } from './priority-request.js';
import type { Priorities, PriorityRules, SlotUsers } from './priority-rules.js';
import { PrioritySlot } from './priority-slot.js';
import { type RunningPolicy, RunningUsers } from './running-users.js';
import {
  type Admission,
  GRANTED,
  type PlacementChanges,
  type Refused,
  type SlotHost,
  type SlotPolicy,
  UNCHANGED,
  WAITING,
} from './slot-policy.js';
import { TaskUsers } from './task-users.js';

/** Something else has happened since: no claim comes to nothing any more. */
const FINAL: readonly PriorityDecision[] = [];

/**
 * The priorities of the 2007 design (the kwatch thread of February 2007). Every request has one register, the same
 * wherever it is scheduled. A request of the kernel (for a CPU) gets register n if its priority exceeds that of every
 * user of n, running or not, on any CPU, and of everybody of the kernel who is there; one of a user (for a task) if it
 * exceeds that of the kernel's, and of its task's own. Who has to make room waits, in its old place; who waits is
 * looked at again whenever something is released, by priority, first come first served inside a level.
 *
 * A request takes the register whose holders matter least: the kernel's the highest of these, a user's the lowest.
 * Claims weigh 1, and flexible ones are treated as pinned.
 */
export class PriorityPolicy implements SlotPolicy, Priorities, RunningPolicy, Disposable {
  readonly name = 'priorities';
  readonly #rules: PriorityRules;
  readonly #machine: Machine;
  readonly #ranges: Readonly<Record<SlotClass, RegisterRange>>;
  readonly #slots: readonly PrioritySlot[];
  /** Those that have no register, in the order of their rank. */
  readonly #waiting: PriorityRequest[] = [];
  /** Wide requests, by what their claims have in common; one for each range of registers. */
  readonly #wide = new Map<object, PriorityRequest[]>();
  /** Where only users count that run. */
  readonly #users: TaskUsers | undefined;
  #running: RunningUsers | undefined;
  #size = 0;
  #orders = 0;
  /**
   * What the last reserve did, while nothing has happened since: its claim may turn out to be invalid. Of a wide
   * request all that its claims did, the latest at the end: a CPU may refuse it when others have not.
   */
  #last: readonly PriorityDecision[] = FINAL;

  constructor({ manifest, machine }: SlotHost, rules: PriorityRules) {
    this.#rules = rules;
    this.#machine = machine;
    this.#users = rules.users === 'running' ? new TaskUsers() : undefined;
    const data = registersOf(manifest, 'data');
    this.#ranges = { data, instruction: manifest.slots.shared ? data : registersOf(manifest, 'instruction') };
    const registers = Math.max(this.#ranges.data.end, this.#ranges.instruction.end);
    this.#slots = Array.from({ length: registers }, () => new PrioritySlot(rules.counts));
  }

  users(register: number): SlotUsers {
    const slot = this.#slots[register];
    if (slot === undefined) throw new TypeError(`register is one of 0 to ${this.#slots.length - 1}, got ${register}`);
    const { counts, effective } = slot.counts;
    return { counts: new Map(counts), effective: effective === NO_USERS ? undefined : effective };
  }

  levelOf(owner: string, priority = 0): number {
    return Object.hasOwn(this.#rules.owners, owner) ? (this.#rules.owners[owner] as number) : priority;
  }

  reserve(claim: SlotClaim): Admission {
    const range = this.#ranges[claim.slotClass];
    const refusal = this.#refusal(claim, range);
    if (refusal !== undefined) return refusal;
    const decision = new PriorityDecision(claim);
    this.#enter(claim, range, ++this.#orders, decision);
    this.#size++;
    this.#settle(decision);
    const { wide } = claim;
    this.#last = wide !== undefined && this.#last.at(-1)?.claim?.wide === wide ? [...this.#last, decision] : [decision];
    return answer(claim, decision);
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    const request = requestOf(claim);
    const range = this.#ranges[slotClass];
    this.#last = FINAL;
    if (range === this.#ranges[claim.slotClass]) {
      claim.slotClass = slotClass;
      return request.register === WAITS ? WAITING : GRANTED;
    }
    const refusal = request.register === WAITS ? undefined : this.#refusal(claim, range);
    if (refusal !== undefined) return refusal;
    const decision = new PriorityDecision(claim);
    this.#leave(claim, decision);
    claim.slotClass = slotClass;
    this.#enter(claim, range, request.order, decision);
    this.#settle(decision);
    return answer(claim, decision);
  }

  release(claim: SlotClaim): PlacementChanges {
    const last = this.#last.at(-1);
    this.#size--;
    if (last?.claim === claim) {
      this.#last = this.#last.slice(0, -1);
      return this.#undo(last, claim);
    }
    this.#last = FINAL;
    const decision = new PriorityDecision(claim);
    this.#leave(claim, decision);
    this.#settle(decision);
    return decision.before.size === 0 ? UNCHANGED : decision.changes;
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    const { register } = requestOf(claim);
    return register !== WAITS && occupied[register] === undefined ? register : -1;
  }

  get isUsed(): boolean {
    return this.#size > 0;
  }

  follow(apply: (changes: PlacementChanges) => void): void {
    if (this.#users !== undefined) this.#running = new RunningUsers(this.#machine, this, apply);
  }

  arrive(task: Task): PlacementChanges {
    return this.#turn(task, true);
  }

  depart(task: Task): PlacementChanges {
    return this.#turn(task, false);
  }

  [Symbol.dispose](): void {
    this.#running?.[Symbol.dispose]();
  }

  save(numberOf: (claim: SlotClaim) => number): ImageValue {
    // Whatever is written down has proved to be valid.
    this.#last = [];
    return savePriorities({ orders: this.#orders, slots: this.#slots, waiting: this.#waiting }, numberOf);
  }

  restore(from: ImageReader, claimOf: (number: ImageReader) => SlotClaim): void {
    const { orders, assigned, waiting, effective } = loadPriorities(from, this.#slots.length, claimOf);
    const decision = new PriorityDecision(undefined);
    for (const request of [...assigned.keys(), ...waiting]) {
      if (request.register !== WAITS) this.#assign(request, WAITS, decision);
    }
    this.#users?.look([...assigned.keys(), ...waiting]);
    for (const [request, register] of assigned) this.#assign(request, register, decision);
    this.#waiting.splice(0, this.#waiting.length, ...waiting);
    for (const [register, level] of effective.entries()) this.#slots[register]?.counts.restore(level);
    this.#orders = orders;
    this.#last = [];
  }

  /** The users of a task count from now on, or do not. One that comes takes what it had, or has to wait. */
  #turn(task: Task, present: boolean): PlacementChanges {
    const own = this.#users?.of(task) ?? [];
    if (own.length === 0) return UNCHANGED;
    this.#last = FINAL;
    const decision = new PriorityDecision(undefined);
    const had = own.map((request) => ({ request, register: request.register }));
    for (const { request } of had) if (request.register !== WAITS) this.#assign(request, WAITS, decision);
    for (const { request } of had) request.present = present;
    for (const { request, register } of had) {
      if (register === WAITS) continue;
      if (!present || this.#price(request, register) < request.level) this.#take(request, register, decision);
      else this.#wait(request);
    }
    this.#settle(decision);
    return decision.changes;
  }

  // --- requests and their claims ---

  /** Makes the claim part of its request, which waits if that is new, or does not fit as it is now. */
  #enter(claim: SlotClaim, range: RegisterRange, order: number, decision: PriorityDecision): void {
    const known = this.#wideOf(claim, range);
    const request = known ?? new PriorityRequest(claim, this.levelOf(claim.owner, claim.priority), order, range);
    request.claims.push(claim);
    claim.account = request;
    if (known === undefined) {
      this.#users?.add(request);
      if (claim.wide !== undefined) this.#wide.set(claim.wide, [...(this.#wide.get(claim.wide) ?? []), request]);
      this.#wait(request);
    } else if (request.register !== WAITS) {
      const { register } = request;
      this.#assign(request, WAITS, decision);
      if (this.#price(request, register) < request.level) this.#take(request, register, decision);
      else this.#wait(request);
    }
  }

  #leave(claim: SlotClaim, decision: PriorityDecision): void {
    const request = requestOf(claim);
    request.claims.splice(request.claims.indexOf(claim), 1);
    claim.account = undefined;
    if (request.claims.length > 0) return;
    this.#users?.remove(request);
    if (request.register === WAITS) this.#waiting.splice(this.#waiting.indexOf(request), 1);
    else this.#assign(request, WAITS, decision);
    const { wide } = claim;
    if (wide === undefined) return;
    const others = (this.#wide.get(wide) ?? []).filter((other) => other !== request);
    if (others.length === 0) this.#wide.delete(wide);
    else this.#wide.set(wide, others);
  }

  #wideOf({ wide }: SlotClaim, range: RegisterRange): PriorityRequest | undefined {
    return wide === undefined ? undefined : this.#wide.get(wide)?.find((request) => request.range === range);
  }

  // --- who is where ---

  #wait(request: PriorityRequest): void {
    const at = this.#waiting.findIndex((other) => request.ranksBefore(other));
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, request);
  }

  /**
   * Gives everybody who waits what can be had now. Whoever is displaced ranks behind the one who takes its register, so
   * that its turn is still to come.
   */
  #settle(decision: PriorityDecision): void {
    for (let at = 0; at < this.#waiting.length; ) {
      const request = this.#waiting[at] as PriorityRequest;
      // Whoever does not run is decided about when it does, but for a request that is new.
      const isAsked = request.present || request.claims.some((claim) => claim === decision.claim);
      const register = isAsked ? this.#best(request) : WAITS;
      if (register === WAITS) {
        at++;
        continue;
      }
      this.#waiting.splice(at, 1);
      this.#take(request, register, decision);
    }
  }

  #take(request: PriorityRequest, register: number, decision: PriorityDecision): void {
    const rivals = (this.#slots[register] as PrioritySlot).rivalsOf(request);
    // First: where a user displaces another one, the register is never without users.
    this.#assign(request, register, decision);
    for (const rival of rivals) {
      this.#assign(rival, WAITS, decision);
      this.#wait(rival);
    }
  }

  #assign(request: PriorityRequest, register: number, { before, effective }: PriorityDecision): void {
    const { register: from } = request;
    if (!before.has(request)) before.set(request, from);
    for (const one of [from, register]) {
      if (one !== WAITS && !effective.has(one)) effective.set(one, (this.#slots[one] as PrioritySlot).counts.effective);
    }
    this.#slots[from]?.leave(request);
    request.register = register;
    this.#slots[register]?.enter(request);
  }

  #price(request: PriorityRequest, register: number): number {
    return (this.#slots[register] as PrioritySlot).priceFor(request);
  }

  /** The register that costs least, or {@link WAITS}: users look from the bottom up, the kernel from the top down. */
  #best(request: PriorityRequest): number {
    const { first, end } = request.range;
    let best = WAITS;
    let least = request.level;
    for (let i = 0; i < end - first; i++) {
      const register = request.task === undefined ? end - 1 - i : first + i;
      const price = this.#price(request, register);
      if (price >= least) continue;
      best = register;
      least = price;
    }
    return best;
  }

  // --- refusals, and what came to nothing ---

  /** Why a claim that cannot wait gets no register. Nothing is changed. */
  #refusal(claim: SlotClaim, range: RegisterRange): Refused | undefined {
    if (claim.waits !== false) return undefined;
    const level = this.levelOf(claim.owner, claim.priority);
    const request = new PriorityRequest(claim, level, 0, range);
    const own = this.#wideOf(claim, range);
    request.claims.push(...(own?.claims ?? []), claim);
    const best = this.#withoutOwn(own, () => this.#best(request));
    if (best !== WAITS) return undefined;
    const limit = range.end - range.first;
    const rivals = this.#slots.slice(range.first, range.end).flatMap((slot) => slot.rivalsOf(request));
    const holders = rivals.filter((rival) => rival !== own).flatMap(({ claims }) => claims);
    const reason = `no register of ${limit} has only holders of a priority below its own ${level}`;
    return { outcome: 'refused', used: limit, limit, holders, reason };
  }

  /** Looks at the registers as if a request were in none. */
  #withoutOwn<T>(own: PriorityRequest | undefined, look: () => T): T {
    if (own === undefined || own.register === WAITS) return look();
    const slot = this.#slots[own.register] as PrioritySlot;
    slot.leave(own);
    try {
      return look();
    } finally {
      slot.enter(own);
    }
  }

  /** Everybody back to where they were, as if the claim had never been. */
  #undo(last: PriorityDecision, claim: SlotClaim): PlacementChanges {
    const decision = new PriorityDecision(claim);
    for (const request of last.before.keys()) {
      if (request.register === WAITS) this.#waiting.splice(this.#waiting.indexOf(request), 1);
      else this.#assign(request, WAITS, decision);
    }
    for (const [request, register] of last.before) {
      if (register === WAITS) this.#wait(request);
      else this.#assign(request, register, decision);
    }
    this.#leave(claim, decision);
    for (const [register, effective] of last.effective) this.#slots[register]?.counts.restore(effective);
    return decision.changes;
  }
}

function answer(claim: SlotClaim, decision: PriorityDecision): Admission {
  const { outcome } = requestOf(claim).register === WAITS ? WAITING : GRANTED;
  return { outcome, ...decision.changes };
}
