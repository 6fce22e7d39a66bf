import type { Registration, UninstallReason } from '@hwbp/core';
import type { Interval } from './data.js';
import type { Facts, Names } from './names.js';
import { Ring } from './ring.js';

/** What is, or was, in one register of one CPU. */
interface Stay {
  readonly cpu: number;
  readonly register: number;
  readonly facts: Facts;
  readonly from: number;
  /** -1: it is there still. */
  to: number;
  end: UninstallReason;
  /** Who displaced it. */
  by: string | undefined;
  /** An instruction that has not retired yet may have hit it. */
  hit: boolean;
}

/** Who was in which register: the latest of each, and a ring of what was before. */
export class Stays {
  readonly #registers: number;
  readonly #names: Names;
  readonly #past: Ring<Stay>;
  /** By CPU, then register. The latest stay may go on, so it is not among the past ones yet. */
  readonly #latest: (Stay | undefined)[];
  /** Whose these are. */
  readonly #whose: (Registration | undefined)[];
  /** Up to where something may be missing. */
  #lostTo = 0;

  constructor(cpus: number, registers: number, capacity: number, names: Names) {
    this.#registers = registers;
    this.#names = names;
    this.#past = new Ring(capacity);
    this.#latest = new Array(cpus * registers).fill(undefined);
    this.#whose = new Array(cpus * registers).fill(undefined);
  }

  get lost(): number {
    return this.#past.lost;
  }

  /** Where the latest that was dropped ended. */
  get lostTo(): number {
    return this.#lostTo;
  }

  begin(registration: Registration, count: number): void {
    const { onCpu: cpu, register } = registration;
    const place = this.#placeOf(registration);
    const latest = this.#latest[place];
    const facts = this.#names.of(registration);
    if (latest !== undefined) {
      if (latest.to === count && this.#whose[place] === registration && latest.facts.what === facts.what) {
        latest.to = -1;
        latest.by = undefined;
        return;
      }
      this.#keep(latest);
    }
    this.#whose[place] = registration;
    this.#latest[place] = { cpu, register, facts, from: count, to: -1, end: 'switched', by: undefined, hit: false };
  }

  end(registration: Registration, count: number, why: UninstallReason, by: Registration | undefined): void {
    const stay = this.#latest[this.#placeOf(registration)];
    if (stay === undefined || stay.to >= 0) return;
    stay.to = count;
    stay.end = why;
    stay.by = by === undefined ? undefined : this.#names.asked(by);
  }

  /** One that is in a register was hit. */
  hit(registration: Registration): void {
    const stay = this.#latest[this.#placeOf(registration)];
    if (stay !== undefined) stay.hit = true;
  }

  /** It was only taken out for this: schedulers take out first, and release then. */
  because(registration: Registration, count: number, why: 'released' | 'changed'): void {
    for (let place = 0; place < this.#latest.length; place++) {
      if (this.#whose[place] !== registration) continue;
      const stay = this.#latest[place];
      if (stay?.to === count && stay.end === 'switched') stay.end = why;
      // Nobody comes back from that, and what has gone needs not be kept for it.
      if (why === 'released') this.#whose[place] = undefined;
    }
  }

  /** How many have become past. */
  get total(): number {
    return this.#past.total;
  }

  /** Those that are past behind the first `place` ones, in the order in which they became that. */
  pastSince(place: number): readonly Interval[] {
    return this.#past.since(place).map(intervalOf);
  }

  /** The latest of each register, which may go on. */
  get latest(): readonly Interval[] {
    return this.#latest.filter((stay): stay is Stay => stay !== undefined && !isNone(stay)).map(intervalOf);
  }

  /** By `from`, then CPU, then register. */
  get intervals(): readonly Interval[] {
    const all = [...this.pastSince(0), ...this.latest];
    return all.sort((a, b) => a.from - b.from || a.cpu - b.cpu || a.register - b.register);
  }

  /** Nobody was in any register. */
  clear(): void {
    this.#past.clear();
    this.#lostTo = 0;
    this.#latest.fill(undefined);
    this.#whose.fill(undefined);
  }

  #placeOf({ onCpu, register }: Registration): number {
    return onCpu * this.#registers + register;
  }

  #keep(stay: Stay): void {
    if (isNone(stay)) return;
    const dropped = this.#past.push(stay);
    if (dropped !== undefined && dropped.to > this.#lostTo) this.#lostTo = dropped.to;
  }
}

function isNone({ from, to, hit }: Stay): boolean {
  return from === to && !hit;
}

function intervalOf({ cpu, register, facts, from, to, end, by }: Stay): Interval {
  const { owner, what, task } = facts;
  return {
    cpu,
    register,
    owner,
    what,
    ...(task === undefined ? {} : { task }),
    from,
    ...(to < 0 ? {} : { to, end, ...(by === undefined ? {} : { by }) }),
  };
}
