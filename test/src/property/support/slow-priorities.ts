import assert from 'node:assert/strict';
import {
  type Admission,
  type PlacementChanges,
  PriorityPolicy,
  type PriorityRules,
  registersOf,
  type SlotClaim,
  type SlotClass,
  type SlotHost,
  type SlotPolicy,
} from '@hwbp/core';

/** A request of the model: one claim, or those of a wide one. */
interface Asked {
  readonly claims: readonly SlotClaim[];
  readonly slotClass: SlotClass;
  readonly order: number;
  /** -1: it waits. */
  readonly register: number;
}

/** All that the model knows: a value, so that going back is nothing more than the one before. */
interface State {
  readonly asked: readonly Asked[];
  /** The highest priority that the users of each register have had. */
  readonly maxima: readonly number[];
}

/**
 * The priorities of 2007 written down as they are said, with nothing counted: every question is answered by walking all
 * claims.
 */
class SlowPriorities {
  state: State;
  readonly #host: SlotHost;
  readonly #rules: PriorityRules;
  #orders = 0;
  #before: { readonly claim: SlotClaim; readonly state: State } | undefined;

  constructor(host: SlotHost, rules: PriorityRules) {
    this.#host = host;
    this.#rules = rules;
    const { slots } = host.manifest;
    const maxima = new Array(slots.shared ? slots.data : slots.data + slots.instruction).fill(-Infinity);
    this.state = { asked: [], maxima };
  }

  registerOf(claim: SlotClaim): number {
    return this.#of(claim)?.register ?? -1;
  }

  /** False: it is refused. */
  reserve(claim: SlotClaim): boolean {
    const before = this.state;
    this.#join(claim, claim.slotClass, ++this.#orders);
    if (claim.waits === false && this.registerOf(claim) < 0) {
      this.state = before;
      return false;
    }
    this.#before = { claim, state: before };
    return true;
  }

  change(claim: SlotClaim, slotClass: SlotClass): boolean {
    this.#before = undefined;
    const before = this.state;
    const own = this.#of(claim);
    if (own === undefined) return false;
    if (this.#host.manifest.slots.shared) return true;
    if (own.slotClass === slotClass) return true;
    this.#drop(claim);
    this.#join(claim, slotClass, own.order);
    if (claim.waits !== false || own.register < 0 || this.registerOf(claim) >= 0) return true;
    this.state = before;
    return false;
  }

  release(claim: SlotClaim): void {
    const before = this.#before;
    this.#before = undefined;
    if (before?.claim === claim) {
      this.state = before.state;
      return;
    }
    this.#drop(claim);
    this.#settle();
  }

  #of(claim: SlotClaim): Asked | undefined {
    return this.state.asked.find(({ claims }) => claims.includes(claim));
  }

  #level({ claims }: Asked): number {
    const [claim] = claims;
    return claim === undefined ? 0 : (this.#rules.owners[claim.owner] ?? claim.priority);
  }

  #classOf(slotClass: SlotClass): SlotClass {
    return this.#host.manifest.slots.shared ? 'data' : slotClass;
  }

  #set(asked: readonly Asked[]): void {
    const maxima = this.state.maxima.map((maximum, register) => {
      const levels = asked.filter((one) => one.register === register && isUser(one)).map((one) => this.#level(one));
      return levels.length === 0 ? -Infinity : Math.max(maximum, ...levels);
    });
    this.state = { asked, maxima };
  }

  #join(claim: SlotClaim, wanted: SlotClass, order: number): void {
    const slotClass = this.#classOf(wanted);
    const { asked } = this.state;
    const known = asked.find(
      (one) => claim.wide !== undefined && one.slotClass === slotClass && one.claims[0]?.wide === claim.wide,
    );
    if (known === undefined) {
      this.#set([...asked, { claims: [claim], slotClass, order, register: -1 }]);
    } else {
      const rest = asked.filter((one) => one !== known);
      const grown = { ...known, claims: [...known.claims, claim] };
      const waits = { ...grown, register: -1 };
      this.#set([...rest, waits]);
      if (known.register >= 0 && this.#price(waits, known.register) < this.#level(waits))
        this.#put(waits, known.register);
    }
    this.#settle();
  }

  #drop(claim: SlotClaim): void {
    const own = this.#of(claim);
    const rest = this.state.asked.filter((one) => one !== own);
    if (own === undefined) return;
    const claims = own.claims.filter((one) => one !== claim);
    this.#set(claims.length === 0 ? rest : [...rest, { ...own, claims }]);
  }

  #settle(): void {
    for (;;) {
      const next = this.state.asked
        .filter(({ register }) => register < 0)
        .sort((a, b) => this.#level(b) - this.#level(a) || a.order - b.order)
        .map((one) => ({ one, register: this.#best(one) }))
        .find(({ register }) => register !== undefined);
      if (next?.register === undefined) return;
      this.#put(next.one, next.register);
    }
  }

  #put(one: Asked, register: number): void {
    const displaced = this.state.asked.filter((other) => other.register === register && meet(one, other));
    const rest = this.state.asked.filter((other) => other !== one && !displaced.includes(other));
    this.#set([...rest, ...displaced.map((other) => ({ ...other, register: -1 })), { ...one, register }]);
  }

  #best(one: Asked): number | undefined {
    const { first, end } = registersOf(this.#host.manifest, one.slotClass);
    const upwards = Array.from({ length: end - first }, (_, i) => first + i);
    const prices = (isUser(one) ? upwards : upwards.reverse()).map((register) => ({
      register,
      price: this.#price(one, register),
    }));
    const cheapest = Math.min(...prices.map(({ price }) => price));
    return cheapest < this.#level(one) ? prices.find(({ price }) => price === cheapest)?.register : undefined;
  }

  #price(one: Asked, register: number): number {
    const there = this.state.asked.filter((other) => other.register === register && meet(one, other));
    const levels = there.map((other) => this.#level(other));
    const remembered =
      this.#rules.counts === 'maximum' && !isUser(one) ? (this.state.maxima[register] ?? 0) : -Infinity;
    return Math.max(-Infinity, remembered, ...levels);
  }
}

function isUser({ claims: [claim] }: Asked): boolean {
  return claim?.task !== undefined;
}

/** True if they cannot be in one register. */
function meet(a: Asked, b: Asked): boolean {
  if (isUser(a) !== isUser(b)) return true;
  if (a.claims[0]?.task !== b.claims[0]?.task) return false;
  return a.claims.some((x) => b.claims.some((y) => x.cpu < 0 || y.cpu < 0 || x.cpu === y.cpu));
}

/** Core's policy beside the model: they must agree about everybody, each time. */
export class ComparedPriorities implements SlotPolicy {
  readonly name = 'compared';
  readonly #fast: PriorityPolicy;
  readonly #slow: SlowPriorities;
  readonly #claims = new Set<SlotClaim>();
  readonly #registers: number;

  constructor(host: SlotHost, rules: PriorityRules, fast = new PriorityPolicy(host, rules)) {
    this.#fast = fast;
    this.#slow = new SlowPriorities(host, rules);
    this.#registers = this.#slow.state.maxima.length;
  }

  reserve(claim: SlotClaim): Admission {
    return this.#decide(claim, () => {
      const accepted = this.#slow.reserve(claim);
      const admission = this.#fast.reserve(claim);
      assert.equal(admission.outcome !== 'refused', accepted, `a claim of priority ${claim.priority}`);
      if (admission.outcome !== 'refused') this.#claims.add(claim);
      return admission;
    });
  }

  change(claim: SlotClaim, slotClass: SlotClass): Admission {
    return this.#decide(claim, () => {
      const granted = this.#slow.change(claim, slotClass);
      const admission = this.#fast.change(claim, slotClass);
      assert.equal(admission.outcome !== 'refused', granted, 'a change of class');
      return admission;
    });
  }

  release(claim: SlotClaim): PlacementChanges {
    return this.#decide(claim, () => {
      this.#claims.delete(claim);
      this.#slow.release(claim);
      return this.#fast.release(claim);
    });
  }

  place(claim: SlotClaim, occupied: readonly unknown[]): number {
    return this.#fast.place(claim, occupied);
  }

  get isUsed(): boolean {
    assert.equal(this.#fast.isUsed, this.#claims.size > 0);
    return this.#fast.isUsed;
  }

  /** Counts are exact, the model's register is everybody's, and the answer says who has lost and got one. */
  #decide<T extends Admission | PlacementChanges>(claim: SlotClaim, decide: () => T): T {
    const before = new Map([...this.#claims].map((one) => [one, this.#slow.registerOf(one)]));
    const answer = decide();
    const free: readonly unknown[] = new Array(this.#registers).fill(undefined);
    const changed: { displaced: SlotClaim[]; granted: SlotClaim[] } = { displaced: [], granted: [] };
    for (const one of this.#claims) {
      const register = this.#slow.registerOf(one);
      assert.equal(this.#fast.place(one, free), register, `register of ${one.owner}`);
      const from = before.get(one) ?? -1;
      if (one === claim || from === register) continue;
      if (from >= 0) changed.displaced.push(one);
      if (register >= 0) changed.granted.push(one);
    }
    const { displaced = [], granted = [] } = answer as PlacementChanges;
    assert.deepEqual(new Set(displaced), new Set(changed.displaced), 'who is displaced');
    assert.deepEqual(new Set(granted), new Set(changed.granted), 'who is granted');
    assert.deepEqual([displaced.length, granted.length], [changed.displaced.length, changed.granted.length], 'once');
    for (let register = 0; register < this.#registers; register++) this.#checkCounts(register);
    return answer;
  }

  #checkCounts(register: number): void {
    const expected = new Map<number, number>();
    for (const claim of this.#claims) {
      if (claim.task === undefined || this.#slow.registerOf(claim) !== register) continue;
      expected.set(claim.priority, (expected.get(claim.priority) ?? 0) + 1);
    }
    const { counts } = this.#fast.users(register);
    assert.deepEqual(new Map([...counts].sort()), new Map([...expected].sort()), `users of register ${register}`);
  }
}
